"""The control plane over a socket: what it tells, what it changes, and whom and what it refuses."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import hashlib
import http.client
import json
import re
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from gonka_mock_node import BlockClock, Chain, MockNetwork, MockNode
from gonka_mock_node.control import _ROUTES, Network, attach
from gonka_mock_node.control import door as door_module
from gonka_mock_node.control import events as events_module
from gonka_mock_node.control.calls import Route
from gonka_mock_node.control.diff import MOST_BYTES, hunks
from gonka_mock_node.control.door import BODY_LIMIT, Door
from gonka_mock_node.control.events import QUEUED, Events
from gonka_mock_node.control.guard import host_is_ours, origin_is_ours
from gonka_mock_node.control.page import POLICY
from gonka_mock_node.faults import CATALOGUE
from tests.mock_node.requester import BODY, Reply, Requester, send

NOW = 1_766_422_712 * 10**9
JSON = {"Content-Type": "application/json"}
OTHER = Requester("x", key=b"\2" * 32)
UNCOMPRESSED = base64.b64encode(OTHER.signing_key.verifying_key.to_string("uncompressed")).decode()
PRIVATE_KEY = "7d" * 32
DOCS = Path(__file__).parents[2] / "docs" / "mock-control.md"


@pytest.fixture
def network() -> Iterator[MockNetwork]:
    """Two nodes whose blocks stand still at NOW."""
    with MockNetwork(2, chain=Chain(clock=BlockClock(lambda: NOW))) as network:
        yield network


def requester(network: MockNetwork, node: int = 0) -> Requester:
    return Requester(network.nodes[node].provider_address)


def ask(network: MockNetwork, node: int = 0, **changed: Any) -> Reply:
    return requester(network, node).ask(network.nodes[node].url, timestamp=NOW + len(network.journal), **changed)


def call(network: MockNetwork, method: str, path: str, payload: Any = None, **headers: str) -> Reply:
    body = None if payload is None else payload if isinstance(payload, bytes) else json.dumps(payload).encode()
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    usual = {} if payload is None else JSON
    return send(network.nodes[0].url, {**usual, **given}, body, method, f"/mock/{path}")


def told(reply: Reply, status: int = 200) -> Any:
    assert reply.status == status, reply.body
    assert reply.headers["content-type"] == "application/json"
    return json.loads(reply.body)


def refused(reply: Reply, status: int, field: str | None = None) -> str:
    """An error of the one shape; its message."""
    value = told(reply, status)
    assert value["field"] == field
    assert "Traceback" not in value["error"]
    return str(value["error"])


class TestState:
    def test_it_tells_what_the_network_is(self, network: MockNetwork) -> None:
        state = told(call(network, "GET", "state"))
        assert state["profile"] == "seed"
        assert [node["url"] for node in state["nodes"]] == [node.url for node in network.nodes]
        assert [node["listening"] for node in state["nodes"]] == [True, True]
        assert state["clock"]["time_ns"] == NOW
        assert state["clock"]["time"] == "2025-12-22T16:58:32.000Z"
        assert state["totals"] == {"accepted": 0, "refused": 0, "fault": 0}
        assert (state["accounts_mode"], state["epoch"], state["outages"]) == ("open", network.chain.epoch, [])

    def test_it_counts(self, network: MockNetwork) -> None:
        ask(network)
        ask(network, Authorization=None)
        assert told(call(network, "GET", "state"))["totals"] == {"accepted": 1, "refused": 1, "fault": 0}

    def test_every_node_tells_the_same(self, network: MockNetwork) -> None:
        one, other = (send(node.url, {}, None, "GET", "/mock/state").body for node in network.nodes)
        assert one == other

    def test_a_node_that_refuses_connections_is_shown(self, network: MockNetwork) -> None:
        network.faults.add("refused", node=2)
        assert [node["listening"] for node in told(call(network, "GET", "state"))["nodes"]] == [True, False]

    def test_reset_forgets_everything(self, network: MockNetwork) -> None:
        ask(network)
        network.faults.add("latency", node=2)
        network.expectations.add()
        told(call(network, "POST", "reset"))
        assert (len(network.journal), len(network.faults), len(network.expectations)) == (0, 0, 0)
        assert not list(network.chain.accounts())
        refused(call(network, "POST", "reset", {"all": True}), 400, "all")

    def test_switched_off_there_is_nothing(self) -> None:
        with MockNode(control=False) as node:
            for path in ("state", "", "reset"):
                assert call(node, "GET", path).status == 404
                assert "field" not in json.loads(call(node, "GET", path).body)


class TestRequests:
    def test_newest_first_with_filters(self, network: MockNetwork) -> None:
        ask(network)
        ask(network, Authorization=None)
        ask(network, 1)

        def numbers(query: str) -> list[int]:
            return [verdict["number"] for verdict in told(call(network, "GET", f"requests{query}"))["requests"]]

        assert numbers("") == [3, 2, 1]
        assert numbers("?order=oldest") == [1, 2, 3]
        assert numbers("?verdict=refused") == numbers("?rule=authorization") == numbers("?status=401") == [2]
        assert numbers("?mistake=authorization-missing") == [2]
        assert numbers("?node=2") == numbers(f"?node={network.nodes[1].provider_address}") == [3]
        assert numbers("?since=1&limit=1") == [3]
        assert numbers("?route=/v1/*&stream=false&model=test") == [3, 2, 1]
        assert numbers("?stream=true") == numbers("?requester=gonka1x") == []

    def test_the_total_counts_beyond_the_limit(self, network: MockNetwork) -> None:
        ask(network)
        ask(network)
        assert told(call(network, "GET", "requests?limit=1"))["total"] == 2
        assert told(call(network, "GET", "requests?limit=0")) == {"total": 2, "requests": []}

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("limit=1001", "limit"),
            ("limit=-1", "limit"),
            ("since=x", "since"),
            ("order=sideways", "order"),
            ("verdict=maybe", "verdict"),
            ("status=ok", "status"),
            ("stream=1", "stream"),
            ("node=9", "node"),
            ("rules=json", "rules"),
            ("rule=a&rule=b", "rule"),
        ],
    )
    def test_a_query_that_cannot_be(self, network: MockNetwork, query: str, field: str) -> None:
        refused(call(network, "GET", f"requests?{query}"), 400, field)

    def test_an_accepted_one_looked_at_closely(self, network: MockNetwork) -> None:
        ask(network)
        detail = told(call(network, "GET", "requests/1"))
        message = detail["expected"]["message_utf8"].encode()
        assert hashlib.sha256(message).hexdigest() == detail["expected"]["digest"] == detail["digest"]
        assert message == BODY + str(NOW).encode() + network.nodes[0].provider_address.encode()
        assert detail["body"] == {"body_utf8": BODY.decode(), "bytes": len(BODY), "truncated": False}
        assert (detail["signed"], detail["diff"], detail["diagnosis"]) == (None, None, None)
        assert detail["fields"]["payload"] == ["model", "messages"]
        assert {"name": "timestamp as read (ns)", "value": str(NOW)} in detail["values"]

    @pytest.mark.parametrize("profile", ["seed", "v0.2.13"])
    def test_a_refused_one_shows_what_was_signed_instead(self, profile: str) -> None:
        with MockNode(profile=profile) as node:
            other = "hash" if node.profile.scheme == "raw" else "raw"
            Requester(node.provider_address, other).ask(node.url)
            detail = told(call(node, "GET", "requests/1"))
        signed = detail["signed"]["message_utf8"]
        expected = detail["expected"]["message_utf8"]
        hashed = hashlib.sha256(BODY).hexdigest()
        assert {signed.removesuffix(expected[-63:]), expected.removesuffix(signed[-63:])} == {BODY.decode(), hashed}
        assert hashlib.sha256(expected.encode()).hexdigest() == detail["digest"]
        assert {"expected", "signed", "same"} <= {hunk["kind"] for hunk in detail["diff"]}
        assert detail["diagnosis"]["mistakes"] == ["other-scheme"]

    def test_looking_leaves_the_memory_of_the_node_alone(self, network: MockNetwork) -> None:
        ask(network, Authorization=base64.b64encode(bytes(range(1, 65))).decode())
        before = dict(network.nodes[0].diagnoser._memory)
        network.nodes[0].diagnoser._memory.clear()
        told(call(network, "GET", "requests/1"))
        assert before
        assert not network.nodes[0].diagnoser._memory

    def test_long_and_binary_bodies_are_cut(self, network: MockNetwork) -> None:
        ask(network, body=b"a" + "é".encode() * 40_000)
        ask(network, body=b"\xff" * 70_000)
        text, binary = (told(call(network, "GET", f"requests/{number}"))["body"] for number in (1, 2))
        assert (text["bytes"], text["truncated"]) == (80_001, True)
        assert text["body_utf8"] == "a" + "é" * 32_767
        assert base64.b64decode(binary["body_base64"]) == b"\xff" * 65_536

    def test_a_gateway_expects_no_message(self) -> None:
        with MockNode(profile="gateway") as node:
            send(node.url, {"Authorization": "Bearer key"}, BODY)
            detail = told(call(node, "GET", "requests/1"))
        assert (detail["expected"], detail["diff"]) == (None, None)

    @pytest.mark.parametrize("number", ["2", "0", "x", "1e3", "9" * 30, "%31%32"])
    def test_one_that_is_not_kept(self, network: MockNetwork, number: str) -> None:
        ask(network)
        refused(call(network, "GET", f"requests/{number}"), 404, "number")

    def test_clearing(self, network: MockNetwork) -> None:
        ask(network)
        assert told(call(network, "DELETE", "requests")) == {"removed": 1}
        assert told(call(network, "GET", "requests"))["total"] == 0
        refused(call(network, "GET", "requests/1"), 404, "number")


class TestAccounts:
    def key(self) -> bytes:
        return Requester("x").public_key

    def test_by_public_key_in_either_spelling(self, network: MockNetwork) -> None:
        text = base64.b64encode(self.key()).decode()
        made = told(call(network, "POST", "accounts", {"public_key": text, "balance": 5}), 201)
        assert made == {"address": Requester("x").address, "public_key": text, "balance": 5}
        again = told(call(network, "POST", "accounts", {"public_key": self.key().hex()}))
        assert (again["address"], again["balance"]) == (made["address"], network.chain.default_balance)
        assert told(call(network, "GET", "accounts")) == {"accounts": [again]}

    def test_without_a_published_key(self, network: MockNetwork) -> None:
        address = Requester("x").address
        told(call(network, "POST", "accounts", {"address": address, "public_key": None, "balance": 1}), 201)
        assert ask(network).status == 500
        text = base64.b64encode(self.key()).decode()
        told(call(network, "PATCH", f"accounts/{address}", {"public_key": text, "balance": 10**9}))
        assert ask(network).status == 200

    def test_a_balance_decides(self, network: MockNetwork) -> None:
        ask(network)
        address = Requester("x").address
        told(call(network, "PATCH", f"accounts/{address}", {"balance": 0}))
        assert ask(network).status == 402
        assert network.chain.account(address).public_key == self.key()  # type: ignore[union-attr]

    def test_removing(self, network: MockNetwork) -> None:
        ask(network)
        address = Requester("x").address
        assert told(call(network, "DELETE", f"accounts/{address}")) == {"removed": 1}
        refused(call(network, "DELETE", f"accounts/{address}"), 404, "address")
        refused(call(network, "PATCH", f"accounts/{address}", {"balance": 1}), 404, "address")

    @pytest.mark.parametrize(
        ("payload", "field"),
        [
            ({}, None),
            ({"public_key": "AAAA"}, "public_key"),
            ({"public_key": UNCOMPRESSED}, "public_key"),
            ({"public_key": "02" + "00" * 32}, "public_key"),
            ({"public_key": "zz" * 33}, "public_key"),
            ({"public_key": 5}, "public_key"),
            ({"address": "gonka1nobody"}, "address"),
            ({"address": Requester("x").address, "balance": -1}, "balance"),
            ({"address": Requester("x").address, "balance": True}, "balance"),
            ({"address": Requester("x").address, "name": "n"}, "name"),
            (
                {"address": OTHER.address, "public_key": Requester("x").public_key.hex()},
                "address",
            ),
        ],
    )
    def test_what_cannot_be(self, network: MockNetwork, payload: Any, field: str | None) -> None:
        refused(call(network, "POST", "accounts", payload), 400, field)
        assert not list(network.chain.accounts())

    @pytest.mark.parametrize("secret", [PRIVATE_KEY, "0x" + PRIVATE_KEY, f" {PRIVATE_KEY.upper()}\n"])
    def test_a_private_key_is_refused_and_not_repeated(self, network: MockNetwork, secret: str) -> None:
        address = Requester("x").address
        replies = [
            call(network, "POST", "accounts", {"public_key": secret}),
            call(network, "POST", "accounts", {"private_key": secret, "address": address}),
            call(network, "POST", "accounts", {secret.strip(): 1}),
            call(network, "PATCH", f"accounts/{PRIVATE_KEY}", {"balance": 1}),
            call(network, "DELETE", f"accounts/{PRIVATE_KEY}"),
        ]
        for reply in replies:
            assert reply.status in (400, 404)
            assert PRIVATE_KEY not in reply.body.decode().lower()
        assert "the mock never needs" in json.loads(replies[0].body)["error"]


class TestFaults:
    def test_added_met_counted_removed(self, network: MockNetwork) -> None:
        made = told(call(network, "POST", "faults", {"name": "status", "code": 503, "times": 1}), 201)
        assert made["name"] == "status"
        assert made["strikes"] == 0
        assert [ask(network).status, ask(network).status] == [503, 200]
        (active,) = told(call(network, "GET", "faults"))["faults"]
        assert active == {**made, "strikes": 1}
        assert told(call(network, "DELETE", f"faults/{made['id']}")) == {"removed": 1}
        refused(call(network, "DELETE", f"faults/{made['id']}"), 404, "id")

    def test_all_at_once(self, network: MockNetwork) -> None:
        network.faults.add("latency")
        network.faults.add("latency")
        assert told(call(network, "DELETE", "faults")) == {"removed": 2}
        assert told(call(network, "GET", "faults")) == {"faults": []}

    def test_the_catalogue_is_complete_and_says_what_a_form_needs(self, network: MockNetwork) -> None:
        effects = told(call(network, "GET", "faults/catalogue"))["faults"]
        assert {effect["name"] for effect in effects} == set(CATALOGUE)
        for effect in effects:
            for parameter in effect["parameters"]:
                assert parameter["type"] in {"integer", "number", "text", "flag"}
                assert parameter["summary"]

    @pytest.mark.parametrize(
        ("payload", "field"),
        [({"name": "latenci"}, "name"), ({}, "name"), ({"name": "latency", "seconds": "x"}, "seconds")],
    )
    def test_what_cannot_be(self, network: MockNetwork, payload: Any, field: str) -> None:
        refused(call(network, "POST", "faults", payload), 400, field)

    def test_the_last_port_stays_open(self, network: MockNetwork) -> None:
        told(call(network, "POST", "faults", {"name": "refused", "node": 2}), 201)
        refused(call(network, "POST", "faults", {"name": "refused"}), 409, "node")
        assert [fault.match.node for fault in network.faults] == [2]
        assert ask(network).status == 200


class TestClock:
    def test_freeze_thaw_advance_lag_jump(self, network: MockNetwork) -> None:
        def moved(**change: Any) -> Any:
            return told(call(network, "POST", "clock", change))

        assert moved(freeze=True)["stopped"] is True
        assert moved(freeze=NOW - 5)["time_ns"] == NOW - 5
        assert moved(thaw=True)["time_ns"] == NOW
        assert moved(lag_s=2.5)["time_ns"] == NOW - 2_500_000_000
        assert moved(lag_s=0)["lag_s"] == 0
        assert moved(advance_s=-10)["time_ns"] == NOW - 10 * 10**9
        before = told(call(network, "GET", "clock"))["height"]
        assert moved(jump_s=50)["height"] > before

    def test_a_request_meets_it(self, network: MockNetwork) -> None:
        told(call(network, "POST", "clock", {"advance_s": 61}))
        assert ask(network).error == "signature is too old"

    @pytest.mark.parametrize(
        ("payload", "field"),
        [
            ({}, None),
            ({"freeze": True, "thaw": True}, None),
            ({"freeze": False}, "freeze"),
            ({"freeze": 0}, "freeze"),
            ({"freeze": 2**63}, "freeze"),
            ({"thaw": False}, "thaw"),
            ({"advance_s": "1"}, "advance_s"),
            ({"advance_s": 1e10}, "advance_s"),
            ({"jump_s": -1}, "jump_s"),
            ({"lag": 1}, "lag"),
        ],
    )
    def test_what_cannot_be(self, network: MockNetwork, payload: Any, field: str | None) -> None:
        refused(call(network, "POST", "clock", payload), 400, field)
        assert told(call(network, "GET", "clock"))["time_ns"] == NOW


class TestParams:
    def test_each_can_be_changed_and_the_others_stay(self, network: MockNetwork) -> None:
        usual = told(call(network, "GET", "params"))
        address = Requester("x").address
        changes = {
            "timestamp_expiration_s": 5,
            "timestamp_advance_s": 6,
            "allowed_transfer_addresses": [address],
            "developer_gate_until": 7,
            "allowed_developers": [address],
            "outages": ["price"],
            "price": 8,
        }
        assert usual.keys() == changes.keys()
        for name, value in changes.items():
            usual[name] = value
            assert told(call(network, "PATCH", "params", {name: value})) == usual
        assert network.chain.outages == {"price"}

    def test_an_empty_list_ends_it(self, network: MockNetwork) -> None:
        told(call(network, "PATCH", "params", {"allowed_transfer_addresses": [Requester("x").address]}))
        assert ask(network).status == 403
        told(call(network, "PATCH", "params", {"allowed_transfer_addresses": []}))
        assert ask(network).status == 200

    @pytest.mark.parametrize(
        ("payload", "field"),
        [
            ({"timestamp_expiration_s": -1}, "timestamp_expiration_s"),
            ({"allowed_developers": ["nobody"]}, "allowed_developers"),
            ({"allowed_developers": "gonka1"}, "allowed_developers"),
            ({"outages": ["sun"]}, "outages"),
            ({"outages": [1]}, "outages"),
            ({"price": 1.5}, "price"),
            ({"prize": 1}, "prize"),
        ],
    )
    def test_what_cannot_be_changes_nothing(self, network: MockNetwork, payload: Any, field: str) -> None:
        before = call(network, "GET", "params").body
        refused(call(network, "PATCH", "params", {"price": 77, **payload}), 400, field)
        assert call(network, "GET", "params").body == before

    def test_the_next_epoch(self, network: MockNetwork) -> None:
        epoch = network.chain.epoch
        assert told(call(network, "POST", "epoch", {"next": True}))["epoch"] == epoch + 1 == network.chain.epoch
        refused(call(network, "POST", "epoch", {"next": False}), 400, "next")
        refused(call(network, "POST", "epoch"), 400)


class TestExpectations:
    def test_set_listed_verified_cleared(self, network: MockNetwork) -> None:
        ask(network)
        made = told(call(network, "POST", "expectations", {"verdict": "accepted", "node": 1, "times": 2}), 201)
        assert (made["since"], made["node"]) == (1, network.nodes[0].url)
        ask(network)
        unmet = told(call(network, "GET", "expectations/verify"), 409)
        assert unmet["met"] is False
        assert "exactly 2 of requests with verdict accepted" in unmet["error"]
        assert unmet["unmet"][0]["matched"] == 1
        ask(network)
        assert told(call(network, "GET", "expectations/verify")) == {"met": True, "expectations": 1, "unmet": []}
        (listed,) = told(call(network, "GET", "expectations"))["expectations"]
        assert listed == {**made, "matched": 2, "forgotten": 0, "met": True}
        assert told(call(network, "DELETE", "expectations")) == {"removed": 1}

    def test_none_is_met(self, network: MockNetwork) -> None:
        assert told(call(network, "GET", "expectations/verify"))["met"] is True

    @pytest.mark.parametrize(
        ("payload", "field"),
        [({"verdict": "no"}, "verdict"), ({"node": 3}, "node"), ({"since": 1}, "since"), ({"self": 1}, "self")],
    )
    def test_what_cannot_be(self, network: MockNetwork, payload: Any, field: str) -> None:
        refused(call(network, "POST", "expectations", payload), 400, field)


class TestDoor:
    @pytest.mark.parametrize(
        ("host", "ours"),
        [
            ("localhost:1", True),
            ("LOCALHOST", True),
            ("127.0.0.1:8000", True),
            ("127.9.9.9", True),
            ("[::1]:80", True),
            ("10.0.0.5:80", True),
            ("10.0.0.6:80", False),
            ("example.com", False),
            ("localhost.example.com", False),
            ("127.0.0.1.example.com:80", False),
            ("user@127.0.0.1", False),
            ("127.0.0.1/x", False),
            ("127.0.0.1:x", False),
            ("[::1", False),
            ("", False),
        ],
    )
    def test_hosts(self, host: str, ours: bool) -> None:
        assert host_is_ours(host, ("10.0.0.5",)) is ours

    @given(st.text(max_size=30))
    def test_any_host_gets_an_answer(self, host: str) -> None:
        assert host_is_ours(host, ()) in (True, False)

    def test_origins(self) -> None:
        assert origin_is_ours(None, "127.0.0.1:80")
        assert origin_is_ours("http://127.0.0.1:80", "127.0.0.1:80")
        for origin in ("null", "http://127.0.0.1:81", "https://127.0.0.1:80", "http://example.com", ""):
            assert not origin_is_ours(origin, "127.0.0.1:80")

    def test_another_host_is_refused_even_for_reading(self, network: MockNetwork) -> None:
        for path in ("state", "", "events", "requests"):
            refused(call(network, "GET", path, Host="rebound.example.com"), 403)
        assert call(network, "GET", "state", Host="localhost:1").status == 200

    def test_another_origin_may_not_write(self, network: MockNetwork) -> None:
        network.faults.add("latency", node=2)
        refused(call(network, "DELETE", "faults", Origin="http://example.com"), 403)
        refused(call(network, "POST", "reset", Origin="null"), 403)
        assert len(network.faults) == 1
        own = network.nodes[0].public_url
        told(call(network, "DELETE", "faults", Origin=own))
        assert len(network.faults) == 0

    def test_a_form_may_not_write(self, network: MockNetwork) -> None:
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
            refused(call(network, "POST", "clock", {"freeze": True}, Content_Type=kind), 415)
        told(call(network, "POST", "clock", {"freeze": True}, Content_Type="application/json; charset=utf-8"))

    @pytest.mark.parametrize(
        ("method", "path", "allowed"),
        [
            ("POST", "state", "GET"),
            ("OPTIONS", "state", "GET"),
            ("OPTIONS", "", "GET"),
            ("PUT", "accounts", "GET, POST"),
            ("GET", "reset", "POST"),
            ("POST", "faults/x-1", "DELETE"),
            ("DELETE", "events", "GET"),
        ],
    )
    def test_another_method(self, network: MockNetwork, method: str, path: str, allowed: str) -> None:
        reply = call(network, method, path)
        refused(reply, 405)
        assert reply.headers["allow"] == allowed

    @pytest.mark.parametrize(
        "path",
        ["nothing", "state/", "faults/a/b", "faults/", "accounts//", "../v1/status", "inspectorxjs", "%2e%2e/x"],
    )
    def test_another_path(self, network: MockNetwork, path: str) -> None:
        refused(call(network, "GET", path), 404)

    @pytest.mark.parametrize("body", [b"{", b"[]", b"5", b"null", b"\xff", b'{"a":NaN}', b"[" * 100_000])
    def test_another_body(self, network: MockNetwork, body: bytes) -> None:
        refused(call(network, "POST", "clock", body), 400)

    def test_too_long_a_body(self, network: MockNetwork) -> None:
        refused(call(network, "POST", "clock", b" " * (BODY_LIMIT + 1)), 413)
        refused(call(network, "POST", "clock", b" " * BODY_LIMIT), 400)

    def test_a_body_that_does_not_arrive(self, network: MockNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(door_module, "BODY_TIMEOUT_S", 0.05)
        refused(call(network, "POST", "clock", b"{", Content_Length="2"), 400)

    def test_head_would_never_end_at_the_events_so_there_is_none(self, network: MockNetwork) -> None:
        for path in ("state", "events"):
            reply = call(network, "HEAD", path)
            assert (reply.status, reply.headers["allow"]) == (405, "GET")

    def test_a_failure_has_no_traceback(self, network: MockNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(type(network.journal), "totals", lambda _self: 1 / 0)
        refused(call(network, "GET", "state"), 500)

    def test_the_page(self, network: MockNetwork) -> None:
        for name, kind in (("", "text/html"), ("inspector.js", "text/javascript"), ("inspector.css", "text/css")):
            reply = call(network, "GET", name)
            assert reply.status == 200
            assert reply.headers["content-type"] == f"{kind}; charset=utf-8"
            assert reply.headers["content-security-policy"] == POLICY
            assert reply.headers["cache-control"] == "no-store"
        moved = send(network.nodes[0].url, {}, None, "GET", "/mock")
        assert (moved.status, moved.headers["location"]) == (308, "/mock/")

    def test_the_documentation_names_every_route(self) -> None:
        text = DOCS.read_text()
        for route in _ROUTES:
            assert f"{route.method} /mock/{route.path}" in text

    def test_the_documented_objects_are_json(self) -> None:
        blocks = re.findall(r"```json\n(.*?)```", DOCS.read_text(), re.DOTALL)
        assert len(blocks) > 10
        assert all(isinstance(json.loads(block), dict) for block in blocks)


class TestDiff:
    def rebuilt(self, expected: bytes, signed: bytes) -> tuple[str, str]:
        parts = hunks(expected, signed)
        assert not any(hunk.kind == "gap" for hunk in parts)
        one = "".join(hunk.text for hunk in parts if hunk.kind in ("same", "expected"))
        other = "".join(hunk.text for hunk in parts if hunk.kind in ("same", "signed"))
        return one, other

    @given(st.text("ab\n", max_size=90), st.text("ab\n", max_size=90))
    def test_both_messages_can_be_put_together_again(self, expected: str, signed: str) -> None:
        assert self.rebuilt(expected.encode(), signed.encode()) == (expected, signed)

    @given(st.binary(max_size=60), st.binary(max_size=60))
    def test_offsets_are_where_the_bytes_are(self, expected: bytes, signed: bytes) -> None:
        for hunk in hunks(expected, signed):
            message = signed if hunk.kind == "signed" else expected
            assert message[hunk.offset :].decode("utf-8", "backslashreplace").startswith(hunk.text[:1])

    def test_alike_is_one_hunk_and_apart_is_two(self) -> None:
        assert [hunk.kind for hunk in hunks(b"same", b"same")] == ["same"]
        assert [hunk.kind for hunk in hunks(b"abcd", b"wxyz")] == ["expected", "signed"]
        assert hunks(b"", b"") == ()

    def test_spaces_of_a_serialisation_are_found_one_by_one(self) -> None:
        value = {"model": "test", "messages": [{"role": "user", "content": "hello"}]}
        parts = hunks(json.dumps(value).encode(), json.dumps(value, separators=(",", ":")).encode())
        assert [hunk.text for hunk in parts if hunk.kind != "same"] == [" "] * 6

    def test_long_stretches_are_cut_and_the_gap_says_how_much(self) -> None:
        parts = hunks(b"x" * 1000 + b"1", b"x" * 1000 + b"2")
        assert [hunk.kind for hunk in parts] == ["same", "gap", "same", "expected", "signed"]
        shown = sum(len(hunk.text) for hunk in parts if hunk.kind == "same")
        assert shown + int(parts[1].text.split()[0]) == 1000
        assert parts[-1].offset == 1000

    @settings(deadline=None, max_examples=5)
    @given(st.integers(1, 3))
    def test_the_work_and_the_answer_are_bounded(self, seed: int) -> None:
        one = bytes((i * seed * 7919) % 251 for i in range(MOST_BYTES))
        other = bytes((i * seed * 104_729 + 3) % 241 for i in range(MOST_BYTES))
        parts = hunks(one, other)
        assert sum(len(hunk.text) for hunk in parts) < 10_000
        assert not any(hunk.kind == "same" for hunk in hunks(b"a" + one * 500 + b"b", b"c" + one * 500 + b"d"))


class TestEvents:
    """Server-sent events, read through a socket of the test's own."""

    @contextlib.contextmanager
    def stream(self, network: MockNetwork, query: str = "", **headers: str) -> Iterator[Iterator[dict[str, str]]]:
        parts = urlsplit(network.nodes[0].url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=10)
        try:
            connection.request(
                "GET", f"/mock/events{query}", headers={k.replace("_", "-"): v for k, v in headers.items()}
            )
            response = connection.getresponse()
            assert response.status == 200
            assert response.headers["Content-Type"].startswith("text/event-stream")
            yield self.events(response)
            response.close()
        finally:
            connection.close()

    def events(self, response: http.client.HTTPResponse) -> Iterator[dict[str, str]]:
        event: dict[str, str] = {}
        for line in response:
            name, _, value = line.decode().rstrip("\n").partition(": ")
            if name:
                event[name] = value
            elif event:
                yield event
                event = {}

    def test_verdicts_as_they_fall_and_the_state_first(self, network: MockNetwork) -> None:
        ask(network)
        with self.stream(network) as events:
            assert "retry" in next(events)
            assert json.loads(next(events)["data"])["totals"]["accepted"] == 1
            ask(network)
            event = next(events)
        assert (event["event"], event["id"]) == ("verdict", "2")
        assert json.loads(event["data"]) == json.loads(json.dumps(network.journal[-1].as_event()))

    @pytest.mark.parametrize(("query", "headers"), [("?since=1", {}), ("?since=0", {"Last_Event_ID": "1"})])
    def test_what_was_missed_comes_first(self, network: MockNetwork, query: str, headers: dict[str, str]) -> None:
        for _ in range(3):
            ask(network)
        with self.stream(network, query, **headers) as events:
            next(events)
            assert [next(events)["id"], next(events)["id"]] == ["2", "3"]

    @pytest.mark.parametrize(
        "change",
        [
            lambda network: call(network, "POST", "clock", {"freeze": True}),
            lambda network: call(network, "POST", "faults", {"name": "latency", "node": 2}),
            lambda network: call(network, "DELETE", "requests"),
            lambda network: network.chain.clock.advance(5),
            lambda network: network.chain.fund(OTHER.public_key),
            lambda network: network.faults.add("latency", node=2),
        ],
        ids=["clock", "fault", "clear", "clock-in-python", "account-in-python", "fault-in-python"],
    )
    def test_a_change_of_the_state_is_told(self, network: MockNetwork, change: Callable[[MockNetwork], Any]) -> None:
        ask(network)
        with self.stream(network) as events:
            next(events), next(events)
            change(network)
            assert next(events)["event"] == "state"

    def test_a_query_that_cannot_be(self, network: MockNetwork) -> None:
        refused(call(network, "GET", "events?since=x"), 400, "since")
        refused(call(network, "GET", "events?from=1"), 400, "from")


