"""Signed requests through every pair of backends to a node that checks them, over real sockets."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from gonka_core import (
    AsyncClient,
    Client,
    ConnectError,
    GonkaError,
    NodeError,
    PayloadError,
    PrivateKey,
    StreamTruncatedError,
    UnusableAnswerError,
)
from gonka_core.errors import SignatureRejectedError, TimestampRejectedError
from gonka_core.plugins import registry
from gonka_core.types import SchemeChoice
from gonka_mock_node import MockNode
from tests.recorder import Recorder, http

PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
QUESTION = {"model": "test", "messages": [{"role": "user", "content": "What is the capital of France? Привет 🌍"}]}
KEY = PrivateKey((77).to_bytes(32, "big"))

SIGNERS = sorted(registry().of_kind("signer"))
SYNC = [name for name, entry in registry().of_kind("transport").items() if "sync" in entry.plugin.capabilities]
ASYNC = [name for name, entry in registry().of_kind("transport").items() if "async" in entry.plugin.capabilities]


@pytest.fixture(scope="module", params=["seed", "v0.2.13"])
def node(request: pytest.FixtureRequest) -> Iterator[MockNode]:
    with MockNode(profile=request.param) as node:
        yield node


def place(node: MockNode) -> str:
    return f"{node.url};{node.provider_address}"


@pytest.mark.parametrize("transport", SYNC)
@pytest.mark.parametrize("signer", SIGNERS)
def test_sync(node: MockNode, signer: str, transport: str) -> None:
    with Client(place(node), private_key=KEY, signer=signer, transport=transport) as client:
        answer = client.chat(QUESTION)
        assert "capital of France" in answer.text
        assert "Привет 🌍" in answer.text
        assert answer.data["id"] == answer.request.headers["Authorization"]
        streamed = "".join(chunk.text for chunk in client.stream(QUESTION))
        assert streamed == answer.text


@pytest.mark.anyio
@pytest.mark.parametrize("transport", ASYNC)
@pytest.mark.parametrize("signer", SIGNERS)
async def test_async(node: MockNode, signer: str, transport: str) -> None:
    async with AsyncClient(place(node), private_key=KEY, signer=signer, transport=transport) as client:
        answer = await client.chat(QUESTION)
        assert "capital of France" in answer.text
        async with client.stream(QUESTION) as stream:
            streamed = "".join([chunk.text async for chunk in stream])
        assert streamed == answer.text
        assert stream.request.scheme == answer.request.scheme


def test_auto_finds_the_scheme_of_the_node_and_keeps_it(node: MockNode) -> None:
    with Client(place(node), private_key=KEY) as client:
        schemes = [client.chat(QUESTION).request.scheme for _ in range(2)]
    assert schemes == [node.profile.scheme] * 2


@pytest.mark.parametrize("scheme", ["raw", "hash"])
def test_a_pinned_scheme_of_the_other_generation_is_refused(node: MockNode, scheme: SchemeChoice) -> None:
    with Client(place(node), private_key=KEY, scheme=scheme) as client:
        if scheme == node.profile.scheme:
            assert client.chat(QUESTION).text
            return
        with pytest.raises(SignatureRejectedError) as caught:
            client.chat(QUESTION)
    assert caught.value.node_text == "Unable to validate request against PubKey:invalid signature"


def test_bytes_go_out_untouched(node: MockNode) -> None:
    body = b'{ "model" : "test",\n"messages":[{"role":"user","content":"caf\\u00e9"}] }'
    with Client(place(node), private_key=KEY) as client:
        answer = client.chat(body)
    assert answer.request.body == body
    assert "café" in answer.text


def test_another_providers_address_is_refused(node: MockNode) -> None:
    with (
        Client(f"{node.url};{PROVIDER}", private_key=KEY) as client,
        pytest.raises(SignatureRejectedError, match=r"/v1/identity"),
    ):
        client.chat(QUESTION)


class StoppedClock:
    def __init__(self, now: int) -> None:
        self.now = now

    def now_ns(self) -> int:
        return self.now

    def timestamp_ns(self, offset_ns: int = 0) -> int:
        self.now += 1
        return self.now + offset_ns


@pytest.mark.parametrize("off", [-100, 100], ids=["slow", "fast"])
def test_a_clock_that_is_off_is_corrected_by_the_nodes_time(node: MockNode, off: int) -> None:
    """By block time where the chain's routes are open, by the `Date` of the refusal where they are not."""
    now = time.time_ns() + off * 10**9
    with Client(place(node), private_key=KEY, clock=StoppedClock(now)) as client:
        client.chat(QUESTION)
        client.chat({**QUESTION, "max_tokens": 7})
    assert [verdict.accepted for verdict in node.journal][-2:] == [True, True]


