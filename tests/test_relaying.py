"""An answer handed on as bytes: what arrives is what the node sent, and what is wrong with it raises as ever."""

from __future__ import annotations

import asyncio
import json
import socket
import threading
from collections.abc import Iterator
from typing import Any, Final

import pytest

from gonka_core import AsyncClient, CallError, Client, NodeError, PrivateKey, RetryPolicy, TransportTimeout
from gonka_core.relaying import end_to_end
from gonka_mock_node import MockNetwork

KEY: Final = PrivateKey((78).to_bytes(32, "big"))


def body(**more: object) -> bytes:
    return json.dumps({"model": "test", "messages": [{"role": "user", "content": "a b c d"}], **more}).encode()


@pytest.fixture(scope="module")
def network() -> Iterator[MockNetwork]:
    with MockNetwork(2, profile="v0.2.13", explain=False) as network:
        yield network


@pytest.fixture(autouse=True)
def nothing_left(network: MockNetwork) -> Iterator[None]:
    network.reset()
    yield
    network.faults.clear()


def settings(network: MockNetwork, **more: Any) -> dict[str, Any]:
    places = [f"{node.url};{node.provider_address}" for node in network.nodes]
    return {"endpoints": places, "private_key": KEY, "selector": "first", "scheme": "hash", **more}


class Told:
    """A relayed answer that was read: what came, and what it ended in."""

    def __init__(self) -> None:
        self.body = b""
        self.error: CallError | None = None
        self.headers: dict[str, str] = {}
        self.attempts = 0
        self.completion: object = None


def relayed(network: MockNetwork, mode: str, sent: bytes, *, stream: bool, **more: Any) -> Told:
    told = Told()
    if mode == "sync":
        with Client(**settings(network)) as client, client.relay(sent, stream=stream, **more) as answer:
            told.headers, told.attempts, told.completion = dict(answer.headers), len(answer.attempts), answer.completion
            try:
                for piece in answer:
                    told.body += piece
            except CallError as error:
                told.error = error
        return told

    async def awaited() -> None:
        async with (
            AsyncClient(**settings(network)) as client,
            await client.relay(sent, stream=stream, **more) as answer,
        ):
            told.headers, told.attempts = dict(answer.headers), len(answer.attempts)
            told.completion = answer.completion
            try:
                async for piece in answer:
                    told.body += piece
            except CallError as error:
                told.error = error

    asyncio.run(awaited())
    return told


both = pytest.mark.parametrize("mode", ["sync", "async"])


@both
def test_a_whole_answer_is_the_nodes_bytes(network: MockNetwork, mode: str) -> None:
    told = relayed(network, mode, body(), stream=False)
    assert json.loads(told.body)["choices"][0]["message"]["content"]
    assert told.completion is not None
    assert told.headers["content-type"].startswith("application/json")
    assert "content-length" not in told.headers
    assert told.attempts == 1


@both
def test_a_stream_is_handed_on_event_by_event(network: MockNetwork, mode: str) -> None:
    told = relayed(network, mode, body(stream=True), stream=True)
    assert told.body.rstrip().endswith(b"data: [DONE]")
    assert told.body.count(b"data: {") >= 3
    assert told.completion is None
    assert told.error is None


@both
def test_another_node_answers_where_the_first_is_away(network: MockNetwork, mode: str) -> None:
    network.faults.add("refused", node=1)
    told = relayed(network, mode, body(stream=True), stream=True)
    assert told.body.rstrip().endswith(b"data: [DONE]")
    assert told.attempts == 2


@both
def test_what_came_before_an_error_is_handed_on_before_it_raises(network: MockNetwork, mode: str) -> None:
    network.faults.add("error-event", after=2)
    told = relayed(network, mode, body(stream=True), stream=True)
    events = [json.loads(line[6:]) for line in told.body.splitlines() if line]
    assert len(events) == 2
    assert all("choices" in event for event in events), "the error itself is told by raising"
    assert isinstance(told.error, NodeError)


@both
def test_a_stream_that_just_stops_raises_after_its_bytes(network: MockNetwork, mode: str) -> None:
    network.faults.add("no-done")
    told = relayed(network, mode, body(stream=True), stream=True)
    assert told.body.count(b"data: {") >= 3
    assert type(told.error).__name__ == "StreamTruncatedError"


@both
def test_patience_is_what_one_wait_may_take(network: MockNetwork, mode: str) -> None:
    network.faults.add("stall", seconds=5.0)
    with pytest.raises(TransportTimeout) as caught:
        relayed(network, mode, body(), stream=False, patience=0.2)
    assert caught.value.maybe_billed


@both
def test_attempts_are_in_place_of_the_policys(network: MockNetwork, mode: str) -> None:
    network.faults.add("overloaded")
    with pytest.raises(NodeError) as caught:
        relayed(network, mode, body(), stream=False, attempts=1)
    assert len(caught.value.attempts) == 1
    network.faults.clear()
    network.faults.add("overloaded")
    policy = RetryPolicy(attempts=3, backoff=0.001)
    with Client(**settings(network, retry=policy)) as client, pytest.raises(NodeError) as caught:
        client.relay(body())
    assert len(caught.value.attempts) == 3, "without it the policy decides"


def test_headers_about_one_connection_stay_behind() -> None:
    told = {"content-type": "text/plain", "connection": "close, X-Hop", "x-hop": "1", "content-encoding": "gzip"}
    assert end_to_end(told) == {"content-type": "text/plain"}


class Halves:
    """A node that sends its second event in two pieces, with an error behind it; the other piece when it is told to."""

    FIRST = b'data: {"id":"1","choices":[]}\n\ndata: {"id":"2",'
    REST = b'"choices":[]}\n\ndata: {"error":{"message":"host closed the stream"}}\n\n'

    def __init__(self) -> None:
        self.go_on = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        taken, _ = self._socket.accept()
        with taken:
            received = b""
            while b"messages" not in received:
                received += taken.recv(65536)
            head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
            taken.sendall(head + self._chunk(self.FIRST))
            self.go_on.wait(10)
            taken.sendall(self._chunk(self.REST) + b"0\r\n\r\n")

    def _chunk(self, data: bytes) -> bytes:
        return b"%x\r\n%b\r\n" % (len(data), data)

    def close(self) -> None:
        self.go_on.set()
        self._thread.join(10)
        self._socket.close()


def test_an_event_that_comes_in_two_pieces_is_handed_on_once_also_before_an_error() -> None:
    node = Halves()
    told: list[bytes] = []
    place = f"{node.url};gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"

    def read() -> None:
        with Client(place, private_key=KEY, scheme="hash") as client:
            for piece in client.relay(body(stream=True), stream=True):
                told.append(piece)
                node.go_on.set()

    try:
        with pytest.raises(NodeError):
            read()
    finally:
        node.close()
    assert [json.loads(event[6:])["id"] for event in b"".join(told).split(b"\n\n") if event] == ["1", "2"]
