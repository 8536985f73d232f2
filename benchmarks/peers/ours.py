"""Our clients as a worker: signed, one endpoint, everything else as it is by default."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Final

from benchmarks.peers.serving import Run, Subject, Task, in_turn, serve, together
from gonka_core import AsyncClient, Client, Endpoint, PrivateKey

SYNC: Final = ("httpx", "httpx2")
ASYNC: Final = ("aiohttp", "httpx", "httpx2")


def _chat(client: Client, task: Task) -> None:
    task.check_answer(client.chat(task.payload).text)


def _stream(client: Client, task: Task) -> None:
    with client.stream(task.payload) as chunks:
        task.check_stream([chunk.text for chunk in chunks])


async def _chat_async(client: AsyncClient, task: Task) -> None:
    task.check_answer((await client.chat(task.payload)).text)


async def _stream_async(client: AsyncClient, task: Task) -> None:
    async with client.stream(task.payload) as chunks:
        task.check_stream([chunk.text async for chunk in chunks])


def _settings(task: Task) -> Mapping[str, Any]:
    endpoint = Endpoint(task.url, task.provider_address)
    return {"endpoints": [endpoint], "private_key": PrivateKey.from_hex(task.private_key)}


def _sync(transport: str, ask: Any, task: Task) -> AbstractContextManager[Run]:
    return in_turn(Client(**_settings(task), transport=transport), lambda client: ask(client, task))


def _async(transport: str, ask: Any, task: Task) -> AbstractContextManager[Run]:
    return together(AsyncClient(**_settings(task), transport=transport), lambda client: ask(client, task))


def subjects() -> dict[str, Subject]:
    """`chat-` and `stream-`, then `sync-` or `async-`, then the transport."""
    found: dict[str, Subject] = {}
    for kind, ask, ask_async in (("chat", _chat, _chat_async), ("stream", _stream, _stream_async)):
        found |= {f"{kind}-sync-{transport}": partial(_sync, transport, ask) for transport in SYNC}
        found |= {f"{kind}-async-{transport}": partial(_async, transport, ask_async) for transport in ASYNC}
    return found


if __name__ == "__main__":
    serve(subjects(), ["gonka-core", "aiohttp", "httpx", "httpx2", "coincurve", "orjson", "sniffio"])
