"""What a stream of 100 chunks costs the client's process: bytes alone, JSON parsed by hand, and `stream` of ours.

Over a connection, the server is a process of its own. Decoding alone is measured on the same bytes in memory, cut as a
network may cut them. Whoever decodes also looks up the words of each chunk.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from typing import Any, Final, TypeAlias

import httpx
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.bare_clients import SYNC, async_client, async_pieces, pieces
from benchmarks.canned_server import canned_server
from benchmarks.measuring import CPU, describe, entered, library
from gonka_bench.workload import ENDPOINT, KEY, chat_payload
from gonka_core import AsyncClient, Client, Endpoint, resolve, sign_request
from gonka_core.reading import EventReader

pytestmark = CPU
TOGETHER = ("name", "cut")

Feed: TypeAlias = Callable[[bytes], object]
"""Takes the next piece of a stream."""

PAYLOAD: Final = chat_payload(200).replace(b'"stream":false', b'"stream":true')
REQUEST: Final = sign_request(PAYLOAD, ENDPOINT, resolve.signer(resolve.AUTO, lambda: KEY))
HEADERS: Final = {"Accept-Encoding": "identity", **REQUEST.headers}
CUTS: Final = {"in one piece": 2**30, "an event a piece": 0, "in pieces of 7 bytes": 7}
"""Bytes of a piece; 0 cuts behind each event."""


class ByHand:
    """Events as a program of a dozen lines reads them: split at blank lines, `json.loads`, no error expected."""

    def __init__(self) -> None:
        self._rest = b""
        self.words: list[str] = []

    def feed(self, piece: bytes) -> None:
        *events, self._rest = (self._rest + piece).split(b"\n\n")
        for event in events:
            if event != b"data: [DONE]":
                self.words.append(json.loads(event[6:])["choices"][0]["delta"].get("content") or "")


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with canned_server() as server:
        yield replace(ENDPOINT, url=server.url)


@pytest.fixture(scope="module")
def body(endpoint: Endpoint) -> bytes:
    """The streamed answer, without the framing of HTTP."""
    with httpx.Client() as client:
        return b"".join(pieces(client, endpoint.chat_url, PAYLOAD, HEADERS))


@pytest.mark.parametrize("parsing", [False, True], ids=["bytes", "json"])
@pytest.mark.parametrize("name", SYNC)
def test_sync_bare(benchmark: BenchmarkFixture, endpoint: Endpoint, name: str, parsing: bool) -> None:
    """The library's own client: the pieces as they arrive, dropped or parsed."""
    http = library(name, name)
    _describe_bare(benchmark, f"{name} sync", parsing)

    def read() -> None:
        feed = _feed(parsing)
        for piece in pieces(client, endpoint.chat_url, PAYLOAD, HEADERS):
            feed(piece)

    with http.Client() as client:
        benchmark(read)


@pytest.mark.parametrize("name", SYNC)
def test_sync_client(benchmark: BenchmarkFixture, endpoint: Endpoint, name: str) -> None:
    """`Client.stream`, a new signature for each."""
    library(name, name)
    describe(benchmark, f"{name} sync: a stream of 100 chunks", "ours")
    with Client(endpoint, private_key=KEY, transport=name, scheme="raw") as client:
        assert benchmark(lambda: [chunk.text for chunk in client.stream(PAYLOAD)])


@pytest.mark.parametrize("parsing", [False, True], ids=["bytes", "json"])
def test_async_bare(benchmark: BenchmarkFixture, endpoint: Endpoint, parsing: bool) -> None:
    """The session of aiohttp: the pieces as they arrive, dropped or parsed."""
    library("aiohttp", "aiohttp")
    _describe_bare(benchmark, "aiohttp async", parsing)

    async def read(session: Any) -> None:
        feed = _feed(parsing)
        async for piece in async_pieces(session, endpoint.chat_url, PAYLOAD, HEADERS):
            feed(piece)

    with asyncio.Runner() as runner, entered(runner, async_client("aiohttp")) as session:
        benchmark(lambda: runner.run(read(session)))


def test_async_client(benchmark: BenchmarkFixture, endpoint: Endpoint) -> None:
    """`AsyncClient.stream` over aiohttp, a new signature for each."""
    library("aiohttp", "aiohttp")
    describe(benchmark, "aiohttp async: a stream of 100 chunks", "ours")
    ours = AsyncClient(endpoint, private_key=KEY, transport="aiohttp", scheme="raw")

    async def read() -> list[str]:
        return [chunk.text async for chunk in ours.stream(PAYLOAD)]

    with asyncio.Runner() as runner, entered(runner, ours):
        assert benchmark(lambda: runner.run(read()))


@pytest.mark.parametrize("cut", CUTS)
def test_decoding_by_hand(benchmark: BenchmarkFixture, body: bytes, cut: str) -> None:
    """The bytes of a stream to the words of its chunks, by a dozen lines."""
    describe(benchmark, f"decode 100 chunks, {cut}", "by hand", role="baseline")
    cuts = list(_cut(body, CUTS[cut]))

    def read() -> list[str]:
        reader = ByHand()
        for piece in cuts:
            reader.feed(piece)
        return reader.words

    assert benchmark(read) == _words(body)


@pytest.mark.parametrize("cut", CUTS)
def test_decoding(benchmark: BenchmarkFixture, body: bytes, cut: str) -> None:
    """The same by `EventReader`, which reads every form of events, keeps to limits, and knows errors and the end."""
    describe(benchmark, f"decode 100 chunks, {cut}", "EventReader")
    cuts = list(_cut(body, CUTS[cut]))

    def read() -> list[str]:
        reader = EventReader(REQUEST, 200)
        return [chunk.text for piece in cuts for chunk in reader.feed(piece)]

    assert benchmark(read) == _words(body)


def _describe_bare(benchmark: BenchmarkFixture, http: str, parsing: bool) -> None:
    group = f"{http}: a stream of 100 chunks"
    if parsing:
        describe(benchmark, group, "bare, json.loads of each event")
    else:
        describe(benchmark, group, "bare, bytes alone", role="baseline")


def _feed(parsing: bool) -> Feed:
    return ByHand().feed if parsing else len


def _words(body: bytes) -> list[str]:
    reader = ByHand()
    reader.feed(body)
    assert len(reader.words) == 100
    return reader.words


def _cut(body: bytes, size: int) -> Iterable[bytes]:
    if not size:
        return [event + b"\n\n" for event in body.split(b"\n\n")[:-1]]
    return [body[start : start + size] for start in range(0, len(body), size)]
