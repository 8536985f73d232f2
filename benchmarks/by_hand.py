"""Requests written out by hand: a bare transport and a signature, and nothing else.

The yardstick of our clients: what somebody would write who needs one request, one node and no errors. Each function
makes a `Run` (`gonka_bench.paired`) that sends so many requests and reads the JSON of every answer.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import time
from collections.abc import Awaitable, Callable
from types import ModuleType
from typing import Any, Final

import aiohttp
import coincurve

from gonka_bench.paired import Run
from gonka_bench.workload import ENDPOINT, SECRET

_PROVIDER: Final = ENDPOINT.provider_address.encode()
_KEY: Final = coincurve.PrivateKey(SECRET)
_ADDRESS: Final = ENDPOINT.provider_address
"""Any address: the answering server reads no headers."""


def signed_headers(body: bytes) -> dict[str, str]:
    """The four headers of a request, scheme raw."""
    stamp = time.time_ns()
    hashed = hashlib.sha256(body)
    hashed.update(str(stamp).encode() + _PROVIDER)
    signature = _KEY.sign_recoverable(hashed.digest(), hasher=None)[:64]
    return {
        "Content-Type": "application/json",
        "Authorization": base64.b64encode(signature).decode(),
        "X-Requester-Address": _ADDRESS,
        "X-Timestamp": str(stamp),
    }


def sync_requests(library: ModuleType, url: str, body: bytes) -> Run:
    """By the `Client` of httpx or httpx2, one after the other."""
    client: Any = library.Client()
    place = f"{url}/chat/completions"

    def run(times: int) -> None:
        for _ in range(times):
            json.loads(client.post(place, content=body, headers=signed_headers(body)).content)

    return run


def async_requests(library: ModuleType, url: str, body: bytes, in_flight: int, loop: asyncio.AbstractEventLoop) -> Run:
    """By the `AsyncClient` of httpx or httpx2, so many at once."""
    client: Any = library.AsyncClient(limits=library.Limits(max_connections=None, max_keepalive_connections=100))
    place = f"{url}/chat/completions"

    async def one() -> None:
        json.loads((await client.post(place, content=body, headers=signed_headers(body))).content)

    return spread(one, in_flight, loop)


def aiohttp_requests(url: str, body: bytes, in_flight: int, loop: asyncio.AbstractEventLoop) -> Run:
    """By aiohttp's `ClientSession`, so many at once."""
    session = _session(loop)
    place = f"{url}/chat/completions"

    async def one() -> None:
        async with session.post(place, data=body, headers=signed_headers(body)) as response:
            json.loads(await response.read())

    return spread(one, in_flight, loop)


def aiohttp_streams(url: str, body: bytes, read: Callable[[bytes], object], loop: asyncio.AbstractEventLoop) -> Run:
    """By aiohttp's `ClientSession`: the pieces of an event stream, as they come; `read` gets the data of each event."""
    session = _session(loop)
    place = f"{url}/chat/completions"

    async def one() -> None:
        rest = b""
        async with session.post(place, data=body, headers=signed_headers(body)) as response:
            async for piece in response.content.iter_any():
                *events, rest = (rest + piece).split(b"\n\n")
                for event in events:
                    if event != b"data: [DONE]":
                        read(event[6:])

    return spread(one, 1, loop)


def spread(one: Callable[[], Awaitable[object]], in_flight: int, loop: asyncio.AbstractEventLoop) -> Run:
    """The coroutine function called so many times, by `in_flight` tasks that share the work."""

    async def several(times: int) -> None:
        for _ in range(times):
            await one()

    async def all_of(times: int) -> None:
        share, more = divmod(times, in_flight)
        await asyncio.gather(*(several(share + (task < more)) for task in range(min(in_flight, times))))

    return lambda times: loop.run_until_complete(all_of(times))


def _session(loop: asyncio.AbstractEventLoop) -> aiohttp.ClientSession:
    async def opened() -> aiohttp.ClientSession:
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))

    return loop.run_until_complete(opened())
