"""The HTTP libraries without us: bytes and headers out, an answer in, as little around it as a program can have.

A client of the library is the first argument. All raise for an error status, as our clients do.
"""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final, Protocol

SYNC: Final = ("httpx", "httpx2")
ASYNC: Final = ("aiohttp", "httpx", "httpx2")


class AsyncPost(Protocol):
    async def __call__(self, client: Any, url: str, body: bytes, headers: Mapping[str, str]) -> bytes: ...


def post(client: Any, url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    """The body of the answer, by the `Client` of httpx or httpx2."""
    response = client.post(url, content=body, headers=headers)
    response.raise_for_status()
    answered: bytes = response.content
    return answered


def pieces(client: Any, url: str, body: bytes, headers: Mapping[str, str]) -> Iterator[bytes]:
    """The body of the answer as it arrives, by the `Client` of httpx or httpx2."""
    with client.stream("POST", url, content=body, headers=headers) as response:
        response.raise_for_status()
        yield from response.iter_raw()


@asynccontextmanager
async def async_client(name: str) -> AsyncIterator[Any]:
    """The async client, or session, of a library in `ASYNC`, that opens as many connections as there are requests."""
    library = importlib.import_module(name)
    if name == "aiohttp":
        made = library.ClientSession(connector=library.TCPConnector(limit=0))
    else:
        made = library.AsyncClient(limits=library.Limits(max_connections=None, max_keepalive_connections=100))
    async with made as client:
        yield client


def async_post(name: str) -> AsyncPost:
    """`post` for the async client of that library."""
    return _aiohttp_post if name == "aiohttp" else _httpx_post


async def async_pieces(session: Any, url: str, body: bytes, headers: Mapping[str, str]) -> AsyncIterator[bytes]:
    """`pieces`, by the session of aiohttp."""
    async with session.post(url, data=body, headers=headers) as response:
        response.raise_for_status()
        async for piece in response.content.iter_any():
            yield piece


async def _aiohttp_post(client: Any, url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    async with client.post(url, data=body, headers=headers) as response:
        response.raise_for_status()
        answered: bytes = await response.read()
        return answered


async def _httpx_post(client: Any, url: str, body: bytes, headers: Mapping[str, str]) -> bytes:
    response = await client.post(url, content=body, headers=headers)
    response.raise_for_status()
    answered: bytes = response.content
    return answered
