"""The adapter to httpx and httpx2. The library is an argument: the two share their API, not their types."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import ModuleType
from typing import Any

from gonka_core.hookspecs import TransportOptions
from gonka_core.types import Request

from .building import Building
from .failing import Failing


class HttpxTransport:
    """Sends with the library's `Client`. Proxy and CA settings of the environment apply, as the library has it.

    `lent`: a client that is there already, and stays open; it must follow no redirects.
    """

    def __init__(self, library: ModuleType, options: TransportOptions, lent: Any = None) -> None:
        self._client: Any = library.Client(**_settings(library)) if lent is None else lent
        self._own = lent is None
        self._building = Building(library, self._client.headers, options)
        self._failing = Failing(library)
        self._options = options

    def send(self, request: Request, /, *, timeout: float | None = None) -> HttpxResponse:
        try:
            built = self._building.request(request, timeout)
            response = self._client.send(built, stream=True, auth=self._building.auth)
        except self._failing.kinds as error:
            raise self._failing.ours(error, request.url) from error
        return HttpxResponse(self._failing, response, self._options.within(timeout).read_timeout)

    def close(self) -> None:
        if self._own:
            self._client.close()


class HttpxResponse:
    """An answer whose body is read piece by piece; `between` are the seconds that a piece may be waited for."""

    def __init__(self, failing: Failing, response: Any, between: float | None) -> None:
        self._failing = failing
        self._response = response
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        _from_now_on(response, between)

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._response.iter_raw()
        except self._failing.kinds as error:
            raise self._failing.ours(error, str(self._response.url)) from error

    def close(self) -> None:
        self._response.close()


class AsyncHttpxTransport:
    """Sends with the library's `AsyncClient`."""

    def __init__(self, library: ModuleType, options: TransportOptions, lent: Any = None) -> None:
        self._client: Any = library.AsyncClient(**_settings(library)) if lent is None else lent
        self._own = lent is None
        self._building = Building(library, self._client.headers, options)
        self._failing = Failing(library)
        self._options = options

    async def send(self, request: Request, /, *, timeout: float | None = None) -> AsyncHttpxResponse:
        try:
            built = self._building.request(request, timeout)
            response = await self._client.send(built, stream=True, auth=self._building.auth)
        except self._failing.kinds as error:
            raise self._failing.ours(error, request.url) from error
        return AsyncHttpxResponse(self._failing, response, self._options.within(timeout).read_timeout)

    async def aclose(self) -> None:
        if self._own:
            await self._client.aclose()


class AsyncHttpxResponse:
    """An answer whose body is read piece by piece; `between` are the seconds that a piece may be waited for."""

    def __init__(self, failing: Failing, response: Any, between: float | None) -> None:
        self._failing = failing
        self._response = response
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        _from_now_on(response, between)

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._response.aiter_raw():
                yield piece
        except self._failing.kinds as error:
            raise self._failing.ours(error, str(self._response.url)) from error

    async def aclose(self) -> None:
        await self._response.aclose()


def _from_now_on(response: Any, read_timeout: float | None) -> None:
    """Let another patience hold for the body than for the first byte; the library looks it up when reading begins."""
    response.request.extensions["timeout"]["read"] = read_timeout


def _settings(library: Any) -> dict[str, Any]:
    return {
        # Calls are bounded where they are made, for each endpoint; a pool that is full would only hide that.
        "limits": library.Limits(max_connections=None, max_keepalive_connections=100),
        "follow_redirects": False,
        # Nodes are strangers: what one of them sets must not come back to it or to another.
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    }