def served(scenario: Callable[[MockNetwork, Events, str], Awaitable[None]], **timing: float) -> None:
    """Run a scenario beside a server whose event stream has that timing."""

    async def run() -> None:
        network = MockNetwork(1)
        events = Events(network, **timing)
        app = web.Application()
        door = Door(network, (*_ROUTES, Route("GET", "events", events.stream)), events)
        app.router.add_route("*", "/mock/{path:.*}", door.answer)
        app.on_shutdown.append(events.close)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        try:
            async with asyncio.timeout(10):
                await scenario(network, events, f"http://127.0.0.1:{runner.addresses[0][1]}/mock/events")
        finally:
            await runner.cleanup()

    asyncio.run(run())


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(2000):
        if condition():
            return
        await asyncio.sleep(0.002)
    raise AssertionError("it did not come to that")


def test_a_listener_that_goes_away_is_removed() -> None:
    async def scenario(network: MockNetwork, events: Events, url: str) -> None:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            await response.content.readline()
            assert len(events) == len(network.journal._listeners) == 1
        await until(lambda: len(events) == len(network.journal._listeners) == 0)

    served(scenario, tick_s=0.01)


def test_streams_end_when_the_node_stops() -> None:
    async def scenario(_network: MockNetwork, events: Events, url: str) -> None:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            await response.content.readline()
            await events.close()
            assert b"event: state" in await response.content.read()

    served(scenario, tick_s=5)


