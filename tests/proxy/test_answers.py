"""What programs get through the proxy: the nodes' bytes, models in OpenAI's form, and errors that they understand."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
from typing import Any
from urllib.parse import quote

import pytest

from gonka_core import AsyncClient, Model, NotToldError
from gonka_core.proxy import Entry, Proxy, ProxyOptions
from gonka_core.retry import ONCE
from gonka_mock_node import MockNetwork
from tests.proxy.serving import API_KEY, CHAT, asked, body, client, proxied, until, wire

pytestmark = pytest.mark.asyncio


def events(stream: bytes) -> list[bytes]:
    assert stream.endswith(b"\n\n")
    return [event.removeprefix(b"data: ") for event in stream.split(b"\n\n")[:-1]]


async def test_what_is_signed_is_what_was_sent(network: MockNetwork) -> None:
    """Spaces and order are the program's: the node, which verifies the bytes, accepts them."""
    sent = b'{ "stream":  false,\n "messages": [{"content": "a b c d", "role": "user"}], "model" : "test" }'
    async with proxied(network) as proxy:
        answer = await asked(proxy, "POST", CHAT, sent)
    assert answer.status == 200
    assert json.loads(answer.body)["choices"][0]["message"]["content"] == "You said: a b c d"
    network.assert_accepted(1)
    (verdict,) = network.journal
    assert verdict.body_sha256 == hashlib.sha256(sent).hexdigest()


async def test_a_whole_answer_has_a_length_and_the_headers_that_are_about_it(network: MockNetwork) -> None:
    network.faults.add("many-headers", count=20)
    async with proxied(network) as proxy:
        answer = await asked(proxy, "POST", CHAT, body())
    assert answer.headers["content-length"] == str(len(answer.body))
    assert answer.headers["content-type"] == "application/json"
    assert not [name for name in answer.headers if "padding" in name], "a node has no say in other headers"


async def test_a_stream_arrives_event_by_event(network: MockNetwork) -> None:
    """The head comes with the first event, and each event when the node has written it, not at the end."""
    network.faults.add("stall", after=2, seconds=600.0)
    async with proxied(network) as proxy, wire(proxy) as connection:
        connection.ask("POST", CHAT, body(stream=True))
        status, headers = await connection.head()
        assert (status, headers["transfer-encoding"]) == (200, "chunked")
        assert headers["content-type"].startswith("text/event-stream")
        came = b""
        while came.count(b"\n\n") < 2:
            came += await connection.chunk()
        assert [json.loads(event)["object"] for event in events(came)] == ["chat.completion.chunk"] * 2


async def test_the_head_and_the_first_event_are_one_write(network: MockNetwork) -> None:
    async with proxied(network) as proxy, wire(proxy) as connection:
        connection.ask("POST", CHAT, body(stream=True))
        first = await connection.reader.read(1 << 20)
    assert first.startswith(b"HTTP/1.1 200")
    assert b"\r\n\r\n" in first
    assert b"data: {" in first


async def test_a_stream_ends_with_done_and_the_connection_is_kept(network: MockNetwork) -> None:
    async with proxied(network) as proxy, wire(proxy) as connection:
        for _ in range(3):
            connection.ask("POST", CHAT, body(stream=True))
            answer = await connection.answer()
            assert events(answer.body)[-1] == b"[DONE]"
    network.assert_accepted(3)


@pytest.mark.parametrize("fault", ["trickle", "crlf", "keepalive-comments", "split-utf8"])
async def test_however_a_stream_is_cut_its_bytes_are_the_nodes(network: MockNetwork, fault: str) -> None:
    more: dict[str, Any] = {"seconds": 0.0, "size": 7} if fault == "trickle" else {}
    network.faults.add(fault, **more)
    async with proxied(network) as proxy:
        answer = await asked(proxy, "POST", CHAT, body(stream=True))
    lines = answer.body.splitlines()
    assert lines.count(b"data: [DONE]") == 1
    assert [line for line in lines if line.startswith(b"data: {")] == [
        b"data: " + event for event in map(_compact, lines) if event
    ]


def _compact(line: bytes) -> bytes:
    """An event as the node encodes it, without what else may stand in the stream."""
    return line.removeprefix(b"data: ") if line.startswith(b"data: {") and json.loads(line[6:]) else b""


