"""How the generations of nodes differ: each row of `protocol.md` §3.11, older and newer side by side."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from gonka_mock_node import PROFILES, Account, BlockClock, Chain, MockNode, Params
from tests.mock_node.requester import Reply, Requester, get, send

NOW = 1_766_422_712 * 10**9
CLASSIC = [name for name, profile in PROFILES.items() if profile.kind == "classic"]
Ask = Callable[[MockNode, Requester], Reply]
BAD_SIGNATURE = "Unable to validate request against PubKey:invalid signature"


@contextmanager
def playing(profile: str, **settings: Any) -> Iterator[tuple[MockNode, Requester]]:
    chain = Chain(clock=BlockClock(lambda: NOW), models=("test",), **settings)
    with MockNode(profile=profile, chain=chain) as node:
        yield node, Requester(node.provider_address, node.profile.scheme)


def body(**fields: Any) -> bytes:
    whole = {"model": "test", "messages": [{"role": "user", "content": "hello"}]} | fields
    return json.dumps({name: value for name, value in whole.items() if value is not ...}).encode()


def asking(payload: bytes, timestamp: int = NOW, **changed: str | None) -> Ask:
    return lambda node, requester: requester.ask(node.url, payload, timestamp, **changed)


def with_params(ask: Ask, **params: Any) -> Ask:
    def prepared(node: MockNode, requester: Requester) -> Reply:
        node.chain.params = Params(**params)
        return ask(node, requester)

    return prepared


def with_outage(ask: Ask, *names: str) -> Ask:
    def prepared(node: MockNode, requester: Requester) -> Reply:
        node.chain.outages.update(names)
        return ask(node, requester)

    return prepared


def with_fault(ask: Ask, name: str, **fields: Any) -> Ask:
    def prepared(node: MockNode, requester: Requester) -> Reply:
        node.faults.add(name, **fields)
        return ask(node, requester)

    return prepared


def unpublished(node: MockNode, requester: Requester) -> Reply:
    node.chain.put(Account(requester.address, None, 10**15))
    return requester.ask(node.url, timestamp=NOW)


def chunked(node: MockNode, requester: Requester) -> Reply:
    """A body over 10 MiB without a declared length."""
    parts = urlsplit(node.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        pieces = iter([b" " * 2**20] * 11)
        connection.request("POST", f"{parts.path}/chat/completions", pieces, requester.headers(), encode_chunked=True)
        response = connection.getresponse()
        return Reply(response.status, {k.lower(): v for k, v in response.getheaders()}, response.read())
    finally:
        connection.close()


STALE = asking(body(), NOW - 61 * 10**9)
GATED = with_params(asking(body()), developer_gate_until=10**9)
CLOSED = with_params(asking(body(), Authorization=None), allowed_transfer_addresses=frozenset({"gonka1other"}))
NOT_JSON = asking(b"{", Authorization=None)
PARTS = asking(body(messages=[{"role": "user", "content": [{"type": "text", "text": "hi"}]}]))
NO_MODEL = asking(body(model=...))
NO_MODEL_NO_AUTHORIZATION = asking(body(model=...), Authorization=None)
NO_MESSAGES = asking(body(messages=...))
BAD_SHAPE = asking(body(messages=[{"role": "user", "content": " "}]))
NO_EXECUTOR = with_outage(asking(body()), "executors")
BAD_MODEL = asking(body(model="other"))
REJECTED = with_fault(asking(body()), "ml-node-error", code=400, text="no")
COMPLETIONS = b'{"model":"test","prompt":"hello"}'


def completing(node: MockNode, requester: Requester) -> Reply:
    return send(node.url, requester.headers(COMPLETIONS, NOW), COMPLETIONS, path="/v1/completions")


RPC = "rpc error: code = {0} desc = rpc error: code = {0} desc = {1}"
PANIC = "runtime error: invalid memory address or nil pointer dereference: panic"
ML_NODE = "Inference node response with an error. code = 400. error = no."
DIFFERENCES: list[tuple[str, Ask, dict[str, tuple[int, str | None]]]] = [
    ("words for a stale timestamp", STALE, {
        "v0.2.3": (400, "Request timestamp is too old"), "v0.2.5": (400, "signature is too old"),
    }),
    ("JSON errors are mapped", NOT_JSON, {
        "v0.2.5": (500, "unexpected end of JSON input"), "v0.2.11": (500, "unexpected end of JSON input"),
        "v0.2.12": (400, "invalid chat completion request: unexpected end of JSON input"),
    }),
    ("content may be a list", PARTS, {
        "v0.2.11": (500, "json: cannot unmarshal array into Go struct field Message.messages.content of type string"),
        "v0.2.12": (200, None),
    }),
    ("the model has to be named", NO_MODEL, {
        "v0.2.5": (500, RPC.format("Unknown", "model not found")), "v0.2.6": (400, "No model specified"),
        "v0.2.13": (400, "No model specified"),
    }),
    ("but authorization comes first", NO_MODEL_NO_AUTHORIZATION, {
        "v0.2.6": (401, "Authorization is required"), "v0.2.13": (401, "Authorization is required"),
    }),
    ("messages are required", NO_MESSAGES, {"v0.2.11": (200, None), "v0.2.12": (400, "messages is required")}),
    ("messages have a shape", BAD_SHAPE, {
        "v0.2.11": (200, None), "v0.2.12": (400, "messages[0].content: must not be empty"),
    }),
    ("developers can be held back", GATED, {
        "v0.2.6": (200, None),
        "v0.2.7": (403, "inference requests are restricted until block height 1000000000"),
        "v0.2.13": (403, "inference requests are restricted until block height 1000000000"),
    }),
    ("providers have to be allowed, before anything else", CLOSED, {
        "v0.2.7": (401, "Authorization is required"), "v0.2.9": (403, "Transfer Agent not allowed"),
        "v0.2.13": (403, "Transfer Agent not allowed"),
    }),
    ("an unpublished key", unpublished, {
        "v0.2.11": (500, RPC.format("Unknown", PANIC)),
        "v0.2.12": (500, RPC.format("NotFound", "account has no public key: key not found")),
    }),
    ("a model that is not served", BAD_MODEL, {
        "v0.2.5": (500, RPC.format("Unknown", "model not found")),
        "v0.2.11": (500, RPC.format("Unknown", "model not found")),
        "v0.2.12": (404, "model not found"),
    }),
    ("no executor", NO_EXECUTOR, {
        "v0.2.11": (500, RPC.format("Unknown", "no participants found for the model")),
        "v0.2.12": (503, "no executors available for model"),
    }),
    ("400 of a model's server comes through", REJECTED, {
        "v0.2.6": (500, ML_NODE), "v0.2.7": (400, ML_NODE), "v0.2.13": (400, ML_NODE),
    }),
    ("a long body", chunked, {
        "v0.2.10": (500, "http: request body too large"), "v0.2.11": (500, "http: request body too large"),
        "v0.2.12": (413, "request body too large"),
    }),
    ("/v1/completions", completing, {
        "v0.2.11": (404, "Not Found"), "v0.2.12": (200, None), "v0.2.14": (410, "deprecated"),
    }),
    ("classic inference is retired", asking(body()), {"v0.2.13": (200, None), "v0.2.14": (410, "deprecated")}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("profile", "ask", "expected"),
    [(name, ask, expected) for _, ask, rows in DIFFERENCES for name, expected in rows.items()],
    ids=[f"{what}: {name}" for what, _, rows in DIFFERENCES for name in rows],
)
def test_a_difference(profile: str, ask: Ask, expected: tuple[int, str | None]) -> None:
    with playing(profile) as (node, requester):
        reply = ask(node, requester)
    assert (reply.status, reply.error if expected[1] else None) == expected, reply.body


@pytest.mark.parametrize("profile", CLASSIC)
def test_one_scheme_and_not_the_other(profile: str) -> None:
    with playing(profile) as (node, requester):
        assert requester.ask(node.url, timestamp=NOW).status == 200
        other = requester.but(scheme="hash" if requester.scheme == "raw" else "raw")
        reply = other.ask(node.url, timestamp=NOW)
    assert (reply.status, reply.error) == (401, BAD_SIGNATURE)


def test_the_hash_scheme_begins_with_v0_2_6() -> None:
    schemes = {name: PROFILES[name].scheme for name in CLASSIC if name != "seed"}
    assert [name for name, scheme in schemes.items() if scheme == "raw"] == ["v0.2.3", "v0.2.5"]


@pytest.mark.parametrize("profile", CLASSIC)
def test_the_content_type_of_errors_loses_its_charset_with_v0_2_8(profile: str) -> None:
    with playing(profile) as (node, requester):
        reply = requester.ask(node.url, timestamp=NOW, Authorization=None)
    older = profile in ("v0.2.3", "v0.2.5", "v0.2.6", "v0.2.7")
    assert reply.headers["content-type"] == "application/json" + ("; charset=UTF-8" if older else "")


@pytest.mark.parametrize("profile", CLASSIC)
def test_a_correct_signature_that_is_stale_is_a_400_and_a_wrong_one_a_401(profile: str) -> None:
    with playing(profile) as (node, requester):
        assert requester.ask(node.url, timestamp=NOW - 61 * 10**9).status == 400
        assert requester.but(key=b"\x07" * 32).ask(
            node.url, timestamp=NOW - 61 * 10**9, X_Requester_Address=requester.address
        ).status == 401  # fmt: skip


@pytest.mark.parametrize("profile", ["v0.2.3", "v0.2.9"])
def test_before_there_was_a_limit_the_front_had_one(profile: str) -> None:
    with playing(profile) as (node, requester):
        reply = chunked(node, requester)
    assert reply.status == 413
    assert reply.headers["content-type"].startswith("text/html")
    assert b"nginx" in reply.body


@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/completions", "/v1/devshard", "/v1/devshard/a/b"])
def test_what_is_retired_says_what_follows(path: str) -> None:
    with playing("v0.2.14") as (node, _):
        replies = [send(node.url, {}, b"not json", "POST", path)]
        if "devshard" in path or path == "/v1/chat/completions":
            replies.append(get(node.url, path))
        successor = "use /devshard/{version}" if "devshard" in path else "use devshard"
        for reply in replies:
            assert reply.status == 410
            assert reply.headers["deprecation"] == "true"
            assert reply.headers["link"] == '</devshard/{version}>; rel="successor-version"'
            assert json.loads(reply.body)["error"] == "deprecated"
            assert json.loads(reply.body)["message"].endswith(successor)
        assert get(node.url, "/v1/status").status == 200


def test_the_limit_on_bodies_is_looked_at_before_410() -> None:
    with playing("v0.2.14") as (node, requester):
        reply = send(node.url, requester.headers() | {"Content-Length": str(10 * 2**20 + 1)}, b"", "POST")
    assert (reply.status, reply.error) == (413, "Request Entity Too Large")
