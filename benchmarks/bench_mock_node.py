"""What the mock node does in a second, and how soon it is there.

One server process, sixteen connections kept open, bodies of 200 bytes, every signature verified and every verdict
written as a JSON line. `requests_per_s` stands among the extra figures, and beside it the same per second of the
server's own CPU, which does not depend on what else the machine was doing.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from statistics import median

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks import node_load
from benchmarks.measuring import describe
from gonka_core import Endpoint
from gonka_mock_node import MockNode, wire

REQUESTS = 2000
STREAMS = 50
WORDS = " ".join(["word"] * 97)
STREAM = b'{"model":"m","messages":[{"role":"user","content":"%b"}],"stream":true}' % WORDS.encode()
"""The echo of it is a stream of 100 chunks: the role, and 99 pieces."""


@pytest.mark.parametrize("arguments", [(), ("--no-control",)], ids=["as it is", "without control plane"])
def test_verified_requests(benchmark: BenchmarkFixture, arguments: tuple[str, ...]) -> None:
    """2,000 requests signed beforehand, from the first byte sent to the last one received."""
    group = "1. two thousand verified requests over sixteen connections"
    describe(benchmark, group, " ".join(["gonka mock-node", *arguments]), role="subject" if arguments else "baseline")
    wall: list[float] = []
    cpu: list[float] = []
    with node_load.node_process(*arguments) as node:

        def prepared() -> tuple[tuple[list[bytes]], dict[str, object]]:
            return (node_load.signed_requests(node.endpoint, REQUESTS),), {}

        def load(requests: list[bytes]) -> None:
            used, started = node.cpu_s(), time.perf_counter()
            node_load.run(node.endpoint, requests)
            wall.append(time.perf_counter() - started)
            cpu.append(node.cpu_s() - used)

        benchmark.pedantic(load, setup=prepared, rounds=5, warmup_rounds=1)  # type: ignore[no-untyped-call]
    benchmark.extra_info["requests_per_s"] = round(REQUESTS / median(wall))
    if median(cpu):
        benchmark.extra_info["requests_per_cpu_s"] = round(REQUESTS / median(cpu))


def test_process_to_ready(benchmark: BenchmarkFixture) -> None:
    """From starting the process to reading its ready line."""
    describe(benchmark, "2. a node that is ready", "in a process of its own", role="baseline")
    ready: list[float] = []

    def start() -> None:
        with node_load.node_process() as node:
            ready.append(node.ready_s)

    benchmark.pedantic(start, rounds=5, warmup_rounds=1)  # type: ignore[no-untyped-call]
    benchmark.extra_info["ready_s"] = round(median(ready), 3)


def test_in_process_start(benchmark: BenchmarkFixture) -> None:
    """`with MockNode():`, from making it to leaving the block, the library being imported already."""
    describe(benchmark, "2. a node that is ready", "in a process that runs already")

    def start() -> None:
        with MockNode():
            pass

    benchmark(start)


@pytest.mark.parametrize("together", [wire.TOGETHER, 0], ids=["written together", "one by one"])
def test_streams(benchmark: BenchmarkFixture, monkeypatch: pytest.MonkeyPatch, together: int) -> None:
    """Fifty answers of 100 chunks that are all due at once; `stream_us` is CPU of the server's thread for each."""
    whole = together > 0
    subject = "written together" if whole else "one by one"
    describe(benchmark, "3. fifty streams of 100 chunks", subject, role="subject" if whole else "baseline")
    monkeypatch.setattr(wire, "TOGETHER", together)
    cpu: list[float] = []
    with _node_thread() as (endpoint, clock):

        def prepared() -> tuple[tuple[list[bytes]], dict[str, object]]:
            return (node_load.signed_requests(endpoint, STREAMS, STREAM),), {}

        def load(requests: list[bytes]) -> None:
            started = time.clock_gettime(clock)
            node_load.run(endpoint, requests)
            cpu.append(time.clock_gettime(clock) - started)

        benchmark.pedantic(load, setup=prepared, rounds=15, warmup_rounds=1)  # type: ignore[no-untyped-call]
    benchmark.extra_info["stream_us"] = round(min(cpu) / STREAMS * 1e6)


@contextmanager
def _node_thread() -> Iterator[tuple[Endpoint, int]]:
    """A node on a loop in a thread of ours, and the clock of that thread's CPU."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    assert thread.ident is not None
    node = MockNode()
    asyncio.run_coroutine_threadsafe(node.__aenter__(), loop).result(timeout=10)
    try:
        yield Endpoint(node.url, node.provider_address), time.pthread_getcpuclockid(thread.ident)
    finally:
        asyncio.run_coroutine_threadsafe(node.__aexit__(None, None, None), loop).result(timeout=10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(timeout=10)
        loop.close()
