"""What `gonka proxy` adds, by the clock on the wall: a mock node, the proxy and the client are three processes.

The client is a socket that is kept open, and the node verifies every signature. How much is added stands among the
extra figures as `added_ms`: the median over pairs of answers that were asked for in turn.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.measuring import describe
from benchmarks.node_load import node_process, signed_requests
from benchmarks.proxy_load import STREAMED, WHOLE, Line, added, proxy_process, request
from gonka_core import Endpoint

ROUNDS = 300
KINDS = {"whole": "1. an answer, to its last byte", "streamed": "2. a stream, to its first event"}


@pytest.mark.parametrize("kind", KINDS)
def test_straight(benchmark: BenchmarkFixture, kind: str) -> None:
    """Requests that were signed beforehand, to the node itself."""
    describe(benchmark, KINDS[kind], "the node", role="baseline")
    payload = _payload(kind)
    with _node_and_proxy() as (endpoint, _):
        signed = iter(signed_requests(endpoint, ROUNDS + 1, payload))
        _measure(benchmark, endpoint.url, kind, lambda: next(signed))


@pytest.mark.parametrize("kind", KINDS)
def test_through_the_proxy(benchmark: BenchmarkFixture, kind: str) -> None:
    """The same bodies with the proxy's key, which it signs and sends on."""
    describe(benchmark, KINDS[kind], "gonka proxy")
    with _node_and_proxy() as (_, url):
        plain = request(url, _payload(kind))
        _measure(benchmark, url, kind, lambda: plain)
    benchmark.extra_info["added_ms"] = round(added(streamed=kind == "streamed").added_s * 1000, 3)


def _payload(kind: str) -> bytes:
    return WHOLE if kind == "whole" else STREAMED


@contextmanager
def _node_and_proxy() -> Iterator[tuple[Endpoint, str]]:
    with node_process() as node, proxy_process(node.endpoint) as url:
        yield node.endpoint, url


def _measure(benchmark: BenchmarkFixture, url: str, kind: str, made: Callable[[], bytes]) -> None:
    line = Line(url)
    ask = line.whole if kind == "whole" else line.first_event
    try:
        benchmark.pedantic(  # type: ignore[no-untyped-call]
            ask,
            setup=lambda: ((made(),), {}),
            rounds=ROUNDS,
            warmup_rounds=1,
        )
    finally:
        line.close()
