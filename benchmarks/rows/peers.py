"""Ours against the official SDK and the OpenAI SDK: CPU of the client's process, by a server that checks nothing.

Same question, loopback, connections kept. Synchronous clients ask one after the other, asynchronous ones 16 at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Final

from benchmarks.peers.figures import PEERS, Figures, figures, installed
from benchmarks.peers.worker import WorkerError
from benchmarks.rows.row import Measured, Row, Rows, Target

MISSING: Final = "make bench-peers installs it"
WANTED: Final = frozenset(
    {
        "gonka-core chat-async-aiohttp",
        "gonka-core chat-sync-httpx",
        "gonka-core stream-async-aiohttp",
        "gonka-openai chat-sync",
        "gonka-openai chat-sync-quiet",
        "openai-2 stream-sync",
        "openai-2 stream-async",
        "openai-3 stream-sync",
        "openai-3 stream-async",
    }
)
"""What the rows need; `python -m benchmarks.peers` shows all there is."""
_OFFICIAL: Final = "GonkaOpenAI(gonka_private_key=…, endpoints=[Endpoint(…)])"
_OPENAI: Final = {
    "stream-sync": "OpenAI(base_url=…, api_key=…)",
    "stream-async": "AsyncOpenAI(base_url=…, api_key=…)",
}


def requests(ours: str, found: Figures) -> Measured:
    """How many requests of `ours` cost what one of the official SDK does, both signed."""
    theirs, quiet = found.us("gonka-openai chat-sync"), found.us("gonka-openai chat-sync-quiet")
    own = found.us(f"gonka-core {ours}")
    return Measured(
        theirs / own,
        f"{own:,.0f} µs for a signed request against {theirs:,.0f} of {_OFFICIAL}, {quiet:,.0f} without its line "
        f"in the log; {found.told('gonka-openai')}; ours: {found.told('gonka-core')}",
    )


def stream(ours: str, found: Figures) -> Measured:
    """How many signed streams of `ours` cost what one of the OpenAI SDK does, with whichever of its clients is best."""
    cheapest = min((name for name in found.timings if name.startswith("openai-") and " stream-" in name), key=found.us)
    environment, subject = cheapest.split()
    own, theirs = found.us(f"gonka-core {ours}"), found.us(cheapest)
    return Measured(
        theirs / own,
        f"{own:,.0f} µs for a signed stream against {theirs:,.0f} of {_OPENAI[subject]}, which signs nothing and is "
        f"the cheapest of its clients; {found.told(environment)}; ours: {found.told('gonka-core')}",
    )


def measured(judge: Callable[[str, Figures], Measured], ours: str, peers: Path = PEERS) -> Measured:
    """A row's figure by `judge`, from one run for all rows; without the SDKs in `peers`, how they get there."""
    found = _figures(peers)
    return Measured(None, found) if isinstance(found, str) else judge(ours, found)


@cache
def _figures(peers: Path) -> Figures | str:
    """What was measured, or why there is nothing."""
    there = installed(peers)
    if not {"gonka-openai", "openai-2"} <= {one.name for one in there}:
        return MISSING
    try:
        return figures(there, WANTED)
    except WorkerError as error:
        return str(error)


ROWS: Rows = (
    Row(
        Target("peers-aiohttp", "requests per CPU second, AsyncClient on aiohttp to the official SDK", "at least", 10),
        partial(measured, requests, "chat-async-aiohttp"),
    ),
    Row(
        Target("peers-httpx", "requests per CPU second, Client on httpx to the official SDK", "at least", 4.5),
        partial(measured, requests, "chat-sync-httpx"),
    ),
    Row(
        Target("peers-stream", "CPU of a 100-chunk stream, OpenAI SDK to AsyncClient on aiohttp", "at least", 12),
        partial(measured, stream, "stream-async-aiohttp"),
    ),
)
