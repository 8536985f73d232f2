"""What a client costs on top of a bare transport and a signature: CPU of the client's process for each request."""

from __future__ import annotations

import asyncio
import json

import httpx

from benchmarks.bare_clients import async_client, async_post, post
from benchmarks.by_hand import signed_headers, spread
from benchmarks.canned_server import canned_server
from benchmarks.measuring import entered
from benchmarks.rows.row import Measured, Row, Rows, Target
from gonka_bench.paired import Run, measure, ratio, repeated
from gonka_bench.workload import ENDPOINT, KEY, chat_payload
from gonka_core import AsyncClient, Client, Endpoint

IN_FLIGHT = 16
_BODY = chat_payload(200)


def _async() -> Measured:
    send = async_post("aiohttp")
    with canned_server() as server, asyncio.Runner() as runner:
        endpoint = Endpoint(server.url, ENDPOINT.provider_address)
        made = AsyncClient([endpoint], private_key=KEY, transport="aiohttp", signer="coincurve")
        with entered(runner, async_client("aiohttp")) as session, entered(runner, made) as client:

            async def bare() -> None:
                json.loads(await send(session, endpoint.chat_url, _BODY, signed_headers(_BODY)))

            return _compared(
                {"bare": spread(bare, IN_FLIGHT, runner), "ours": spread(lambda: client.chat(_BODY), IN_FLIGHT, runner)}
            )


def _sync() -> Measured:
    with canned_server() as server, httpx.Client() as session:
        endpoint = Endpoint(server.url, ENDPOINT.provider_address)
        with Client([endpoint], private_key=KEY, transport="httpx", signer="coincurve") as client:

            def bare() -> None:
                json.loads(post(session, endpoint.chat_url, _BODY, signed_headers(_BODY)))

            return _compared({"bare": repeated(bare), "ours": repeated(lambda: client.chat(_BODY))})


def _compared(subjects: dict[str, Run]) -> Measured:
    timings = measure(subjects, rounds=25)
    return Measured(
        (ratio(timings, "ours", "bare") - 1) * 100,
        ", ".join(f"{name} {timing.best_s * 1e6:.0f} µs" for name, timing in timings.items()),
    )


ROWS: Rows = (
    Row(
        Target(
            "client-aiohttp",
            "CPU of AsyncClient on aiohttp over bare aiohttp + signature, 16 in flight",
            "at most",
            25,
            " % more",
        ),
        _async,
    ),
    Row(
        Target("client-httpx", "CPU of Client on httpx over bare httpx + signature", "at most", 8, " % more"),
        _sync,
    ),
)