async def test_an_error_within_a_stream_is_its_last_event_and_ends_the_connection(network: MockNetwork) -> None:
    network.faults.add("error-event", after=2, text="the host is gone")
    async with proxied(network) as proxy, wire(proxy) as connection:
        connection.ask("POST", CHAT, body(stream=True))
        answer = await connection.answer()
        assert await connection.ended()
    *good, last = [json.loads(event) for event in events(answer.body)]
    assert ["choices" in event for event in good] == [True, True]
    assert last["error"]["code"] == "stream_failed"
    assert "the host is gone" in last["error"]["message"]
    assert last["error"]["gonka"]["maybe_billed"] is True


@pytest.mark.parametrize("inside", [False, True])
async def test_a_stream_that_breaks_off_says_so_behind_whole_events(network: MockNetwork, inside: bool) -> None:
    """Half an event is not handed on: the error behind it would be lost in it."""
    network.faults.add("cut-stream", after=3, inside=inside)
    async with proxied(network) as proxy, wire(proxy) as connection:
        connection.ask("POST", CHAT, body(stream=True))
        answer = await connection.answer()
        assert await connection.ended()
    *good, last = [json.loads(event) for event in events(answer.body)]
    assert len(good) == 3
    assert last["error"]["code"] == "stream_truncated"
    assert b"data: [DONE]" not in answer.body


async def test_an_error_in_the_place_of_the_first_event_has_a_status(network: MockNetwork) -> None:
    network.faults.add("error-event", after=0, done=True, text="no session")
    async with proxied(network) as proxy:
        answer = await asked(proxy, "POST", CHAT, body(stream=True))
    assert answer.status == 502
    assert "no session" in answer.error["message"]


async def test_another_node_answers_where_one_is_away(network: MockNetwork) -> None:
    entries: list[Entry] = []
    network.faults.add("overloaded", node=1)
    async with proxied(network, entries.append) as proxy:
        answer = await asked(proxy, "POST", CHAT, body(stream=True))
    assert answer.status == 200
    (entry,) = entries
    assert (entry.attempts, entry.endpoint) == (2, network.nodes[1].url)


@pytest.mark.parametrize(
    ("fault", "status", "kind", "code"),
    [
        ({"name": "overloaded", "retry_after": "1"}, 429, "rate_limit_error", "rate_limited"),
        ({"name": "no-executor"}, 503, "server_error", "no_executor"),
        ({"name": "reset-after"}, 502, "server_error", "transport"),
        ({"name": "html-instead-of-json"}, 502, "server_error", "unusable_answer"),
        ({"name": "model-vanished"}, 404, "not_found_error", "model_not_found"),
    ],
    ids=lambda value: value["name"] if isinstance(value, dict) else "",
)
async def test_what_a_node_refuses_is_told_in_openais_shape(
    network: MockNetwork, fault: dict[str, Any], status: int, kind: str, code: str
) -> None:
    network.faults.add(fault["name"], **{name: value for name, value in fault.items() if name != "name"})
    async with proxied(network, made=client(network, retry=ONCE)) as proxy:
        answer = await asked(proxy, "POST", CHAT, body())
    assert (answer.status, answer.error["type"], answer.error["code"]) == (status, kind, code)
    assert answer.headers["x-should-retry"] == "false"
    assert answer.headers.get("retry-after") == fault.get("retry_after")


async def test_the_models_are_openais_list(network: MockNetwork) -> None:
    async with proxied(network) as proxy:
        listed = json.loads((await asked(proxy, "GET", "/v1/models")).body)
        assert listed["object"] == "list"
        assert {"test", "Qwen/QwQ-32B"} <= {model["id"] for model in listed["data"]}
        for name in ("Qwen/QwQ-32B", quote("Qwen/QwQ-32B", safe="")):
            shown = json.loads((await asked(proxy, "GET", f"/v1/models/{name}")).body)
            assert shown in listed["data"]
            assert (shown["object"], shown["owned_by"], shown["created"]) == ("model", "gonka", 0)
        unknown = await asked(proxy, "GET", "/v1/models/nobody/has-it")
    assert (unknown.status, unknown.error["code"]) == (404, "model_not_found")
    assert "Qwen/QwQ-32B" in unknown.error["message"]


