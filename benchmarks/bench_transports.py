"""What a request costs the client's process: the HTTP library bare, with a signature, and `Client` over it.

The server is a process of its own that answers every request with the same JSON, so the CPU that is counted is the
client's alone. Everybody sends the same 200 bytes and headers over connections kept open, and parses the answer.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.bare_clients import ASYNC, SYNC, async_client, async_post, post
from benchmarks.canned_server import canned_server
from benchmarks.measuring import CPU, Role, describe, entered, library
from gonka_bench.workload import ENDPOINT, KEY, chat_payload
from gonka_core import AsyncClient, Client, Endpoint

pytestmark = CPU
TOGETHER = ("name", "at_once")

AT_ONCE: Final = (1, 16, 64)
"""Requests in flight."""
ROUND: Final = 256
"""Requests of an async round: four and more for each that is in flight."""
PAYLOAD: Final = chat_payload(200)

Headers = Callable[[], dict[str, str]]


@pytest.fixture(scope="module")
def endpoint() -> Iterator[Endpoint]:
    with canned_server() as server:
        yield replace(ENDPOINT, url=server.url)


@pytest.fixture(scope="module")
def by_hand() -> Any:
    return library("benchmarks.by_hand", "all")


@pytest.fixture(params=["bare", "bare and a signature"])
def bare(request: pytest.FixtureRequest, by_hand: Any) -> tuple[str, Headers]:
    """A subject, and where the headers of each of its requests come from: made once, or signed anew."""
    once = _headers(by_hand)
    return request.param, (lambda: once) if request.param == "bare" else (lambda: _headers(by_hand))


@pytest.mark.parametrize("name", SYNC)
def test_sync_bare(benchmark: BenchmarkFixture, endpoint: Endpoint, name: str, bare: tuple[str, Headers]) -> None:
    """The library's own client, one request after the other."""
    http, (subject, headers) = library(name, name), bare
    describe(benchmark, _group(name, 1), subject, role=_role(subject))
    with http.Client() as client:
        answer = benchmark(lambda: json.loads(post(client, endpoint.chat_url, PAYLOAD, headers())))
    assert answer["choices"]


@pytest.mark.parametrize("name", SYNC)
def test_sync_client(benchmark: BenchmarkFixture, endpoint: Endpoint, name: str) -> None:
    """`Client.chat`, one call after the other."""
    library(name, name)
    describe(benchmark, _group(name, 1), "ours")
    with Client(endpoint, private_key=KEY, transport=name, scheme="raw") as client:
        assert benchmark(client.chat, PAYLOAD).text


@pytest.mark.parametrize("at_once", AT_ONCE)
@pytest.mark.parametrize("name", ASYNC)
def test_async_bare(
    benchmark: BenchmarkFixture,
    endpoint: Endpoint,
    by_hand: Any,
    name: str,
    at_once: int,
    bare: tuple[str, Headers],
) -> None:
    """The library's own async client; so many tasks send one request after the other."""
    library(name, name)
    send, (subject, headers), times = async_post(name), bare, _times(benchmark, at_once)
    describe(benchmark, _group(name, at_once, "async"), subject, role=_role(subject), operations=times)
    with asyncio.Runner() as runner, entered(runner, async_client(name)) as client:

        async def one() -> Any:
            return json.loads(await send(client, endpoint.chat_url, PAYLOAD, headers()))

        assert runner.run(one())["choices"]
        benchmark(by_hand.spread(one, at_once, runner), times)


@pytest.mark.parametrize("at_once", AT_ONCE)
@pytest.mark.parametrize("name", ASYNC)
def test_async_client(benchmark: BenchmarkFixture, endpoint: Endpoint, by_hand: Any, name: str, at_once: int) -> None:
    """`AsyncClient.chat`; so many tasks make one call after the other."""
    library(name, name)
    times = _times(benchmark, at_once)
    describe(benchmark, _group(name, at_once, "async"), "ours", operations=times)
    ours = AsyncClient(endpoint, private_key=KEY, transport=name, scheme="raw")
    with asyncio.Runner() as runner, entered(runner, ours) as client:
        assert runner.run(client.chat(PAYLOAD)).text
        benchmark(by_hand.spread(lambda: client.chat(PAYLOAD), at_once, runner), times)


def _headers(by_hand: Any) -> dict[str, str]:
    """As our transports send them, which ask for no content coding."""
    signed: dict[str, str] = by_hand.signed_headers(PAYLOAD)
    return {"Accept-Encoding": "identity", **signed}


def _group(name: str, at_once: int, mode: str = "sync") -> str:
    return f"{name} {mode}, {at_once} in flight"


def _role(subject: str) -> Role:
    return "baseline" if subject == "bare" else "subject"


def _times(benchmark: BenchmarkFixture, at_once: int) -> int:
    """Requests of a round; one for each in flight where no time is taken."""
    return at_once if benchmark.disabled else ROUND
