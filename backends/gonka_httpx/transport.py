"""The adapter to httpx and httpx2. The library is an argument: the two share their API, not their types."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import ModuleType
from typing import Any

from gonka_core.errors import ConnectError, TransportError, TransportTimeout
from gonka_core.hookspecs import TransportOptions
from gonka_core.types import SignedRequest


class HttpxTransport:
    """Sends with the library's `Client`. Proxy and CA settings of the environment apply, as the library has it."""

    def __init__(self, library: ModuleType, options: TransportOptions) -> None:
        self._library: Any = library
        self._client = self._library.Client(**_settings(library, options))

    def send(self, request: SignedRequest, /) -> HttpxResponse:
        with _translated(self._library, request.url):
            built = self._client.build_request(
                request.method, request.url, headers=dict(request.headers), content=request.body
            )
            return HttpxResponse(self._library, self._client.send(built, stream=True))

    def close(self) -> None:
        self._client.close()


class HttpxResponse:
    """An answer whose body is read piece by piece."""

    def __init__(self, library: ModuleType, response: Any) -> None:
        self._library = library
        self._response = response
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers

    def __iter__(self) -> Iterator[bytes]:
        with _translated(self._library, str(self._response.url)):
            yield from self._response.iter_bytes()

    def close(self) -> None:
        self._response.close()


class AsyncHttpxTransport:
    """Sends with the library's `AsyncClient`."""

    def __init__(self, library: ModuleType, options: TransportOptions) -> None:
        self._library: Any = library
        self._client = self._library.AsyncClient(**_settings(library, options))

    async def send(self, request: SignedRequest, /) -> AsyncHttpxResponse:
        with _translated(self._library, request.url):
            built = self._client.build_request(
                request.method, request.url, headers=dict(request.headers), content=request.body
            )
            return AsyncHttpxResponse(self._library, await self._client.send(built, stream=True))

    async def aclose(self) -> None:
        await self._client.aclose()


class AsyncHttpxResponse:
    """An answer whose body is read piece by piece."""

    def __init__(self, library: ModuleType, response: Any) -> None:
        self._library = library
        self._response = response
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated(self._library, str(self._response.url)):
            async for piece in self._response.aiter_bytes():
                yield piece

    async def aclose(self) -> None:
        await self._response.aclose()


def _settings(library: Any, options: TransportOptions) -> dict[str, Any]:
    return {
        "timeout": library.Timeout(
            connect=options.connect_timeout, read=options.read_timeout, write=options.read_timeout, pool=None
        ),
        "follow_redirects": False,
        # Nodes are strangers: what one of them sets must not come back to it or to another.
        "cookies": CookieJar(DefaultCookiePolicy(allowed_domains=[])),
    }


@contextmanager
def _translated(library: Any, url: str) -> Iterator[None]:
    """The library's exceptions become ours; which of them prove that nothing was sent is decided here."""
    try:
        yield
    except (library.ConnectError, library.ConnectTimeout, library.InvalidURL, library.ProxyError) as error:
        raise ConnectError(
            f"{url} cannot be reached ({_words(error)})", "check the URL and the network, or use another endpoint"
        ) from error
    except library.TimeoutException as error:
        raise TransportTimeout(
            f"{url} did not answer in time ({_words(error)})",
            "allow more time (TransportOptions), or use another endpoint; a repeat may be billed again",
            sent=True,
        ) from error
    except (library.RequestError, library.StreamError) as error:
        raise TransportError(
            f"the connection to {url} failed ({_words(error)})",
            "try again; the request may have arrived, so a repeat may be billed again",
            sent=True,
        ) from error


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
