"""The gateway profile: Bearer keys, errors as objects, log probabilities taken out: `protocol.md` §11.3, §11.4."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from gonka_mock_node import Chain, MockNode
from gonka_mock_node.access import Access
from tests.mock_node.requester import Reply, get, send

KEY = {"Authorization": "Bearer sk-test"}


@pytest.fixture
def gateway() -> Iterator[MockNode]:
    access = Access(["sk-test"])
    with MockNode(profile="gateway", access=access, chain=Chain(models=("test", "other"))) as node:
        yield node


def body(**fields: Any) -> bytes:
    return json.dumps({"model": "test", "messages": [{"role": "user", "content": "hi"}]} | fields).encode()


def refused(reply: Reply, status: int, message: str) -> None:
    assert (reply.status, json.loads(reply.body)) == (status, {"error": {"message": message}})
    assert reply.headers["content-type"] == "text/plain; charset=utf-8"
    assert reply.headers["x-content-type-options"] == "nosniff"
    assert reply.body.endswith(b"\n")


def test_a_whole_answer(gateway: MockNode) -> None:
    reply = send(gateway.url, KEY, body())
    assert reply.status == 200
    answer = json.loads(reply.body)
    assert answer["choices"][0]["message"]["content"] == "You said: hi"
    assert "logprobs" not in answer["choices"][0]
    assert answer["id"].startswith("chatcmpl-")
    assert reply.headers["x-request-id"]
    assert "authorization" not in reply.headers


def test_a_stream(gateway: MockNode) -> None:
    reply = send(gateway.url, KEY, body(stream=True))
    assert reply.headers["content-type"].startswith("text/event-stream")
    assert reply.headers["cache-control"] == "no-cache"
    assert reply.body.endswith(b"data: [DONE]\n\n")
    assert b"logprobs" not in reply.body


def test_the_model_that_is_not_named_is_the_gateways_own(gateway: MockNode) -> None:
    assert json.loads(send(gateway.url, KEY, body(model="")).body)["model"] == "test"


@pytest.mark.parametrize("authorization", [None, "", "Bearer ", "Bearer sk-other", "sk-test", "Basic sk-test"])
def test_keys(gateway: MockNode, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    refused(send(gateway.url, headers, body()), 401, 'model "test" requires an API key')


def test_without_a_list_every_key_will_do_but_one_is_needed() -> None:
    with MockNode(profile="gateway") as node:
        assert send(node.url, {"Authorization": "bearer anything"}, body()).status == 200
        assert send(node.url, {}, body()).status == 401


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"guided_json": {}}, "unsupported chat parameter: guided_json"),
        ({"enforced_tokens": []}, "unsupported chat parameter: enforced_tokens"),
        ({"mine": 1}, "unsupported chat parameter: mine"),
        ({"n": 6}, "n must be between 1 and 5"),
        ({"n": 0}, "n must be between 1 and 5"),
        ({"top_p": 0}, "top_p must be in (0, 1]"),
        ({"top_p": 1.5}, "top_p must be in (0, 1]"),
        ({"max_tokens": 0}, "max_tokens must be at least 1"),
        ({"messages": []}, "messages is required"),
        ({"model": "gpt"}, 'unsupported model "gpt"; supported models: test, other'),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "messages[0].content: [0]: only text content parts are supported",
        ),
        ({"messages": [{"role": "user", "content": "x"}] * 2049}, "messages must have at most 2048 items"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_parameters(gateway: MockNode, fields: dict[str, Any], message: str) -> None:
    refused(send(gateway.url, KEY, body(**fields)), 400, message)


def test_nesting(gateway: MockNode) -> None:
    deep: Any = 1
    for _ in range(40):
        deep = [deep]
    refused(send(gateway.url, KEY, body(stop=deep)), 400, "request is nested deeper than 32 levels")


def test_what_is_in_range_passes(gateway: MockNode) -> None:
    fields = {"n": 5, "top_p": 1, "max_tokens": 1, "temperature": 0, "stop": ["x"], "tools": [], "seed": 2**40}
    reply = send(gateway.url, KEY, body(**{**fields, "seed": 7}))
    assert reply.status == 200, reply.body


def test_capacity_and_models_that_are_away(gateway: MockNode) -> None:
    gateway.chain.outages.add("capacity")
    refused(send(gateway.url, KEY, body()), 429, "rate limit exceeded: too many concurrent requests")
    gateway.chain.outages.add("executors")
    refused(send(gateway.url, KEY, body()), 503, 'model "test" is temporarily unavailable')


def test_a_gateway_that_moved() -> None:
    with MockNode(profile="gateway", access=Access(moved_to="https://new.example/v1")) as node:
        reply = send(node.url, KEY, body())
    assert reply.status == 308
    assert "location" not in reply.headers
    assert json.loads(reply.body) == {
        "message": "gateway disabled",
        "new_url": "https://new.example/v1",
        "status": 308,
    }


def test_a_long_body(gateway: MockNode) -> None:
    reply = send(gateway.url, KEY | {"Content-Length": str(10 * 2**20 + 1)}, b"", "POST")
    refused(reply, 413, "request body too large")


def test_models_and_status(gateway: MockNode) -> None:
    (first, _second) = json.loads(get(gateway.url, "/v1/models").body)["data"]
    assert first["owned_by"] == "gonka"
    assert {"architecture", "pricing", "top_provider", "supported_parameters", "context_length"} <= set(first)
    status = json.loads(get(gateway.url, "/v1/status").body)
    assert status["mode"] == "gateway"
    assert get(gateway.url, "/v1/identity").status == 404


def test_a_key_is_in_no_verdict_and_no_log_line(gateway: MockNode) -> None:
    send(gateway.url, {"Authorization": "Bearer sk-secret-of-somebody"}, body())
    send(gateway.url, KEY, body())
    for verdict in gateway.journal:
        assert "secret" not in json.dumps(verdict.as_event())
        assert "sk-test" not in json.dumps(verdict.as_event())
        assert "secret" not in repr(verdict)