def test_a_clock_that_takes_no_correction_is_told(node: MockNode) -> None:
    class Stubborn(StoppedClock):
        def timestamp_ns(self, offset_ns: int = 0) -> int:
            return self.now

    stubborn = Stubborn(time.time_ns() - 100 * 10**9)
    with Client(place(node), private_key=KEY, clock=stubborn) as client, pytest.raises(TimestampRejectedError):
        client.chat(QUESTION)


def test_what_the_node_says_of_the_payload_is_kept(node: MockNode) -> None:
    with Client(place(node), private_key=KEY) as client, pytest.raises(NodeError) as caught:
        client.chat({"model": "test", "messages": []})
    assert (caught.value.status, caught.value.node_text) == (400, "messages is required")


def test_one_client_serves_many_threads(node: MockNode) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with Client(place(node), private_key=KEY) as client, ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: client.chat(QUESTION), range(64)))
    assert len({answer.request.timestamp_ns for answer in answers}) == 64


@pytest.mark.anyio
@pytest.mark.parametrize("transport", ASYNC)
async def test_one_client_serves_many_tasks(node: MockNode, transport: str) -> None:
    import asyncio

    async with AsyncClient(place(node), private_key=KEY, transport=transport) as client:
        answers = await asyncio.gather(*(client.chat(QUESTION) for _ in range(64)))
    assert len({answer.request.timestamp_ns for answer in answers}) == 64


class TestBadAnswers:
    """A peer that is no node, or a broken one: one typed error each."""

    @staticmethod
    def ask(answer: bytes, *, stream: bool) -> GonkaError:
        with (
            Recorder([[answer]]) as server,
            Client(f"{server.url};{PROVIDER}", private_key=KEY, scheme="raw") as client,
            pytest.raises(GonkaError) as caught,
        ):
            _ = [*client.stream(QUESTION)] if stream else client.chat(QUESTION)
        assert len(server.received) == 1
        assert caught.value.next_step
        return caught.value

    @pytest.mark.parametrize("stream", [False, True])
    def test_what_is_not_json(self, stream: bool) -> None:
        error = self.ask(http("200 OK", b"<html>hello</html>", "Content-Type: text/html"), stream=stream)
        assert isinstance(error, UnusableAnswerError)

    def test_a_stream_without_done(self) -> None:
        event = b'data: {"choices":[{"delta":{"content":"Pa"}}]}\n\n'
        error = self.ask(http("200 OK", event, "Content-Type: text/event-stream"), stream=True)
        assert isinstance(error, StreamTruncatedError)
        assert [chunk.text for chunk in error.received] == ["Pa"]

    def test_a_stream_where_none_was_asked_for(self) -> None:
        body = json.dumps({"choices": []}).encode()
        error = self.ask(http("200 OK", b"data: " + body + b"\n\n", "Content-Type: text/event-stream"), stream=False)
        assert isinstance(error, UnusableAnswerError)
        assert "stream(payload)" in error.next_step

    def test_a_redirect(self) -> None:
        error = self.ask(http("302 Found", b"", "Location: http://127.0.0.1:9/"), stream=False)
        assert isinstance(error, NodeError)
        assert "redirect" in error.next_step


def test_bad_input_sends_nothing() -> None:
    with Recorder([[http("200 OK", b"{}")]]) as server, Client(f"{server.url};{PROVIDER}", private_key=KEY) as client:
        for payload in ({"x": float("nan")}, {"x": object()}, {"stream": True}):
            with pytest.raises(PayloadError):
                client.chat(payload)
        with pytest.raises(PayloadError):
            client.stream({"stream": False})
        client.stream(QUESTION)  # not entered, not iterated: not sent
        assert server.received == []


@pytest.mark.anyio
@pytest.mark.parametrize("transport", ASYNC)
async def test_leaving_a_stream_early_drops_the_connection(transport: str) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9999\r\n\r\n"
    with Recorder([[head, b'data: {"choices":[]}\n\n']]) as server:
        async with (
            AsyncClient(f"{server.url};{PROVIDER}", private_key=KEY, transport=transport) as client,
            client.stream(QUESTION) as stream,
        ):
            async for _ in stream:
                break
        assert server.closed_by_client.wait(timeout=10)


def test_nobody_listens() -> None:
    with (
        Client(f"http://127.0.0.1:9;{PROVIDER}", private_key=KEY) as client,
        pytest.raises(ConnectError, match="cannot be reached"),
    ):
        client.chat(QUESTION)