def test_what_is_changed_here_is_told_at_once() -> None:
    async def scenario(_network: MockNetwork, _events: Events, url: str) -> None:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            while b'"stopped":false' not in await response.content.readline():
                pass
            async with session.post(url.replace("events", "clock"), json={"freeze": True}) as changed:
                assert changed.status == 200
            while b'"stopped":true' not in await response.content.readline():
                pass

    served(scenario, tick_s=60)


def test_silence_is_broken_by_comments() -> None:
    async def scenario(_network: MockNetwork, _events: Events, url: str) -> None:
        async with aiohttp.ClientSession() as session, session.get(url) as response:
            lines = [await response.content.readline() for _ in range(12)]
        assert lines.count(b": still here\n") >= 2

    served(scenario, tick_s=0.005, heartbeat_s=0.01)


def test_listeners_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events_module, "LISTENERS", 1)

    async def scenario(_network: MockNetwork, events: Events, url: str) -> None:
        async with aiohttp.ClientSession() as session:
            async with session.get(url) as first, session.get(url) as second:
                assert (first.status, second.status) == (200, 409)
            await until(lambda: len(events) == 0)
            async with session.get(url) as again:
                assert again.status == 200

    served(scenario, tick_s=0.01)


def test_a_slow_listener_loses_the_oldest_and_is_told() -> None:
    from tests.mock_node.test_expectations import ACCEPTED, numbered

    async def scenario(network: MockNetwork, _events: Events, url: str) -> None:
        for verdict in numbered(*[ACCEPTED] * (QUEUED + 7)):
            network.journal.add(verdict)
        async with aiohttp.ClientSession() as session, session.get(url + "?since=0") as response:
            text = b"".join([await response.content.readline() for _ in range(12)]).decode()
        assert 'data: {"event":"dropped","count":7}' in text
        assert re.findall(r"id: (\d+)", text)[0] == "8"

    served(scenario, tick_s=0.01)


def test_any_network_of_the_right_shape_will_do() -> None:
    network: Network = MockNetwork(1)
    app = web.Application()
    attach(app, network)
    assert {resource.canonical for resource in app.router.resources()} == {"/mock", "/mock/{path}"}
    assert len(app.on_shutdown) == 1
