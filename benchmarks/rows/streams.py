"""What a stream of 100 chunks costs, against its bytes with `json.loads` for each event."""

from __future__ import annotations

import asyncio
import json

from benchmarks.bare_clients import async_client, async_pieces
from benchmarks.by_hand import signed_headers, spread
from benchmarks.canned_server import canned_server
from benchmarks.measuring import entered
from benchmarks.rows.row import Measured, Row, Rows, Target
from gonka_bench.paired import measure, ratio
from gonka_bench.workload import ENDPOINT, KEY
from gonka_core import AsyncClient, Endpoint

_BODY = b'{"model":"m","messages":[{"role":"user","content":"Count."}],"stream":true}'


def _stream() -> Measured:
    with canned_server() as server, asyncio.Runner() as runner:
        endpoint = Endpoint(server.url, ENDPOINT.provider_address)
        made = AsyncClient([endpoint], private_key=KEY, transport="aiohttp", signer="coincurve")
        with entered(runner, async_client("aiohttp")) as session, entered(runner, made) as client:

            async def bare() -> None:
                rest = b""
                async for piece in async_pieces(session, endpoint.chat_url, _BODY, signed_headers(_BODY)):
                    *events, rest = (rest + piece).split(b"\n\n")
                    for event in events:
                        if event != b"data: [DONE]":
                            json.loads(event[6:])

            async def ours() -> None:
                async for chunk in client.stream(_BODY):
                    chunk.data  # noqa: B018 - read, as the other subject has it

            timings = measure({"bare": spread(bare, 1, runner), "ours": spread(ours, 1, runner)}, rounds=25)
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
