"""The four plain HTTP clients, sync and async, behind one function each: a request goes out, an answer comes back."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from types import ModuleType
from typing import Any, Final, NamedTuple

import aiohttp
import httpx
import httpx2
import requests

from gonka_core import PrivateKey
from gonka_core.integrations import aiohttp_middleware, httpx2_auth, httpx_auth, requests_auth
from gonka_mock_node import MockNetwork

KEY: Final = PrivateKey((91).to_bytes(32, "big"))
CHAT: Final = {"model": "test", "messages": [{"role": "user", "content": "a b c"}]}
BODY: Final = json.dumps(CHAT).encode()
PROVIDER: Final = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
SIGNED: Final = ("authorization", "x-requester-address", "x-timestamp")
AUTHS: Final[Mapping[str, Any]] = {"httpx": httpx_auth.GonkaAuth, "httpx2": httpx2_auth.GonkaAuth}


class Got(NamedTuple):
    status: int
    body: bytes


class Settings(NamedTuple):
    """How a request is sent: `follow` redirects, as a `streams` body, with `more` arguments to what signs."""

    follow: bool = False
    streams: bool = False
    more: Mapping[str, Any] = {}


HASH: Final = Settings(more={"scheme": "hash"})


def by_httpx(library: ModuleType) -> Callable[[str, str, bytes, Settings], Got]:
    def send(places: str, url: str, body: bytes, how: Settings) -> Got:
        auth = AUTHS[library.__name__](places, private_key=KEY, **how.more)
        with library.Client(auth=auth, follow_redirects=how.follow) as client:
            answer = client.post(url, content=iter([body[:5], body[5:]]) if how.streams else body)
            return Got(answer.status_code, answer.content)

    return send


def by_async_httpx(library: ModuleType) -> Callable[[str, str, bytes, Settings], Got]:
    async def send(places: str, url: str, body: bytes, how: Settings) -> Got:
        auth = AUTHS[library.__name__](places, private_key=KEY, **how.more)
        async with library.AsyncClient(auth=auth, follow_redirects=how.follow) as client:
            answer = await client.post(url, content=pieces(body) if how.streams else body)
            return Got(answer.status_code, answer.content)

    return lambda *args: asyncio.run(send(*args))


def by_requests(places: str, url: str, body: bytes, how: Settings) -> Got:
    with requests.Session() as session:
        auth = requests_auth.GonkaAuth(places, private_key=KEY, **how.more)
        data: Any = iter([body[:5], body[5:]]) if how.streams else body
        answer = session.post(url, data=data, auth=auth, allow_redirects=how.follow)
        return Got(answer.status_code, answer.content)


def by_aiohttp(places: str, url: str, body: bytes, how: Settings) -> Got:
    async def send() -> Got:
        signing = aiohttp_middleware.GonkaMiddleware(places, private_key=KEY, **how.more)
        async with aiohttp.ClientSession(middlewares=[signing]) as session:
            data = pieces(body) if how.streams else body
            async with session.post(url, data=data, allow_redirects=how.follow) as answer:
                return Got(answer.status, await answer.read())

    return asyncio.run(send())


async def pieces(body: bytes) -> AsyncIterator[bytes]:
    yield body[:5]
    yield body[5:]


SENDERS: Final[Mapping[str, Callable[[str, str, bytes, Settings], Got]]] = {
    "httpx": by_httpx(httpx),
    "httpx-async": by_async_httpx(httpx),
    "httpx2": by_httpx(httpx2),
    "httpx2-async": by_async_httpx(httpx2),
    "requests": by_requests,
    "aiohttp": by_aiohttp,
}


def place(network: MockNetwork, number: int = 0) -> str:
    return f"{network.nodes[number].url};{network.nodes[number].provider_address}"


def chat_url(network: MockNetwork, number: int = 0) -> str:
    return f"{network.nodes[number].url}/chat/completions"


def send(name: str, network: MockNetwork, body: bytes = BODY, how: Settings = Settings()) -> Got:  # noqa: B008
    return SENDERS[name](place(network), chat_url(network), body, how)