class Counting(AsyncClient):
    """Counts how often the network was asked, and fails at first where that is wanted."""

    times = 0
    fails = False

    async def models(self) -> tuple[Model, ...]:
        self.times += 1
        await asyncio.sleep(0)
        if self.fails:
            raise NotToldError("nobody tells", "ask again")
        return await super().models()


async def test_the_models_are_asked_for_once_in_a_while(network: MockNetwork) -> None:
    now = [100.0]
    places = [f"{node.url};{node.provider_address}" for node in network.nodes]
    upstream = Counting(places, private_key=client(network)._setup.private_key)
    async with proxied(network, made=upstream, models_s=60, seconds=lambda: now[0]) as proxy:
        upstream.fails = True
        refused = await asked(proxy, "GET", "/v1/models")
        assert (refused.status, refused.error["code"]) == (502, "not_told")
        upstream.fails, upstream.times = False, 0
        answers = await asyncio.gather(*(asked(proxy, "GET", "/v1/models") for _ in range(8)))
        assert {answer.status for answer in answers} == {200}
        assert upstream.times == 1, "an error is not kept, and of many who ask one goes"
        now[0] += 59.9
        await asked(proxy, "GET", "/v1/models")
        assert upstream.times == 1
        now[0] += 0.2
        await asked(proxy, "GET", "/v1/models")
        assert upstream.times == 2


async def test_health_needs_no_key_and_shows_urls_only_to_who_has_it(network: MockNetwork) -> None:
    network.faults.add("refused", node=1)
    async with proxied(network) as proxy:
        await asked(proxy, "POST", CHAT, body())
        for key in ("", "Bearer sk-another-key-altogether"):
            told = json.loads((await asked(proxy, "GET", "/health", Authorization=key)).body)
            assert told == {"status": "ok", "in_hand": 0, "endpoints": 2, "resting": 1}
        told = json.loads((await asked(proxy, "GET", "/health")).body)
    assert [state["url"] for state in told["states"]] == [node.url for node in network.nodes]
    assert [state["failures"] for state in told["states"]] == [1, 0]


@pytest.mark.parametrize(
    ("method", "path", "status", "allow"),
    [
        ("GET", CHAT, 405, "POST"),
        ("OPTIONS", CHAT, 405, "POST"),
        ("DELETE", "/v1/models/test", 405, "GET"),
        ("HEAD", "/v1/nothing", 404, None),
        ("POST", "/v1/embeddings", 404, None),
        ("POST", "/chat/completions", 404, None),
        ("GET", "/", 404, None),
        ("GET", "/v1/%00%ff/../x", 404, None),
    ],
)
async def test_what_is_not_there_says_what_is(
    network: MockNetwork, method: str, path: str, status: int, allow: str | None
) -> None:
    async with proxied(network) as proxy, wire(proxy) as connection:
        connection.ask(method, path, b"{}" if method == "POST" else None)
        if method == "HEAD":
            assert (await connection.head())[0] == status
            return
        answer = await connection.answer()
    assert (answer.status, answer.headers.get("allow")) == (status, allow)
    assert "POST /v1/chat/completions" in answer.error["message"]
    assert ("ends in /v1" in answer.error["message"]) == (path == "/chat/completions")
    assert not list(network.journal), "and nothing is asked for it"


@pytest.mark.parametrize(
    ("sent", "code", "param"),
    [
        (b"", "invalid_json", None),
        (b"[1]", "invalid_json", None),
        (b'{"model":"test"', "invalid_json", None),
        (b'{"model":"test","n":NaN}', "invalid_json", None),
        (b'\xff{"model":"test"}', "invalid_json", None),
        (b'{"model":"test","x":' + b"[" * 65 + b"]" * 65 + b"}", "too_deep", None),
        (b'{"messages":[]}', "invalid_value", "model"),
        (b'{"model":3}', "invalid_value", "model"),
        (b'{"model":"test","stream":"yes"}', "invalid_value", "stream"),
    ],
)
async def test_a_body_that_no_node_would_take_is_refused_unsigned(
    network: MockNetwork, sent: bytes, code: str, param: str | None
) -> None:
    async with proxied(network) as proxy:
        answer = await asked(proxy, "POST", CHAT, sent)
    assert (answer.status, answer.error["code"], answer.error["param"]) == (400, code, param)
    assert answer.error["type"] == "invalid_request_error"
    assert not list(network.journal)


