"""The two drivers of flows that only read: answers and errors go back in, time is kept, everything is closed."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import time
import zlib
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_aiohttp.transport import AiohttpTransport
from gonka_core import AsyncClient, Client, PrivateKey, resolve
from gonka_core.answers import Answer
from gonka_core.driving import run_flow, run_flow_async
from gonka_core.endpoints import Endpoint
from gonka_core.errors import CallError, ConnectError, LimitExceededError, TransportTimeout
from gonka_core.hookspecs import TransportOptions
from gonka_core.interfaces import AsyncResponse, AsyncTransport, Response, Transport
from gonka_core.limits import Limits
from gonka_core.request import reading
from gonka_core.steps import Send, Steps, Wait
from gonka_core.types import Request
from gonka_mock_node import MockNode
from tests.discovery.asked import DEAD, transport

STATUS = "/v1/status"


@pytest.fixture(scope="module")
def running() -> Iterator[MockNode]:
    with MockNode() as node:
        yield node


@pytest.fixture
def node(running: MockNode) -> MockNode:
    running.reset()
    return running


def read(url: str, timeout: float | None = None, path: str = STATUS) -> Steps[Answer | CallError]:
    try:
        answer = yield Send(reading(Endpoint.public(url), path), timeout)
    except CallError as error:
        return error
    assert answer is not None
    return answer


async def both(url: str, limits: Limits | None = None, **options: Any) -> list[Answer | CallError]:
    """The same flow by either driver."""
    with transport() as carrier:
        first = run_flow(read(url, **options), carrier, limits or Limits())
    carried = resolve.async_transport("auto", TransportOptions())
    try:
        return [first, await run_flow_async(read(url, **options), carried, limits or Limits())]
    finally:
        await carried.aclose()


@pytest.mark.anyio
async def test_an_answer(node: MockNode) -> None:
    for answer in await both(node.nodes[0].public_url):
        assert isinstance(answer, Answer)
        assert (answer.status, (answer.body or b"").strip()) == (200, b'{"status":"ok"}')


@pytest.mark.anyio
async def test_a_refusal_is_an_answer(node: MockNode) -> None:
    for answer in await both(node.nodes[0].public_url, path="/v1/epochs/0/participants"):
        assert isinstance(answer, Answer)
        assert answer.status == 400


@pytest.mark.anyio
async def test_errors_go_into_the_flow(node: MockNode) -> None:
    assert [type(error) for error in await both(DEAD)] == [ConnectError] * 2
    limits = Limits(response_bytes=10)
    assert [type(error) for error in await both(node.nodes[0].public_url, limits)] == [LimitExceededError] * 2


@pytest.mark.anyio
async def test_a_body_that_comes_a_byte_at_a_time(node: MockNode) -> None:
    """No single wait is too long: only the sum is."""
    node.faults.add("trickle", route=STATUS, size=1, seconds=0.05)
    began = time.monotonic()
    errors = await both(node.nodes[0].public_url, timeout=0.25)
    assert [type(error) for error in errors] == [TransportTimeout] * 2
    assert time.monotonic() - began < 2.0


@pytest.mark.anyio
async def test_waits_and_what_a_flow_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    waited: list[float] = []

    def flow() -> Steps[None]:
        yield Wait(3.0)
        raise ConnectError("x", "y")

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    monkeypatch.setattr(time, "sleep", waited.append)
    monkeypatch.setattr(asyncio, "sleep", sleep)
    with transport() as carrier, pytest.raises(ConnectError):
        run_flow(flow(), carrier)
    carried = resolve.async_transport("auto", TransportOptions())
    with pytest.raises(ConnectError):
        await run_flow_async(flow(), carried)
    assert waited == [3.0, 3.0]
    monkeypatch.undo()
    await carried.aclose()


@dataclass
class Counting:
    """The real transport, which counts the answers that were opened and not closed."""

    carrier: Transport
    open: int = 0

    def send(self, request: Request, /, *, timeout: float | None = None) -> Response:
        response, counted = self.carrier.send(request, timeout=timeout), self
        self.open += 1
        close = response.close

        def closed() -> None:
            counted.open -= 1
            close()

        response.close = closed  # type: ignore[method-assign]
        return response

    def close(self) -> None:
        self.carrier.close()


@dataclass
class AsyncCounting:
    """`Counting`, awaited."""

    carrier: AsyncTransport
    open: int = 0

    async def send(self, request: Request, /, *, timeout: float | None = None) -> AsyncResponse:
        response, counted = await self.carrier.send(request, timeout=timeout), self
        self.open += 1
        aclose = response.aclose

        async def closed() -> None:
            counted.open -= 1
            await aclose()

        response.aclose = closed  # type: ignore[method-assign]
        return response

    async def aclose(self) -> None:
        await self.carrier.aclose()


@pytest.mark.parametrize("limits", [Limits(), Limits(response_bytes=10), Limits(header_bytes=10)])
def test_every_answer_is_closed(node: MockNode, limits: Limits) -> None:
    with transport() as carrier:
        counting = Counting(carrier)
        outcome = run_flow(read(node.nodes[0].public_url), counting, limits)
        assert isinstance(outcome, Answer) == (limits == Limits())
        assert counting.open == 0


def test_connections_are_given_back(node: MockNode) -> None:
    with transport() as carrier:
        for _ in range(5):
            run_flow(read(node.nodes[0].public_url), carrier)
        run_flow(read(node.nodes[0].public_url), carrier, Limits(response_bytes=10))
        assert node.open_connections <= 1
    assert node.until_idle()


@pytest.mark.anyio
async def test_a_stream_that_is_refused_by_its_headers_is_closed_too(node: MockNode) -> None:
    """Nobody else could: whoever asked for it has an error instead."""
    endpoint = f"{node.url};{node.provider_address}"
    payload = {"model": "test", "messages": [{"role": "user", "content": "hello"}]}
    more: Any = {"private_key": PrivateKey.generate(), "limits": Limits(header_bytes=10)}
    with transport() as carrier:
        counting = Counting(carrier)
        with Client(endpoint, transport=counting, **more) as client, pytest.raises(LimitExceededError):
            client.stream(payload).collect()
        assert counting.open == 0
    carried = AsyncCounting(resolve.async_transport("auto", TransportOptions()))
    async with AsyncClient(endpoint, transport=carried, **more) as awaited:
        with pytest.raises(LimitExceededError):
            await awaited.stream(payload).collect()
    assert carried.open == 0
    await carried.aclose()


class Told:
    """An answer whose body is there at once, as aiohttp's mostly is; how it was read and closed is counted."""

    status = 200

    def __init__(self, headers: Mapping[str, str], body: bytes, at_once: bool = True) -> None:
        self.headers = headers
        self._body = body
        self._at_once = at_once
        self.did: list[str] = []

    async def send(self, request: Request, /, *, timeout: float | None = None) -> Told:
        return self

    def arrived(self) -> bytes | None:
        self.did.append("arrived")
        return self._body if self._at_once else None

    async def __aiter__(self) -> AsyncIterator[bytes]:
        self.did.append("iterated")
        yield self._body

    async def aclose(self) -> None:
        self.did.append("closed")


