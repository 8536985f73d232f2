"""What each generation answers on the routes that are read: `protocol.md` §6, §7.3 and §11.4."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, cast
from urllib.parse import quote

import ecdsa
import pytest

from gonka_core.address import encode_address
from gonka_mock_node.chain import Account, Bandwidth, BlockClock, Chain, Inference, Model, Params, Participant
from gonka_mock_node.chain.timestamps import rfc3339_nano
from gonka_mock_node.faults import Faults
from gonka_mock_node.journal import Journal
from gonka_mock_node.node import Node
from gonka_mock_node.profiles import PROFILES
from gonka_mock_node.reading import GROUPS, Ask, Route, read, routes
from gonka_mock_node.reply import Reply
from gonka_mock_node.server import MockNetwork, MockNode
from tests.mock_node.requester import get, send
from tests.mock_node.test_proofs import holds, op_of

NOW = 1_766_422_712 * 10**9 + 123_456_789
ONE, TWO = (encode_address(bytes([number]) * 20) for number in (1, 2))
KEY = b"\x02" + bytes(31) + b"\x01"
KEY_TEXT = base64.b64encode(KEY).decode()
REST = "/chain-api/productscience/inference/inference"
NODES = [name for name, profile in PROFILES.items() if profile.kind != "gateway"]
OLD = ["v0.2.3", "v0.2.5", "v0.2.6", "v0.2.7", "v0.2.9", "v0.2.10", "v0.2.11"]
NEW = [name for name in NODES if name not in OLD]
AS_STRINGS = ["v0.2.15"]
RPC = "rpc error: code = {} desc = "
UNAVAILABLE = RPC.format("Unavailable") + "connection error: desc = error reading server preface: EOF"


def make_node(profile: str, **changes: Any) -> Node:
    models = ("test", Model("Qwen/QwQ-32B", quantization="fp8", price=7, capacity=1000, utilization=0.0))
    chain = Chain(clock=BlockClock(lambda: NOW, height=4_300_000), models=models)
    node = Node(ONE, PROFILES[profile], chain, Journal(), Faults(), **changes)
    chain.enter(ONE, "http://one:8000")
    return node


@pytest.fixture(params=NODES)
def node(request: pytest.FixtureRequest) -> Node:
    return make_node(request.param)


def pattern(path: str) -> re.Pattern[str]:
    parts = re.split(r"(\{[^}]+\})", path)
    names = (part.strip("{}").partition(":") for part in parts if part.startswith("{"))
    groups = iter([f"(?P<{name}>{expression or '[^/]+'})" for name, _, expression in names])
    return re.compile("".join(next(groups) if part.startswith("{") else re.escape(part) for part in parts))


def ask(node: Node, path: str, query: Mapping[str, str] | None = None, method: str = "GET", body: Any = None) -> Reply:
    """The first route of the generation that fits; a test fails where none does."""
    for route in routes(node.profile):
        match = pattern(route.path).fullmatch(path)
        if match and route.method == method:
            payload = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
            return read(route, Ask(node, match.groupdict(), query or {}, payload))
    raise LookupError(f"{node.profile.name} has no {method} {path}")


def text(reply: Reply) -> bytes:
    return b"".join(cast(Iterator[bytes], reply.steps))


def shown(reply: Reply, status: int = 200) -> Any:
    assert reply.status == status, text(reply)
    assert text(reply).endswith(b"\n")
    assert reply.length == len(text(reply))
    return json.loads(text(reply))


def refused(reply: Reply, status: int, error: str) -> None:
    assert (shown(reply, status)) == {"error": error}


class TestTable:
    @pytest.mark.parametrize(
        ("path", "method", "have"),
        [
            ("/v1/identity", "GET", [name for name in NODES if name not in ("v0.2.3", "v0.2.5")]),
            ("/v2/accounts/x", "GET", NEW),
            ("/v2/participants/x", "GET", NEW),
            ("/v1/participants/x", "GET", NODES),
            ("/v1/governance/models-legacy", "GET", ["v0.2.11", *NEW]),
            ("/v1/chat/completions/x", "GET", ["v0.2.3", "v0.2.5"]),
            ("/v1/chat/completions", "GET", [*OLD[2:], "seed", "v0.2.12", "v0.2.13"]),
            ("/v1/status", "GET", list(PROFILES)),
            ("/v1/epochs/current/participants", "GET", NODES),
            ("/v1/verify-proof", "POST", NODES),
            ("/v1/verify-proof", "GET", []),
        ],
    )
    def test_which_generation_has_which(self, path: str, method: str, have: list[str]) -> None:
        def exists(name: str) -> bool:
            return any(pattern(r.path).fullmatch(path) and r.method == method for r in routes(PROFILES[name]))

        assert sorted(filter(exists, PROFILES)) == sorted(have)

    @pytest.mark.parametrize("profile", PROFILES.values(), ids=lambda profile: profile.name)
    def test_every_route_to_read_under_v1_is_there_under_api(self, profile: Any) -> None:
        table = routes(profile)
        plain = {route.path for route in table if route.method == "GET" and route.path.startswith("/v1/")}
        assert {f"/api{path}" for path in plain} == {route.path for route in table if route.path.startswith("/api/")}
        assert len({(route.method, route.path) for route in table}) == len(table)

    def test_every_group_has_a_route_and_every_route_a_group(self) -> None:
        assert {route.group for profile in PROFILES.values() for route in routes(profile)} == set(GROUPS)

    def test_the_alias_answers_the_same(self, node: Node) -> None:
        assert text(ask(node, "/api/v1/models")) == text(ask(node, "/v1/models"))


class TestSwitches:
    @pytest.mark.parametrize("group", GROUPS)
    def test_a_group_that_is_switched_off(self, group: str) -> None:
        node = make_node("v0.2.5", switched_off=frozenset({group}))
        for route in (*routes(node.profile), *routes(PROFILES["seed"])):
            reply = read(route, Ask(node, dict.fromkeys(pattern(route.path).groupindex, "x")))
            assert (text(reply) == blocked_text(route)) == (route.group == group)

    @pytest.mark.parametrize("name", NODES)
    def test_the_chains_own_routes_are_off_by_default_since_they_were(self, name: str) -> None:
        node = make_node(name)
        open_ = name in ("seed", "v0.2.3", "v0.2.5", "v0.2.6", "v0.2.7")
        api, rpc = ask(node, f"{REST}/params"), ask(node, "/chain-rpc/status")
        assert (api.status, rpc.status) == ((200, 200) if open_ else (404, 404))
        if not open_:
            assert (text(api), text(rpc)) == (b"Chain API Disabled", b"Chain RPC Disabled")


def blocked_text(route: Route) -> bytes:
    proxied = {"chain-api": b"Chain API Disabled", "chain-rpc": b"Chain RPC Disabled"}
    return proxied.get(route.group, b'{"error": "Access Denied", "message": "This route is currently blocked."}')


class TestAbout:
    def test_status_and_health(self, node: Node) -> None:
        reply = ask(node, "/v1/status")
        assert (reply.status, text(reply)) == (200, b'{"status":"ok"}\n')
        assert reply.header("content-type") == node.profile.content_type
        assert text(ask(node, "/health")) == b"healthy\n"

    @pytest.mark.parametrize("name", NODES)
    def test_deprecation_is_told_by_the_latest_only(self, name: str) -> None:
        for path in ("/v1/status", "/v1/models", "/v1/epochs/0/participants"):
            assert (ask(make_node(name), path).header("Deprecation") == "true") == (name in AS_STRINGS)
        assert ask(make_node(name), "/v1/versions").header("Deprecation") is None

    @pytest.mark.parametrize("delegates", [{}, {"https://b:1": TWO, "https://a:2": ONE}])
    def test_identity_is_signed_over_its_own_bytes(self, delegates: dict[str, str]) -> None:
        node = make_node("v0.2.13", delegates=delegates)
        body = text(ask(node, "/v1/identity"))
        value = json.loads(body)
        assert list(value) == ["data", "signature"]
        expected = {"address": ONE, "block": 4_300_000, "timestamp": "2025-12-22T16:58:32Z"}
        assert value["data"] == (expected | {"delegate_ta": delegates} if delegates else expected)
        assert list(value["data"])[:3] == ["address", "block", "timestamp"]
        signed = body[len(b'{"data":') : body.index(b',"signature"')]
        signature = base64.b64decode(value["signature"])
        warm: Any = ecdsa.VerifyingKey.from_string(node.warm_key.public_key, curve=ecdsa.SECP256k1)
        assert warm.verify_digest(signature, hashlib.sha256(signed).digest())
        assert list(value["data"].get("delegate_ta", {})) == sorted(delegates)

    def test_identity_without_a_chain(self) -> None:
        node = make_node("seed")
        node.chain.outages.add("status")
        assert shown(ask(node, "/v1/identity"), 500)["error"].startswith("failed to generate identity: ")

    def test_versions(self, node: Node) -> None:
        value = shown(ask(node, "/v1/versions"))
        assert list(value) == ["api_version", "node_version", "timestamp"]
        expected = node.profile.name if node.profile.name.startswith("v") else "v0.2.13"
        assert value["api_version"]["version"] == value["node_version"]["version"] == expected
        node.chain.outages.add("node-status")
        refused(ask(node, "/v1/versions"), 500, "failed to get node info")


class TestAccounts:
    def test_one_that_is_there(self, node: Node) -> None:
        node.chain.put(Account(TWO, KEY, 0))
        body = text(ask(node, f"/v1/participants/{TWO}"))
        if node.profile.name in OLD:
            assert body == b'{"pubkey":"%s"}\n' % KEY_TEXT.encode()
            node.chain.put(Account(TWO, KEY, 5))
            assert text(ask(node, f"/v1/participants/{TWO}")) == b'{"pubkey":"%s","balance":5}\n' % KEY_TEXT.encode()
        else:
            assert body == b'{"pubkey":"%s","balance":0,"denom":"ngonka"}\n' % KEY_TEXT.encode()
            assert text(ask(node, f"/v2/accounts/{TWO}")) == body

    def test_ones_that_cannot_be_had(self, node: Node) -> None:
        old = node.profile.name in OLD

        def failure(code: str, words: str) -> str:
            return RPC.format(code) * (2 if old else 1) + words

        path = f"/v1/participants/{TWO}"
        refused(ask(node, path), 500 if old else 404, failure("NotFound", "account not found: key not found"))
        bad = failure("InvalidArgument", "invalid address: invalid request")
        refused(ask(node, "/v1/participants/nonsense"), 500 if old else 400, bad)
        node.chain.put(Account(TWO, None, 5))
        if old:
            assert "nil pointer dereference" in shown(ask(node, path), 500)["error"]
        else:
            refused(ask(node, path), 404, failure("NotFound", "account has no public key: key not found"))
        node.chain.outages.add("accounts")
        refused(ask(node, path), 500 if old else 503, UNAVAILABLE)

    def test_a_participant(self) -> None:
        node = make_node("v0.2.13")
        node.chain.put(Account(ONE, None, 9))
        node.chain.join(Participant(TWO, "", weight=0, status=3, validator_key=bytes(32)))
        value = shown(ask(node, f"/v2/participants/{ONE}"))["participant"]
        assert (value["index"], value["address"], value["status"], value["coin_balance"]) == (ONE, ONE, 1, 9)
        value = shown(ask(node, f"/v2/participants/{TWO}"))["participant"]
        assert value["status"] == 3
        assert value["validator_key"] == base64.b64encode(bytes(32)).decode()
        assert not {"weight", "inference_url", "coin_balance"} & set(value)
        missing = RPC.format("NotFound") + "not found: key not found"
        refused(ask(node, "/v2/participants/nobody"), 404, missing)

    def test_all_participants(self, node: Node) -> None:
        node.chain.join(Participant("", "http://nobody", weight=3))
        node.chain.put(Account(ONE, KEY, 12))
        value = shown(ask(node, "/v1/participants"))
        assert list(value) == ["participants", "block_height"]
        names = ["id", "url", "coins_owed", "refunds_owed", "balance", "voting_power", "reputation"]
        assert [list(each) for each in value["participants"]] == [names, names]
        assert [(each["id"], each["balance"], each["voting_power"]) for each in value["participants"]] == [
            (ONE, 12, 1000),
            ("", 0, 3),
        ]
        node.chain.outages.add("accounts")
        assert ask(node, "/v1/participants").status == 500


class TestModels:
    def test_the_list(self, node: Node) -> None:
        value = shown(ask(node, "/v1/models"))
        if node.profile.name in OLD:
            assert value == shown(ask(node, "/v1/governance/models"))
            assert [model["id"] for model in value["models"]] == ["test", "Qwen/QwQ-32B"]
            return
        assert list(value) == ["object", "data"]
        test, large = value["data"]
        assert (test["object"], test["created"], test["context_length"]) == ("model", NOW // 10**9, 131072)
        assert (large["hugging_face_id"], large["quantization"]) == ("Qwen/QwQ-32B", "fp8")
        assert not {"description", "quantization"} & set(test)
        assert ("hugging_face_id" in test) == (node.profile.name not in AS_STRINGS)
        assert list(large)[:5] == ["object", "id", "hugging_face_id", "name", "created"]

    def test_what_governance_knows(self, node: Node) -> None:
        records = shown(ask(node, "/v1/governance/models"))["models"]
        assert records[0] == {"id": "test", "units_of_compute_per_token": 100, "context_window": 131072}
        assert records[1]["hf_repo"] == "Qwen/QwQ-32B"
        node.chain.models = (Model("m", validation_threshold=(85, -2), model_args=("--x",)),)
        record = shown(ask(node, "/v1/governance/models"))["models"][0]
        assert list(record)[-2:] == ["model_args", "validation_threshold"]
        assert record["validation_threshold"] == {"value": 85, "exponent": -2}
        node.chain.models = ()
        assert shown(ask(node, "/v1/governance/models")) == {"models": None}

    @pytest.mark.parametrize("name", ["v0.2.11", *NEW])
    def test_the_older_name_of_the_list(self, name: str) -> None:
        node = make_node(name)
        records = shown(ask(node, "/v1/governance/models"))["models"]
        assert shown(ask(node, "/v1/governance/models-legacy")) == {"model": records}

    def test_prices(self, node: Node) -> None:
        value = shown(ask(node, "/v1/pricing"))
        assert list(value) == ["unit_of_compute_price", "models", "dynamic_pricing_enabled"]
        legacy = {"id": "test", "units_of_compute_per_token": 100, "price_per_token": 10_000}
        assert (value["models"][0], value["dynamic_pricing_enabled"]) == (legacy, False)
        value = shown(ask(node, "/v1/governance/pricing"))
        assert value["dynamic_pricing_enabled"] is True
        assert value["models"][0] == legacy | {"price_per_token": 1}
        assert value["models"][1] == {
            "id": "Qwen/QwQ-32B",
            "units_of_compute_per_token": 100,
            "price_per_token": 7,
            "utilization": 0.0,
            "capacity": 1000,
        }
        node.chain.outages.add("price")
        assert shown(ask(node, "/v1/governance/pricing")) == shown(ask(node, "/v1/pricing"))

    def test_without_the_epochs_group(self, node: Node) -> None:
        node.chain.outages.add("epoch-group")
        old = node.profile.name in OLD
        for path in ("/v1/pricing", "/v1/governance/pricing", "/v1/epochs/latest", "/v1/epochs/current/participants"):
            refused(ask(node, path), 500 if old else 503, UNAVAILABLE)
        assert ask(node, "/v1/models").status == (200 if old else 503)
        assert ask(node, "/v1/epochs/171/participants").status == 200


class TestEpochs:
    @pytest.mark.parametrize(
        ("epoch", "status", "error"),
        [
            ("x", 400, "Invalid epoch id"),
            ("-1", 400, "Invalid epoch id"),
            ("+1", 400, "Invalid epoch id"),
            ("1.0", 400, "Invalid epoch id"),
            ("٣", 400, "Invalid epoch id"),
            ("latest", 400, "Invalid epoch id"),
            (str(2**64), 400, "Invalid epoch id"),
            ("9" * 5000, 400, "Invalid epoch id"),
            ("0", 400, "Epoch enumeration starts with 1"),
            ("1", 404, "No active participants found for the specified epoch. Looks like PoC failed!"),
            ("172", 404, "No active participants found for the specified epoch. Looks like PoC failed!"),
            (str(2**64 - 1), 404, "No active participants found for the specified epoch. Looks like PoC failed!"),
        ],
    )
    def test_epochs_that_are_none(self, node: Node, epoch: str, status: int, error: str) -> None:
        refused(ask(node, f"/v1/epochs/{epoch}/participants"), status, error)

    def test_current_is_the_epoch_under_way_and_old_ones_stay(self, node: Node) -> None:
        before = ask(node, "/v1/epochs/current/participants")
        assert (
            text(before)
            == text(ask(node, "/v1/epochs/171/participants"))
            == text(ask(node, "/v1/epochs/00171/participants"))
        )
        node.chain.leave(ONE)
        node.chain.next_epoch()
        assert text(ask(node, "/v1/epochs/171/participants")) == text(before)
        assert shown(ask(node, "/v1/epochs/current/participants"))["addresses"] == []

    def test_the_document_in_numbers(self) -> None:
        node = make_node("v0.2.13")
        node.chain.exclude(TWO, "downtime")
        value = shown(ask(node, "/v1/epochs/current/participants"))
        assert list(value) == [
            "active_participants",
            "addresses",
            "active_participants_bytes",
            "proof_ops",
            "validators",
            "block",
            "excluded_participants",
        ]
        active = value["active_participants"]
        assert list(active) == [
            "participants",
            "epoch_group_id",
            "poc_start_block_height",
            "effective_block_height",
            "created_at_block_height",
            "epoch_id",
        ]
        participant = active["participants"][0]
        assert (participant["index"], participant["inference_url"]) == (ONE, "http://one:8000")
        assert (participant["models"], active["epoch_id"]) == (["test", "Qwen/QwQ-32B"], 171)
        assert value["block"]["header"]["height"] == active["created_at_block_height"] + 1
        assert value["excluded_participants"] == [
            {"address": TWO, "reason": "downtime", "exclusion_block_height": 4_300_000}
        ]
        validator = value["validators"][0]
        assert (validator["address"], validator["voting_power"]) == (value["addresses"][0], 1000)
        assert validator["pub_key"] == participant["validator_key"]

    def test_the_document_in_strings(self) -> None:
        new, old = (shown(ask(make_node(name), "/v1/epochs/current/participants")) for name in ("v0.2.15", "v0.2.14"))
        assert (new["active_participants"]["epoch_id"], old["active_participants"]["epoch_id"]) == ("171", 171)
        assert new["active_participants"]["participants"][0]["weight"] == "1000"
        assert new["validators"][0]["voting_power"] == "1000"
        assert new["block"]["header"]["height"] == str(old["block"]["header"]["height"])
        assert base64.b64decode(new["block"]["header"]["app_hash"]).hex().upper() == old["block"]["header"]["app_hash"]
        assert new["active_participants_bytes"] == old["active_participants_bytes"]
        assert list(new["active_participants"]) == sorted(new["active_participants"])

    def test_only_the_first_generation_does_not_name_the_excluded(self, node: Node) -> None:
        value = shown(ask(node, "/v1/epochs/current/participants"))
        assert value.get("excluded_participants") == (None if node.profile.name == "v0.2.3" else [])

    def test_the_proof_holds_for_the_header_beside_it(self, node: Node) -> None:
        value = shown(ask(node, "/v1/epochs/current/participants"))
        app_hash = value["block"]["header"]["app_hash"]
        root = base64.b64decode(app_hash) if node.profile.name in AS_STRINGS else bytes.fromhex(app_hash)
        ops = [op_of(each) for each in value["proof_ops"]["ops"]]
        assert holds(bytes.fromhex(value["active_participants_bytes"]), ops, root)

    def test_an_epoch_without_participants(self, node: Node) -> None:
        node.chain.leave(ONE)
        node.chain.next_epoch()
        value = shown(ask(node, "/v1/epochs/current/participants"))
        assert (value["addresses"], value["validators"]) == ([], [])
        expected = [] if node.profile.name in AS_STRINGS else None
        assert value["active_participants"].get("participants") == expected

    def test_more_validators_than_a_page_holds(self) -> None:
        node = make_node("v0.2.13")
        for number in range(40):
            node.chain.join(Participant(encode_address(bytes([100 + number]) * 20), "", weight=number + 1))
        value = shown(ask(node, "/v1/epochs/current/participants"))
        assert (len(value["addresses"]), len(value["validators"])) == (41, 30)
        assert len(value["block"]["last_commit"]["signatures"]) == 41

    def test_the_latest(self, node: Node) -> None:
        value = shown(ask(node, "/v1/epochs/latest"))
        epoch = node.chain.current
        assert value["latest_epoch"] == {"index": 171, "poc_start_block_height": epoch.poc_start}
        assert (value["block_height"], value["phase"]) == (4_300_000, "Inference")
        assert value["epoch_stages"]["set_new_validators"] == epoch.effective
        nested = value["epoch_params"].get("epoch_params", value["epoch_params"])
        assert nested["epoch_length"] == ("15391" if node.profile.name in AS_STRINGS else 15391)
        for other in ("current", "171", "x"):
            refused(
                ask(node, f"/v1/epochs/{other}"),
                400,
                "Only getting info for current epoch is supported at the moment",
            )


class TestInferences:
    ID = "ab+c/d=="

    def record(self, node: Node) -> None:
        node.chain.record_inference(
            Inference(self.ID, requested_by=TWO, model="test", prompt_token_count=3, request_timestamp=NOW)
        )

    def test_by_query(self) -> None:
        node = make_node("v0.2.13")
        self.record(node)
        value = shown(ask(node, "/v1/chat/completions", {"id": self.ID}))
        assert value == {
            "index": self.ID,
            "inference_id": self.ID,
            "prompt_token_count": 3,
            "requested_by": TWO,
            "status": 1,
            "model": "test",
            "request_timestamp": NOW,
        }
        assert list(value)[:4] == ["index", "inference_id", "prompt_token_count", "requested_by"]
        refused(ask(node, "/v1/chat/completions"), 400, "Id is required")
        refused(ask(node, "/v1/chat/completions", {"id": ""}), 400, "Id is required")
        refused(ask(node, "/v1/chat/completions", {"id": "other"}), 404, "Inference not found")

    def test_by_path(self) -> None:
        node = make_node("v0.2.5")
        self.record(node)
        assert shown(ask(node, f"/v1/chat/completions/{self.ID}"))["index"] == self.ID
        refused(ask(node, "/v1/chat/completions/other"), 404, "Inference not found")
        for broken in ("%", "%z", "a%4", "%zz"):
            refused(ask(node, f"/v1/chat/completions/{broken}"), 400, "Invalid inference ID")

    def test_a_started_one_has_no_status(self) -> None:
        node = make_node("seed")
        node.chain.record_inference(Inference("a", status="STARTED"))
        node.chain.record_inference(Inference("b", status="EXPIRED", validated_by=(ONE,)))
        assert shown(ask(node, "/v1/chat/completions", {"id": "a"})) == {"index": "a", "inference_id": "a"}
        value = shown(ask(node, "/v1/chat/completions", {"id": "b"}))
        assert (value["status"], value["validated_by"]) == (5, [ONE])


class TestChainApi:
    @pytest.fixture
    def node(self) -> Node:
        return make_node("seed")

    def test_params(self, node: Node) -> None:
        node.chain.params = Params(developer_gate_until=9, allowed_creators=frozenset({TWO}))
        node.chain.allow(TWO, ONE)
        value = shown(ask(node, f"{REST}/params"))["params"]
        assert value["transfer_agent_access_params"]["allowed_transfer_addresses"] == sorted([ONE, TWO])
        assert value["validation_params"]["timestamp_expiration"] == "60"
        assert value["validation_params"]["timestamp_advance"] == "30"
        assert value["validation_params"]["logprobs_mode"] == "processed_logprobs"
        assert value["developer_access_params"]["until_block_height"] == "9"
        assert value["devshard_escrow_params"] == {"allowed_creator_addresses": [TWO]}
        assert value["bandwidth_limits_params"] == {
            "estimated_limits_per_block_kb": "10752",
            "kb_per_input_token": {"value": "23", "exponent": -4},
            "kb_per_output_token": {"value": "64", "exponent": -2},
            "max_inferences_per_block": "1000",
        }

    def test_no_limit_is_twice_the_usual(self) -> None:
        assert (Bandwidth().per_block_kb, Bandwidth(estimated_limits_per_block_kb=0).per_block_kb) == (10752, 21504)

    @pytest.mark.parametrize(
        ("model", "price", "found"), [("test", "1", True), ("Qwen/QwQ-32B", "7", True), ("other", "0", False)]
    )
    def test_a_price(self, node: Node, model: str, price: str, found: bool) -> None:
        value = shown(ask(node, f"{REST}/model_per_token_price/{model}"))
        assert value == {"price": price, "found": found}

    def test_all_prices(self, node: Node) -> None:
        assert shown(ask(node, f"{REST}/all_model_per_token_prices")) == {
            "model_prices": [{"model_id": "test", "price": "1"}, {"model_id": "Qwen/QwQ-32B", "price": "7"}]
        }

    def test_an_account(self, node: Node) -> None:
        path = f"/chain-api/cosmos/auth/v1beta1/accounts/{TWO}"
        missing = shown(ask(node, path), 404)
        assert (missing["code"], f"account {TWO} not found" in missing["message"]) == (5, True)
        node.chain.put(Account(TWO, None, 5))
        assert shown(ask(node, path))["account"]["pub_key"] is None
        node.chain.put(Account(TWO, KEY, 5))
        key = {"@type": "/cosmos.crypto.secp256k1.PubKey", "key": KEY_TEXT}
        assert shown(ask(node, path))["account"]["pub_key"] == key
        assert shown(ask(node, "/chain-api/cosmos/auth/v1beta1/accounts/x"), 400)["code"] == 3

    def test_a_balance(self, node: Node) -> None:
        path = f"/chain-api/cosmos/bank/v1beta1/balances/{TWO}"
        assert shown(ask(node, path))["balances"] == []
        node.chain.put(Account(TWO, None, 5))
        assert shown(ask(node, path))["balances"] == [{"denom": "ngonka", "amount": "5"}]
        assert shown(ask(node, "/chain-api/cosmos/bank/v1beta1/balances/x"), 400)["code"] == 3

    def test_the_latest_block(self, node: Node) -> None:
        block = shown(ask(node, "/chain-api/cosmos/base/tendermint/v1beta1/blocks/latest"))["block"]
        assert (block["header"]["time"], block["header"]["height"]) == (rfc3339_nano(NOW), "4300000")
        sync = shown(ask(node, "/chain-rpc/status"))["result"]["sync_info"]
        assert (sync["latest_block_time"], sync["latest_block_height"]) == ("2025-12-22T16:58:32.123456789Z", "4300000")
        assert sync["catching_up"] is False
        assert sync["latest_app_hash"] == base64.b64decode(block["header"]["app_hash"]).hex().upper()

    def test_block_time_is_the_clocks(self, node: Node) -> None:
        node.chain.clock.lag(45)
        sync = shown(ask(node, "/chain-rpc/status"))["result"]["sync_info"]
        assert sync["latest_block_time"] == "2025-12-22T16:57:47.123456789Z"

    def test_what_is_not_there(self, node: Node) -> None:
        assert shown(ask(node, "/chain-api/cosmos/nothing"), 501) == {
            "code": 12,
            "message": "Not Implemented",
            "details": [],
        }
        assert (ask(node, "/chain-rpc/nothing").status, text(ask(node, "/chain-rpc/nothing"))) == (
            404,
            b"404 page not found\n",
        )

    @pytest.mark.parametrize(
        ("outage", "path", "status"),
        [
            ("params", f"{REST}/params", 503),
            ("price", f"{REST}/model_per_token_price/test", 503),
            ("price", f"{REST}/all_model_per_token_prices", 503),
            ("accounts", f"/chain-api/cosmos/auth/v1beta1/accounts/{TWO}", 503),
            ("accounts", f"/chain-api/cosmos/bank/v1beta1/balances/{TWO}", 503),
            ("status", "/chain-api/cosmos/base/tendermint/v1beta1/blocks/latest", 503),
            ("node-status", "/chain-rpc/status", 502),
        ],
    )
    def test_queries_that_fail(self, node: Node, outage: str, path: str, status: int) -> None:
        assert ask(node, path).status != status
        node.chain.outages.add(outage)
        assert ask(node, path).status == status


class TestVerifying:
    def proof(self, node: Node) -> dict[str, Any]:
        value = shown(ask(node, "/v1/epochs/current/participants"))
        app_hash = value["block"]["header"]["app_hash"]
        if node.profile.name in AS_STRINGS:
            app_hash = base64.b64decode(app_hash).hex()
        return {
            "value": value["active_participants_bytes"],
            "app_hash": app_hash,
            "proof_ops": value["proof_ops"],
            "epoch": 171,
        }

    def test_its_own_proof(self, node: Node) -> None:
        reply = ask(node, "/v1/verify-proof", method="POST", body=self.proof(node))
        assert (reply.status, text(reply), reply.length) == (200, b"", 0)

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"app_hash": "00" * 32}, "simple proof does not match app hash"),
            ({"value": "00"}, "ics23:iavl proof is for another value"),
            ({"epoch": 172}, "proof ops are not for the key of these participants"),
            ({"epoch": -1}, "proof ops are not for the key of these participants"),
            ({"proof_ops": None}, "expected 2 proof ops, got 0"),
        ],
    )
    def test_proofs_that_prove_nothing(self, node: Node, change: dict[str, Any], error: str) -> None:
        reply = ask(node, "/v1/verify-proof", method="POST", body=self.proof(node) | change)
        if node.profile.name in AS_STRINGS:
            refused(reply, 400, f"proof verification failed: {error}")
        else:
            refused(reply, 500, error)

    @pytest.mark.parametrize(
        ("change", "error"),
        [
            ({"app_hash": "0x00"}, "Error decoding app hash: encoding/hex: invalid byte: U+0078 'x'"),
            ({"value": "000"}, "Error decoding value: encoding/hex: odd length hex string"),
            ({"proof_ops": {"ops": [{"key": "!"}]}}, "illegal base64 data at input byte 0"),
            ({"epoch": "171"}, "json: cannot unmarshal the value into an integer of 64 bits: epoch"),
            ({"epoch": 1.5}, "json: cannot unmarshal the value into an integer of 64 bits: epoch"),
            ({"epoch": 10**30}, "json: cannot unmarshal the value into an integer of 64 bits: epoch"),
            ({"value": 5}, "json: cannot unmarshal the value into a string: value"),
            ({"proof_ops": 5}, "json: cannot unmarshal the value into an object"),
            ({"proof_ops": {"ops": 5}}, "json: cannot unmarshal the value into a list: ops"),
        ],
    )
    def test_bodies_that_cannot_be_read(self, change: dict[str, Any], error: str) -> None:
        node = make_node("v0.2.13")
        refused(ask(node, "/v1/verify-proof", method="POST", body=self.proof(node) | change), 400, error)

    @pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"\xff"])
    @pytest.mark.parametrize("path", ["/v1/verify-proof", "/v1/verify-block"])
    def test_no_body_to_speak_of(self, path: str, body: bytes) -> None:
        assert ask(make_node("v0.2.13"), path, method="POST", body=body).status == 400

    def block(self, node: Node) -> dict[str, Any]:
        value = shown(ask(node, "/v1/epochs/current/participants"))
        return {"block": value["block"], "validators": value["validators"]}

    @pytest.mark.parametrize("name", [name for name in NODES if name not in AS_STRINGS])
    def test_its_own_block(self, name: str) -> None:
        node = make_node(name)
        node.chain.join(Participant(TWO, "", weight=2000))
        reply = ask(node, "/v1/verify-block", method="POST", body=self.block(node))
        assert (reply.status, text(reply)) == (200, b"")

    def test_a_block_of_an_earlier_epoch_has_the_validators_of_then(self) -> None:
        node = make_node("v0.2.13")
        body = self.block(node)
        node.chain.leave(ONE)
        node.chain.next_epoch()
        assert ask(node, "/v1/verify-block", method="POST", body=body).status == 200

    def test_another_block(self) -> None:
        node = make_node("v0.2.13")
        for spoil in (
            lambda body: body["block"]["last_commit"].update(height=7),
            lambda body: body["block"]["last_commit"]["block_id"].update(hash="00" * 32),
            lambda body: body["block"]["last_commit"]["signatures"].clear(),
            lambda body: body["block"]["header"].update(height=4_300_000),
            lambda body: body["validators"].clear(),
            lambda body: body["validators"][0].update(pub_key=base64.b64encode(bytes(32)).decode()),
        ):
            body = self.block(node)
            spoil(body)
            refused(ask(node, "/v1/verify-block", method="POST", body=body), 500, "invalid commit signatures")

    def test_what_the_header_says_beside_its_height_is_not_looked_at(self) -> None:
        """`protocol.md` §7.4: nothing binds the root to the signatures that are checked."""
        node = make_node("v0.2.13")
        body = self.block(node)
        body["block"]["header"]["app_hash"] = "00" * 32
        assert ask(node, "/v1/verify-block", method="POST", body=body).status == 200

    def test_validators_that_the_node_does_not_know(self) -> None:
        ours, theirs = make_node("v0.2.13"), make_node("v0.2.13")
        theirs.chain.join(Participant(TWO, "", weight=2000))
        refused(ask(ours, "/v1/verify-block", method="POST", body=self.block(theirs)), 500, "invalid commit signatures")

    @pytest.mark.parametrize(
        "spoil",
        [
            lambda body: body["validators"][0].update(pub_key="AA=="),
            lambda body: body["validators"][0].update(voting_power="1"),
            lambda body: body["block"]["last_commit"]["signatures"][0].update(timestamp="yesterday"),
            lambda body: body["block"]["last_commit"]["signatures"][0].update(timestamp="2025-13-41T00:00:00Z"),
            lambda body: body["block"]["header"].update(height="5"),
        ],
    )
    def test_blocks_that_cannot_be_read(self, spoil: Any) -> None:
        node = make_node("v0.2.13")
        body = self.block(node)
        spoil(body)
        assert ask(node, "/v1/verify-block", method="POST", body=body).status == 400


class TestGateway:
    def test_models_and_status(self) -> None:
        node = make_node("gateway")
        value = shown(ask(node, "/v1/models"))
        assert [(each["id"], each["owned_by"]) for each in value["data"]] == [
            ("test", "gonka"),
            ("Qwen/QwQ-32B", "gonka"),
        ]
        assert shown(ask(node, "/v1/status"))["mode"] == "gateway"
        with pytest.raises(LookupError):
            ask(node, "/v1/identity")


class TestOverASocket:
    def test_nodes_of_a_network_are_its_participants(self) -> None:
        with MockNetwork(2) as network:
            value = json.loads(get(network.nodes[0].url, "/v1/epochs/current/participants").body)
            listed = [(each["index"], each["inference_url"]) for each in value["active_participants"]["participants"]]
            assert listed == [(node.provider_address, node.public_url) for node in network.nodes]

    def test_ids_with_slashes_and_signs_arrive_whole(self) -> None:
        with MockNode(profile="v0.2.13") as node:
            node.chain.record_inference(Inference("a+b/c=="))
            assert get(node.url, f"/v1/chat/completions?id={quote('a+b/c==', safe='')}").status == 200
        with MockNode(profile="v0.2.5") as node:
            node.chain.record_inference(Inference("a+b/c=="))
            assert get(node.url, f"/v1/chat/completions/{quote('a+b/c==', safe='')}").status == 200
            assert get(node.url, "/v1/chat/completions").status == 405
        with MockNode(models=["a/b"]) as node:
            assert get(node.url, f"{REST}/model_per_token_price/{quote('a/b', safe='')}").body.startswith(
                b'{"price":"1"'
            )

    def test_a_proof_goes_there_and_back(self) -> None:
        with MockNode(profile="v0.2.13") as node:
            value = json.loads(get(node.url, "/v1/epochs/current/participants").body)
            body = {
                "value": value["active_participants_bytes"],
                "app_hash": value["block"]["header"]["app_hash"],
                "proof_ops": value["proof_ops"],
                "epoch": 171,
            }
            reply = send(node.url, {}, json.dumps(body).encode(), path="/v1/verify-proof")
            assert (reply.status, reply.body) == (200, b"")
            reply = send(node.url, {}, b"{}", path="/v1/verify-proof")
            assert (reply.status, reply.error) == (500, "expected 2 proof ops, got 0")

    @pytest.mark.parametrize("profile", PROFILES)
    def test_every_route_answers_over_http(self, profile: str) -> None:
        with MockNode(profile=profile) as node:
            for route in routes(node.profile):
                path = re.sub(r"\{[^}]+\}", "x", route.path)
                reply = send(node.url, {}, b"{}" if route.method == "POST" else None, route.method, path)
                assert reply.status in (200, 400, 404, 500, 501), (route.path, reply.body)
                assert b"mock node failed" not in reply.body