async def test_there_are_so_many_requests_in_hand_and_no_more(network: MockNetwork) -> None:
    network.faults.add("stall", seconds=600.0)
    async with proxied(network, concurrent=2, grace_s=0) as proxy, wire(proxy) as one, wire(proxy) as two:
        for connection in (one, two):
            connection.ask("POST", CHAT, body(stream=True))
            await connection.head()
        refused = await asked(proxy, "POST", CHAT, body())
        assert (refused.status, refused.error["type"]) == (429, "rate_limit_error")
        assert (refused.headers["retry-after"], refused.headers["x-should-retry"]) == ("1", "true")
        two.writer.close()
        await until(lambda: proxy.in_hand == 1, "who leaves makes room")
        network.faults.clear()
        assert (await asked(proxy, "POST", CHAT, body())).status == 200


@pytest.mark.parametrize("stream", [False, True])
async def test_who_goes_away_takes_the_upstream_request_along(alone: MockNetwork, stream: bool) -> None:
    entries: list[Entry] = []
    alone.faults.add("trickle", size=8, seconds=0.01)
    async with proxied(alone, entries.append) as proxy:
        async with wire(proxy) as connection:
            connection.ask("POST", CHAT, body(stream=stream))
            if stream:
                await connection.head()
            else:
                await until(lambda: bool(list(alone.journal)), "the node has the request")
            assert proxy.in_hand == 1
        await until(lambda: proxy.in_hand == 0, "the request is given up")
        await until(lambda: alone.open_connections == 0, "the node is let go of")
    (entry,) = entries
    assert (entry.status, entry.error) == (499, "client_gone")


async def test_a_client_that_only_half_closes_is_gone_too(alone: MockNetwork) -> None:
    alone.faults.add("trickle", size=8, seconds=0.01)
    async with proxied(alone) as proxy, wire(proxy) as connection:
        connection.ask("POST", CHAT, body(stream=True))
        await connection.head()
        connection.writer.write_eof()
        await until(lambda: proxy.in_hand == 0, "the request is given up")
        await until(lambda: alone.open_connections == 0, "the node is let go of")


async def test_a_failure_of_ours_is_told_without_its_words(
    network: MockNetwork, caplog: pytest.LogCaptureFixture
) -> None:
    class Broken(Counting):
        async def models(self) -> tuple[Model, ...]:
            raise ValueError(f"words with {API_KEY} in them")

    places = [f"{node.url};{node.provider_address}" for node in network.nodes]
    broken = Broken(places, private_key=client(network)._setup.private_key)
    with caplog.at_level(logging.DEBUG):
        async with proxied(network, made=broken) as proxy:
            answer = await asked(proxy, "GET", "/v1/models")
    assert (answer.status, answer.error["code"]) == (500, "internal_error")
    assert "ValueError" in answer.error["message"]
    assert "words with" not in answer.body.decode() + caplog.text
    assert "ValueError" in caplog.text


async def test_a_log_that_fails_is_complained_of_once(network: MockNetwork, caplog: pytest.LogCaptureFixture) -> None:
    def broken(entry: Entry) -> None:
        raise BrokenPipeError(f"nobody reads {entry}")

    async with proxied(network, broken) as proxy:
        for stream in (False, True):
            assert (await asked(proxy, "POST", CHAT, body(stream=stream))).status == 200
    assert [record.message for record in caplog.records] == [
        "the proxy's log raised BrokenPipeError; further errors of it are not told"
    ]


async def test_the_client_of_the_caller_stays_open(network: MockNetwork) -> None:
    async with client(network) as upstream:
        async with Proxy(upstream, API_KEY, ProxyOptions()) as proxy:
            assert (await asked(proxy, "POST", CHAT, body())).status == 200
        assert (await upstream.chat({"model": "test", "messages": [{"role": "user", "content": "x"}]})).text
