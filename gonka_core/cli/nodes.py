"""Where commands read what the network tells, and how: the nodes named, or those of the environment."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final, TypeVar

import click

from gonka_core import resolve, settings
from gonka_core.driving import run
from gonka_core.endpoints import Endpoint
from gonka_core.errors import MissingSettingError
from gonka_core.hookspecs import TransportOptions
from gonka_core.limits import Limits
from gonka_core.steps import Steps

Result = TypeVar("Result")

SEVERAL: Final = ("GONKA_ENDPOINTS", "GONKA_ENDPOINT", "GONKA_SOURCE_URL", "NODE_URL")
"""Variables that name nodes: texts with commas, of URLs with or without `;address` behind them, in the order to ask."""

_LIMITS: Final = Limits(response_bytes=4 << 20, decompressed_bytes=4 << 20)
_OPTIONS: Final = TransportOptions(connect_timeout=5.0, first_byte_timeout=10.0, read_timeout=10.0)

option: Final = click.option(
    "--node-address",
    "--endpoint",
    "node_addresses",
    multiple=True,
    metavar="URL",
    help=f"Node to read from, with or without /v1; may be repeated. Default: {', '.join(SEVERAL)}.",
)


def carried_out(flow: Steps[Result], transport: str = resolve.AUTO) -> Result:
    """What a flow returns, carried out by the transport of that name. Raises what the flow raises."""
    carrier = resolve.transport(transport, _OPTIONS)
    try:
        return run(flow, carrier, _LIMITS, time.monotonic)[0]
    finally:
        carrier.close()


def to_read(given: Sequence[str], environ: Mapping[str, str] | None = None) -> tuple[Endpoint, ...]:
    """The endpoints to read from, each once: those given, or else all that the environment names, brokers last.

    A broker has its key only where the environment gives it one. Raises `MissingSettingError` for none at all, and
    `InvalidEndpointError`.
    """
    environ = os.environ if environ is None else environ
    brokers = {broker.url: broker for broker in settings.brokers(environ)}
    texts = given or [environ.get(name, "") for name in SEVERAL]
    del environ  # it may hold a private key, and tracebacks show what functions hold
    named = [Endpoint.public(url) for url in _urls(texts)]
    found = {node.url: brokers.get(node.url, node) for node in named} | ({} if given else brokers)
    if not found:
        raise MissingSettingError("there is no node to ask", f"give --node-address URL, or set {' or '.join(SEVERAL)}")
    return tuple(found.values())


def _urls(texts: Iterable[str]) -> Iterator[str]:
    """The URLs in texts with commas, without the provider addresses behind them."""
    for entry in (entry for text in texts for entry in text.split(",")):
        url = entry.partition(";")[0].strip()
        if url:
            yield url
