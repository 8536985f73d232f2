"""What code that is less plain for the sake of speed gains over the plain way. What gains nothing has no place.

Each group is one choice: `plain` is the baseline, `ours` what stands in the code. The table of the signer `ecdsa` has a
row of its own among the targets (`pure-table`), and so has importing at first use (`import`).
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, fields
from typing import Any, Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.canned_server import stream
from benchmarks.measuring import CPU, Role, describe, library
from gonka_bench.workload import DIGEST, ENDPOINT, KEY, SECRET, chat_payload
from gonka_core import Endpoint, Request, SignedRequest, TransportOptions, limits, resolve, sign_request, sse, telling
from gonka_core.answers import Answer
from gonka_core.canonical import Scheme
from gonka_core.chunks import Chunk
from gonka_core.driving import run_flow_async
from gonka_core.events import Emitter
from gonka_core.incoming import Incoming
from gonka_core.jsontext import loads
from gonka_core.steps import Send, Steps

pytestmark = CPU
TOGETHER = ("way",)

REQUEST: Final = sign_request(chat_payload(200), ENDPOINT, resolve.signer(resolve.AUTO, lambda: KEY))
CHUNK: Final = stream().partition(b"data: ")[2].partition(b"\n\n")[0]
WAYS: Final = ("plain", "ours")


@pytest.fixture(params=WAYS)
def way(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def chosen(benchmark: BenchmarkFixture, choice: str, way: str, ways: dict[str, Callable[[], object]]) -> None:
    """Measure one of the two."""
    role: Role = "baseline" if way == "plain" else "subject"
    describe(benchmark, choice, way, role=role)
    benchmark(ways[way])


def test_timeouts_by_one_timer(benchmark: BenchmarkFixture, way: str) -> None:
    """A hundred awaits within a timeout: `asyncio.timeout` sets a timer for each, `Patience` one for all."""
    patience = library("gonka_aiohttp.patience", "aiohttp")

    async def nothing() -> None:
        pass

    async def plain() -> None:
        for _ in range(100):
            within: AbstractAsyncContextManager[Any] = asyncio.timeout(300)
            async with within:
                await nothing()

    async def ours() -> None:
        waiting = patience.Patience()
        within: Callable[[float, Awaitable[None]], Awaitable[None]] = waiting.within
        for _ in range(100):
            await within(300, nothing())
        waiting.close()

    with asyncio.Runner() as runner:
        chosen(
            benchmark,
            "timeouts of aiohttp, 100",
            way,
            {"plain": lambda: runner.run(plain()), "ours": lambda: runner.run(ours())},
        )


def test_a_record_filled_at_once(benchmark: BenchmarkFixture, way: str) -> None:
    """`SignedRequest` against a frozen dataclass of the same fields with the `__init__` that it comes with."""

    @dataclass(frozen=True)
    class Plain:
        url: str
        headers: dict[str, str]
        body: bytes
        endpoint: Endpoint
        requester_address: str
        scheme: Scheme
        timestamp_ns: int
        digest: bytes
        signature: bytes
        method: str = "POST"

    given: dict[str, Any] = {field.name: getattr(REQUEST, field.name) for field in fields(REQUEST)}
    chosen(
        benchmark, "a signed request", way, {"plain": lambda: Plain(**given), "ours": lambda: SignedRequest(**given)}
    )


def test_signatures_without_recovery_id(benchmark: BenchmarkFixture, way: str) -> None:
    """A signature by coincurve: with its documented call, or with the two of libsecp256k1 that it takes."""
    signer, direct = library("gonka_coincurve.signer", "coincurve"), library("gonka_coincurve.direct", "coincurve")
    key = library("coincurve", "coincurve").PrivateKey(SECRET)
    ways: dict[str, Callable[[], object]] = {
        "plain": lambda: signer.by_recoverable(key, DIGEST),
        "ours": lambda: direct.compact_signature(key, DIGEST),
    }
    chosen(benchmark, "a signature by coincurve", way, ways)


def test_lines_cut_at_line_feeds(benchmark: BenchmarkFixture, way: str) -> None:
    """A stream of 100 chunks into lines: by the expression for all three line ends, or at LF where there is no CR."""
    text = b"".join(b"data: " + CHUNK + b"\n\n" for _ in range(100))
    chosen(
        benchmark,
        "lines of a stream",
        way,
        {"plain": lambda: sse._LINE_END.split(text), "ours": lambda: sse._lines(text)},
    )


def test_the_words_of_a_chunk(benchmark: BenchmarkFixture, way: str) -> None:
    """`Chunk.text`: by the view of its first choice, or looked up by itself."""
    chunk = Chunk(json.loads(CHUNK))
    ways: dict[str, Callable[[], object]] = {"plain": lambda: chunk._first.text, "ours": lambda: chunk.text}
    assert ways["plain"]() == ways["ours"]()
    chosen(benchmark, "the words of a chunk", way, ways)


def test_nesting_counted_only_where_it_may_be_deep(benchmark: BenchmarkFixture, way: str) -> None:
    """The nesting of a chunk: counted outside of strings, or all brackets first, which mostly are few enough."""
    ways: dict[str, Callable[[], object]] = {
        "plain": lambda: limits._depth(CHUNK),
        "ours": lambda: limits._brackets(CHUNK),
    }
    chosen(benchmark, "nesting of a chunk", way, ways)


def test_a_body_without_a_coding(benchmark: BenchmarkFixture, way: str) -> None:
    """A body of one piece kept: undone by a decoder that has nothing to do, or by none."""

    def kept(headers: dict[str, str]) -> bytes | None:
        incoming = Incoming(REQUEST, 200, headers, limits.DEFAULT)
        incoming.keep(CHUNK)
        return incoming.answer().body

    ways: dict[str, Callable[[], object]] = {
        "plain": lambda: kept({"content-encoding": "identity"}),
        "ours": lambda: kept({"content-type": "identity"}),
    }
    chosen(benchmark, "a body without a coding", way, ways)


class _Answer:
    """An answer in memory, with a body of one piece."""

    status = 200
    headers: Mapping[str, str] = {"content-type": "application/json"}

    async def send(self, request: Request, /, *, timeout: float | None = None) -> _Answer:
        return self

    def __aiter__(self) -> AsyncIterator[bytes]:
        self._pieces = [CHUNK]
        return self

    async def __anext__(self) -> bytes:
        if not self._pieces:
            raise StopAsyncIteration
        return self._pieces.pop()

    async def aclose(self) -> None:
        pass


class _Arrived(_Answer):
    def arrived(self) -> bytes:
        return CHUNK


def test_a_body_that_is_there_taken_at_once(benchmark: BenchmarkFixture, way: str) -> None:
    """An answer of one piece: iterated over and closed, or taken in one step (`AsyncResponse`)."""

    def flow() -> Steps[Answer | None]:
        return (yield Send(REQUEST))

    async def read(carrier: _Answer) -> None:
        await run_flow_async(flow(), carrier)

    with asyncio.Runner() as runner:

        def hundred(carrier: _Answer) -> None:
            async def all_of() -> None:
                for _ in range(100):
                    await read(carrier)

            runner.run(all_of())

        ways: dict[str, Callable[[], object]] = {
            "plain": lambda: hundred(_Answer()),
            "ours": lambda: hundred(_Arrived()),
        }
        chosen(benchmark, "an answer that is there, 100", way, ways)


def test_nothing_told_where_nobody_hears(benchmark: BenchmarkFixture, way: str) -> None:
    """A call's first moments: told to an emitter without observers, or to nobody."""

    def told(by: Callable[[], telling.Teller]) -> Callable[[], None]:
        def moments() -> None:
            tell = by()
            tell.call_started("m", False)
            tell.attempt_started(1, ENDPOINT, "raw")
            tell.response_received(1, ENDPOINT, 200, 0.0)

        return moments

    deaf = Emitter()
    ways: dict[str, Callable[[], object]] = {
        "plain": told(lambda: telling.Teller(deaf, time.monotonic)),
        "ours": told(lambda: telling.teller(deaf, time.monotonic)),
    }
    chosen(benchmark, "what a call tells", way, ways)


def test_json_by_orjson(benchmark: BenchmarkFixture, way: str) -> None:
    """The JSON of a chunk; with orjson, and looked through for the numbers that orjson reads otherwise."""
    library("orjson", "fast")
    chosen(benchmark, "JSON of a chunk", way, {"plain": lambda: json.loads(CHUNK), "ours": lambda: loads(CHUNK)})


@pytest.mark.parametrize("name", ["httpx", "httpx2"])
def test_requests_without_the_client(benchmark: BenchmarkFixture, way: str, name: str) -> None:
    """A request in the library's own form: by its client, which parses the URL and merges headers anew, or by us."""
    found = library(name, name)
    building = library("gonka_httpx.building", name)
    options = TransportOptions()
    with found.Client() as client:
        ours = building.Building(found, client.headers, options)
        timeout = found.Timeout(10.0)
        ways: dict[str, Callable[[], object]] = {
            "plain": lambda: client.build_request(
                "POST", REQUEST.url, headers=REQUEST.headers, content=REQUEST.body, timeout=timeout
            ),
            "ours": lambda: ours.request(REQUEST, None),
        }
        chosen(benchmark, f"a request of {name}", way, ways)
