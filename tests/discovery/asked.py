"""A network of mock nodes, asked over real sockets; and a server that says one thing to everybody."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from gonka_core import resolve
from gonka_core.discovery import Discovered, Network, learn
from gonka_core.driving import run_flow
from gonka_core.hookspecs import TransportOptions
from gonka_core.interfaces import Transport
from gonka_core.limits import Limits
from gonka_mock_node import MockNetwork
from tests.recorder import Recorder, http

DEAD = "http://127.0.0.1:9"
"""Nobody listens there."""


def urls(network: MockNetwork) -> tuple[str, ...]:
    return tuple(node.public_url for node in network.nodes)


@contextmanager
def transport() -> Iterator[Transport]:
    made = resolve.transport("auto", TransportOptions())
    try:
        yield made
    finally:
        made.close()


def asked(
    *sources: str, timeout_s: float = 20.0, limits: Limits | None = None, now: float | None = None, **options: Any
) -> Discovered:
    """What is learned from these sources; `options` are those of `Network`. `now` is the present by default."""
    network = Network(sources, **options)
    with transport() as carrier:
        flow = learn(network, time.monotonic, time.time if now is None else lambda: now, timeout_s)
        return run_flow(flow, carrier, limits or Limits())


@contextmanager
def saying(body: bytes, status: str = "200 OK", *headers: str) -> Iterator[str]:
    """The URL, without `/v1`, of a server that answers everything with this."""
    with Recorder([[http(status, body, "Content-Type: application/json", *headers)]]) as recorder:
        yield recorder.url.removesuffix("/v1")
