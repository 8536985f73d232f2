"""What a stream of 100 chunks costs, against its bytes with `json.loads` for each event."""

from __future__ import annotations

import asyncio
import json

from benchmarks import by_hand
from benchmarks.canned_server import canned_server
from benchmarks.rows.row import Measured, Row, Rows, Target
from gonka_bench.paired import measure, ratio
from gonka_bench.workload import ENDPOINT, KEY
from gonka_core import AsyncClient, Endpoint

_BODY = b'{"model":"m","messages":[{"role":"user","content":"Count."}],"stream":true}'


def _stream() -> Measured:
    loop = asyncio.new_event_loop()
    with canned_server() as server:
        endpoint = Endpoint(server.url, ENDPOINT.provider_address)
        client = AsyncClient([endpoint], private_key=KEY, transport="aiohttp", signer="coincurve")

        async def ours() -> None:
            async for chunk in client.stream(_BODY):
                chunk.data  # noqa: B018 - read, as the other subject has it

        timings = measure(
            {
                "bare": by_hand.aiohttp_streams(server.url, _BODY, json.loads, loop),
                "ours": by_hand.spread(ours, 1, loop),
            },
            rounds=25,
        )
    return Measured(
        ratio(timings, "ours", "bare"),
        ", ".join(f"{name} {timing.best_s * 1e6:.0f} µs" for name, timing in timings.items()),
    )


ROWS: Rows = (
    Row(
        Target(
            "stream-aiohttp", "CPU of a stream of 100 chunks over aiohttp + signature + json.loads", "at most", 1.35
        ),
        _stream,
    ),
)
