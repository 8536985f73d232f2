"""The adapter to httpx and httpx2. The library is an argument: the two share their API, not their types."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from http.cookiejar import CookieJar, DefaultCookiePolicy
from types import ModuleType
from typing import Any

from gonka_core.errors import ConnectError, TransportError, TransportTimeout
from gonka_core.hookspecs import TransportOptions, shortest
from gonka_core.types import Request


class HttpxTransport:
    """Sends with the library's `Client`. Proxy and CA settings of the environment apply, as the library has it."""

    def __init__(self, library: ModuleType, options: TransportOptions) -> None:
        self._library: Any = library
        self._options = options
        self._client = self._library.Client(**_settings(library))

    def send(self, request: Request, /, *, timeout: float | None = None) -> HttpxResponse:
        with _translated(self._library, request.url):
            built = _built(self._client, self._library, request, self._options, timeout)
            # An `Auth` that does nothing: without one, credentials in the URL would replace the signature.
            response = self._client.send(built, stream=True, auth=self._library.Auth())
            return HttpxResponse(self._library, response, self._options, timeout)

    def close(self) -> None:
        self._client.close()


class HttpxResponse:
    """An answer whose body is read piece by piece."""

    def __init__(self, library: ModuleType, response: Any, options: TransportOptions, timeout: float | None) -> None:
        self._library = library
        self._response = response
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        _from_now_on(response, shortest(options.read_timeout, timeout))

    def __iter__(self) -> Iterator[bytes]:
        with _translated(self._library, str(self._response.url)):
            yield from self._response.iter_raw()

    def close(self) -> None:
        self._response.close()


class AsyncHttpxTransport:
    """Sends with the library's `AsyncClient`."""

    def __init__(self, library: ModuleType, options: TransportOptions) -> None:
        self._library: Any = library
        self._options = options
        self._client = self._library.AsyncClient(**_settings(library))

    async def send(self, request: Request, /, *, timeout: float | None = None) -> AsyncHttpxResponse:
        with _translated(self._library, request.url):
            built = _built(self._client, self._library, request, self._options, timeout)
            response = await self._client.send(built, stream=True, auth=self._library.Auth())
            return AsyncHttpxResponse(self._library, response, self._options, timeout)

    async def aclose(self) -> None:
        await self._client.aclose()


class AsyncHttpxResponse:
    """An answer whose body is read piece by piece."""

    def __init__(self, library: ModuleType, response: Any, options: TransportOptions, timeout: float | None) -> None:
        self._library = library
        self._response = response
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        _from_now_on(response, shortest(options.read_timeout, timeout))

    async def __aiter__(self) -> AsyncIterator[bytes]:
        with _translated(self._library, str(self._response.url)):
            async for piece in self._response.aiter_raw():
                yield piece

    async def aclose(self) -> None:
        await self._response.aclose()


def _built(client: Any, library: Any, request: Request, options: TransportOptions, timeout: float | None) -> Any:
    return client.build_request(
        request.method,
        request.url,
        headers={"Accept-Encoding": "identity", **request.headers},
        content=request.body,
        timeout=library.Timeout(
            connect=shortest(options.connect_timeout, timeout),
            read=shortest(options.first_byte_timeout, timeout),
            write=shortest(options.read_timeout, timeout),
            pool=timeout,
        ),
    )


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


@contextmanager
def _translated(library: Any, url: str) -> Iterator[None]:
    """The library's exceptions become ours; which of them prove that nothing was sent is decided here."""
    try:
        yield
    # UnicodeError: a host name that cannot be one, such as a label of 64 letters.
    except (
        library.ConnectError,
        library.ConnectTimeout,
        library.InvalidURL,
        library.ProxyError,
        UnicodeError,
    ) as error:
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
