"""The seam: transports of the SDK's HTTP library that carry a request through `Client.relay`, and clients around them.

Of a request only its body goes to a node: the wire has its own URL and headers (`protocol.md` §1.1). `Authorization`
and every other header of the SDK end here.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any

from gonka_core.async_client import AsyncClient
from gonka_core.client import Client
from gonka_core.errors import GonkaError
from gonka_core.relaying import AsyncRelayed, Relayed

from . import answering, making
from .asked import asked, route
from .closing import AsyncClosing, Closing, when_forgotten, when_forgotten_async
from .generation import http


class GonkaTransport(http.BaseTransport):
    """Carries chat requests through a client, and answers lists of models. `closes` is closed with it."""

    def __init__(self, client: Client, closes: Iterable[Closing] = ()) -> None:
        self.client = client
        self._closes = tuple(closes)
        self._forgotten = when_forgotten(self, self._closes)

    def handle_request(self, request: http.Request) -> http.Response:
        try:
            return self._answer(request)
        except GonkaError as error:
            return answering.failed(error, request)

    def _answer(self, request: http.Request) -> http.Response:
        where = route(request.method, request.url.path)
        if where.kind == "none":
            return answering.no_route(where)
        if where.kind != "chat":
            return answering.listed(self.client.models(), where)
        wanted = asked(request.read(), request.headers, request.extensions)
        relayed = self.client.relay(wanted.body, **wanted.options)
        if relayed.completion is not None:
            return answering.whole(relayed)
        return answering.streamed(relayed, _Pieces(relayed, request))

    def close(self) -> None:
        self._forgotten.detach()
        for each in self._closes:
            each.close()


class _Pieces(http.SyncByteStream):
    """The body of a stream. Iterated again it goes on where it was left: the SDK does that to drain it."""

    def __init__(self, relayed: Relayed, request: http.Request) -> None:
        self._relayed = relayed
        self._pieces = iter(relayed)
        self._request = request

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            return next(self._pieces)
        except GonkaError as error:
            raise answering.broken(error, self._request) from error

    def close(self) -> None:
        self._relayed.close()


class AsyncGonkaTransport(http.AsyncBaseTransport):
    """`GonkaTransport`, awaited."""

    def __init__(self, client: AsyncClient, closes: Iterable[AsyncClosing] = ()) -> None:
        self.client = client
        self._closes = tuple(closes)
        self._forgotten = when_forgotten_async(self, self._closes)

    async def handle_async_request(self, request: http.Request) -> http.Response:
        try:
            return await self._answer(request)
        except GonkaError as error:
            return answering.failed(error, request)

    async def _answer(self, request: http.Request) -> http.Response:
        where = route(request.method, request.url.path)
        if where.kind == "none":
            return answering.no_route(where)
        if where.kind != "chat":
            return answering.listed(await self.client.models(), where)
        wanted = asked(await request.aread(), request.headers, request.extensions)
        relayed = await self.client.relay(wanted.body, **wanted.options)
        if relayed.completion is not None:
            return answering.whole(relayed)
        return answering.streamed(relayed, _AsyncPieces(relayed, request))

    async def aclose(self) -> None:
        self._forgotten.detach()
        for each in self._closes:
            await each.aclose()


class _AsyncPieces(http.AsyncByteStream):
    """`_Pieces`, awaited."""

    def __init__(self, relayed: AsyncRelayed, request: http.Request) -> None:
        self._relayed = relayed
        self._pieces = aiter(relayed)
        self._request = request

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    async def __anext__(self) -> bytes:
        try:
            return await anext(self._pieces)
        except GonkaError as error:
            raise answering.broken(error, self._request) from error

    async def aclose(self) -> None:
        await self._relayed.aclose()


class GonkaHttpClient(http.Client):
    """An httpx client for `OpenAI(http_client=…)`. `gonka_client` is who carries its requests."""

    def __init__(self, client: Client, closes: Iterable[Closing] = ()) -> None:
        super().__init__(transport=GonkaTransport(client, closes))
        self.gonka_client = client


class AsyncGonkaHttpClient(http.AsyncClient):
    """`GonkaHttpClient` for `AsyncOpenAI(http_client=…)`."""

    def __init__(self, client: AsyncClient, closes: Iterable[AsyncClosing] = ()) -> None:
        super().__init__(transport=AsyncGonkaTransport(client, closes))
        self.gonka_client = client


def http_client(client: Client | None = None, **client_options: Any) -> GonkaHttpClient:
    """An httpx client (httpx2 for OpenAI SDK 3.x) whose requests a `Client` signs and carries.

    `client` stays open when it is closed. Without one a `Client` is made of `client_options` (those of `Client`;
    `private_key` may be hex) and the environment, and closed with it. Raises `ConfigurationError`.
    """
    if client is not None:
        making.require_none(client_options)
        return GonkaHttpClient(client)
    made = Client(**making.ready(client_options))
    return GonkaHttpClient(made, (made,))


def async_http_client(client: AsyncClient | None = None, **client_options: Any) -> AsyncGonkaHttpClient:
    """`http_client` for `AsyncOpenAI`, with an `AsyncClient`."""
    if client is not None:
        making.require_none(client_options)
        return AsyncGonkaHttpClient(client)
    made = AsyncClient(**making.ready(client_options))
    return AsyncGonkaHttpClient(made, (made,))
