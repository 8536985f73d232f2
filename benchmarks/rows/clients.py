"""What a client costs on top of a bare transport and a signature: CPU of the client's process for each request."""

from __future__ import annotations

import asyncio

import httpx

from benchmarks import by_hand
from benchmarks.canned_server import canned_server
from benchmarks.rows.row import Measured, Row, Rows, Target
from gonka_bench.paired import Run, measure, ratio, repeated
from gonka_bench.workload import ENDPOINT, KEY, chat_payload
from gonka_core import AsyncClient, Client, Endpoint

IN_FLIGHT = 16
_BODY = chat_payload(200)


def _async() -> Measured:
    loop = asyncio.new_event_loop()
    with canned_server() as server:
        client = AsyncClient([_endpoint(server.url)], private_key=KEY, transport="aiohttp", signer="coincurve")
        by = {
            "bare": by_hand.aiohttp_requests(server.url, _BODY, IN_FLIGHT, loop),
            "ours": by_hand.spread(lambda: client.chat(_BODY), IN_FLIGHT, loop),
        }
        return _compared(by)


def _sync() -> Measured:
    with canned_server() as server:
        client = Client([_endpoint(server.url)], private_key=KEY, transport="httpx", signer="coincurve")
        by = {
            "bare": by_hand.sync_requests(httpx, server.url, _BODY),
            "ours": repeated(lambda: client.chat(_BODY)),
        }
        return _compared(by)


def _compared(subjects: dict[str, Run]) -> Measured:
    timings = measure(subjects, rounds=25)
    return Measured(
        (ratio(timings, "ours", "bare") - 1) * 100,
        ", ".join(f"{name} {timing.best_s * 1e6:.0f} µs" for name, timing in timings.items()),
    )


def _endpoint(url: str) -> Endpoint:
    return Endpoint(url, ENDPOINT.provider_address)


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