def told(answer: Told, limits: Limits, **options: Any) -> Answer | CallError:
    step = Send(reading(Endpoint.public("http://host"), STATUS), **options)

    def flow() -> Steps[Answer]:
        found = yield step
        assert found is not None
        return found

    clock = itertools.count()
    try:
        return asyncio.run(run_flow_async(flow(), answer, limits, lambda: float(next(clock))))
    except CallError as error:
        return error


CODINGS: dict[str, Callable[[bytes], bytes]] = {"": bytes, "gzip": gzip.compress, "deflate": zlib.compress, "br": bytes}


@given(st.binary(max_size=60), st.sampled_from(sorted(CODINGS)), st.integers(1, 60), st.integers(1, 60), st.booleans())
def test_a_body_that_is_there_at_once_is_judged_as_one_that_is_read(
    body: bytes, coding: str, most: int, undone: int, cut: bool
) -> None:
    """Its coding undone within the same limits, or the same error."""
    headers = {"content-encoding": coding} if coding else {}
    sent = CODINGS[coding](body)[: -1 if cut else None]
    limits = Limits(response_bytes=most, decompressed_bytes=undone)
    at_once, read_through = Told(headers, sent), Told(headers, sent, at_once=False)
    found, expected = told(at_once, limits), told(read_through, limits)
    assert at_once.did == ["arrived"]
    assert read_through.did[0] == "arrived"
    assert read_through.did[-1] == "closed"
    assert type(found) is type(expected)
    assert str(found) == str(expected)
    assert not isinstance(found, Answer) or found == expected


def test_a_body_that_is_there_at_once_can_be_late_too() -> None:
    """The clock of these tests goes on by a second each time that it is looked at."""
    assert isinstance(told(Told({}, b""), Limits(), timeout=2.0), Answer)
    assert isinstance(told(Told({}, b""), Limits(), timeout=0.5), TransportTimeout)


def test_a_stream_is_not_taken_at_once() -> None:
    answer = Told({"content-type": "text/event-stream"}, b"data: [DONE]\n\n")
    found = told(answer, Limits(), stream=True)
    assert isinstance(found, Answer)
    assert found.body is None
    assert answer.did == []


@pytest.mark.anyio
async def test_aiohttp_takes_at_once_what_is_there(node: MockNode) -> None:
    carrier = AiohttpTransport(TransportOptions())
    for _ in range(3):
        response = await carrier.send(reading(Endpoint.public(node.nodes[0].public_url), STATUS))
        assert (response.arrived() or b"").strip() == b'{"status":"ok"}'
        assert node.open_connections == 1
    node.faults.add("trickle", route=STATUS, size=1, seconds=0.01)
    response = await carrier.send(reading(Endpoint.public(node.nodes[0].public_url), STATUS))
    assert response.arrived() is None
    assert b"".join([piece async for piece in response]).strip() == b'{"status":"ok"}'
    await response.aclose()
    await carrier.aclose()
