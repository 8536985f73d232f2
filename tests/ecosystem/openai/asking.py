"""One test for both clients of the SDK: what is asked by name, sync or awaited, and what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import openai
import pytest

from gonka_core import AsyncClient, Client
from gonka_core.integrations.openai import BASE_URL, AsyncGonkaOpenAI, GonkaOpenAI, async_http_client, http_client

HELLO: Final[Any] = [{"role": "user", "content": "one two three"}]
CHAT: Final = "chat.completions.create"

both = pytest.mark.parametrize("mode", ["sync", "async"])


def named(client: Any, path: str) -> Any:
    for name in path.split("."):
        client = getattr(client, name)
    return client


@contextmanager
def made(settings: Mapping[str, Any]) -> Iterator[GonkaOpenAI]:
    """A client of these settings; `core` are those of a `Client` to carry its requests."""
    rest = {name: value for name, value in settings.items() if name != "core"}
    if "core" not in settings:
        with GonkaOpenAI(**rest) as client:
            yield client
        return
    with Client(**settings["core"]) as core, GonkaOpenAI(client=core, **rest) as client:
        yield client


@asynccontextmanager
async def made_async(settings: Mapping[str, Any]) -> AsyncIterator[AsyncGonkaOpenAI]:
    """`made`, awaited."""
    rest = {name: value for name, value in settings.items() if name != "core"}
    if "core" not in settings:
        async with AsyncGonkaOpenAI(**rest) as client:
            yield client
        return
    async with AsyncClient(**settings["core"]) as core, AsyncGonkaOpenAI(client=core, **rest) as client:
        yield client


def ask(mode: str, settings: Mapping[str, Any], path: str, options: Mapping[str, Any], **arguments: Any) -> Any:
    """What a call of a client comes to that is made of `settings`: a result, or the list of chunks of a stream."""
    if mode == "async":
        return asyncio.run(_awaited(settings, path, options, arguments))
    with made(settings) as client:
        result = named(client.with_options(**options) if options else client, path)(**arguments)
        return list(result) if isinstance(result, openai.Stream) else result


async def _awaited(settings: Mapping[str, Any], path: str, options: Mapping[str, Any], arguments: Any) -> Any:
    async with made_async(settings) as client:
        result = await named(client.with_options(**options) if options else client, path)(**arguments)
        return [chunk async for chunk in result] if isinstance(result, openai.AsyncStream) else result


def until_it_breaks(mode: str, settings: Mapping[str, Any], **more: Any) -> tuple[list[Any], openai.APIError]:
    """The chunks of a stream that does not end well, and the SDK's error that it ends in."""
    seen: list[Any] = []
    asked: Any = {"model": "test", "messages": HELLO, "stream": True, **more}

    def called() -> None:
        with made(settings) as client:
            for chunk in client.chat.completions.create(**asked):
                seen.append(chunk)  # noqa: PERF402 - what came before the error counts

    async def awaited() -> None:
        async with made_async(settings) as client:
            async for chunk in await client.chat.completions.create(**asked):
                seen.append(chunk)  # noqa: PERF401

    with pytest.raises(openai.APIError) as caught:
        called() if mode == "sync" else asyncio.run(awaited())
    return seen, caught.value


def chat(mode: str, settings: Mapping[str, Any], /, options: Mapping[str, Any] | None = None, **more: Any) -> Any:
    """A chat request with a model and a message, unless `more` says otherwise."""
    return ask(mode, settings, CHAT, options or {}, **{"model": "test", "messages": HELLO, **more})


def refused(mode: str, settings: Mapping[str, Any], /, options: Mapping[str, Any] | None = None, **more: Any) -> Any:
    """The SDK's error that a chat request ends in."""
    with pytest.raises(openai.APIError) as caught:
        chat(mode, settings, options, **more)
    return caught.value


def words(chunks: list[Any]) -> str:
    return "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)


def plain(mode: str, core: Mapping[str, Any], **options: Any) -> Any:
    """A chat request of the SDK's own client with an HTTP client of ours."""
    given: Any = {"api_key": "x", "base_url": BASE_URL, **options}
    asked: Any = {"model": "test", "messages": HELLO}

    async def awaited() -> Any:
        async with openai.AsyncOpenAI(**given, http_client=async_http_client(**core)) as client:
            return await client.chat.completions.create(**asked)

    if mode == "async":
        return asyncio.run(awaited())
    with openai.OpenAI(**given, http_client=http_client(**core)) as client:
        return client.chat.completions.create(**asked)
