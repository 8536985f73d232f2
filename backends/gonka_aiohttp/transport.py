"""The adapter to aiohttp."""

from __future__ import annotations

import asyncio
import inspect
import io
from collections.abc import AsyncIterator, Mapping
from functools import lru_cache
from typing import Any, Final

import aiohttp
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from gonka_core.errors import ConnectError, TransportError, TransportTimeout
from gonka_core.hookspecs import TransportOptions
from gonka_core.types import Request

from .patience import Patience

_ONE_WRITE: Final = 2**20
_LONGEST_HEADER: Final = 2**20
"""What is too long is refused by the core, in the same words for every transport."""
_MORE: Final[dict[str, Any]] = (
    {"max_headers": 10_000} if "max_headers" in inspect.signature(aiohttp.ClientSession).parameters else {}
)
"""Newer releases also count the headers."""


class AiohttpTransport:
    """Sends with one `ClientSession`, opened at the first request because it belongs to an event loop.

    Proxy variables of the environment are not read: with them aiohttp would read ~/.netrc too, whose entries replace
    the `Authorization` header.
    """

    def __init__(self, options: TransportOptions) -> None:
        self._options = options
        self._session: aiohttp.ClientSession | None = None
        self._patience: Patience | None = None

    async def send(self, request: Request, /, *, timeout: float | None = None) -> AiohttpResponse:
        if self._session is None or self._patience is None:
            self._session, self._patience = self._open()
        session, patience = self._session, self._patience
        options = self._options.within(timeout)
        try:
            response = await patience.within(
                options.first_byte_timeout,
                session.request(
                    request.method,
                    _url(request.url),
                    headers=request.headers,
                    data=_data(request.body),
                    allow_redirects=False,
                    timeout=_to_connect(options.connect_timeout),
                ),
            )
        except _FAILURES as error:
            raise _ours(error, request.url) from error
        return AiohttpResponse(response, patience, options.read_timeout)

    def _open(self) -> tuple[aiohttp.ClientSession, Patience]:
        session = aiohttp.ClientSession(
            # Nodes are strangers: what one of them sets as a cookie must not come back.
            cookie_jar=aiohttp.DummyCookieJar(),
            connector=aiohttp.TCPConnector(limit=0),
            headers={"Accept-Encoding": "identity"},
            auto_decompress=False,
            max_line_size=_LONGEST_HEADER,
            max_field_size=_LONGEST_HEADER,
            **_MORE,
        )
        return session, Patience()

    async def aclose(self) -> None:
        if self._session is not None and self._patience is not None:
            self._patience.close()
            await self._session.close()


class AiohttpResponse:
    """An answer whose body is read piece by piece; `between` are the seconds that a piece may be waited for."""

    status: int

    def __init__(self, response: aiohttp.ClientResponse, patience: Patience, between: float | None) -> None:
        self._response = response
        self._content = response.content
        self._patience = patience
        self._between = between
        self.status = response.status
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
        self._closed = None if self._content.is_eof() else _closed(response)
        if self._closed is not None:
            self._closed.add_done_callback(self._broken)

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self

    def arrived(self) -> bytes | None:
        """The body, where it came to its end with the headers, as most do, and gave the connection back."""
        if self._response.connection is not None or not self._content.is_eof():
            return None
        try:
            return self._content.read_nowait()
        except _FAILURES as error:
            raise _ours(error, str(self._response.url)) from error

    async def __anext__(self) -> bytes:
        try:
            # What has arrived to its end needs no patience.
            piece = self._content.read_nowait() if self._content.is_eof() else await self._next()
        except _FAILURES as error:
            raise _ours(error, str(self._response.url)) from error
        if not piece:
            raise StopAsyncIteration
        return piece

    async def _next(self) -> bytes:
        try:
            return await self._patience.within(self._between, self._content.readany())
        except RuntimeError as error:
            raise aiohttp.ClientPayloadError("the connection ended within the body") from error

    def _broken(self, closed: asyncio.Future[None]) -> None:
        """Tell who waits for a piece that none will come.

        aiohttp 3.14 does not, where a chunk is none (seen: its parser's error is kept from the body), and lets a
        RuntimeError through to who asks later.
        """
        closed.exception()  # looked at, or the loop reports one that nobody has seen
        if not self._content.is_eof() and self._content.exception() is None:
            self._content.set_exception(aiohttp.ClientPayloadError("the connection ended within the body"))

    async def aclose(self) -> None:
        if self._closed is not None:
            self._closed.remove_done_callback(self._broken)
        # Dropped, unless the body was read to its end: that gave the connection back, and nothing is left to close.
        if self._response.connection is not None:
            self._response.close()


def _closed(response: aiohttp.ClientResponse) -> asyncio.Future[None] | None:
    """What is done when the connection ends; None where it has ended, is given back, or aiohttp is older than 3.12."""
    protocol = response.connection.protocol if response.connection is not None else None
    return getattr(protocol, "closed", None)


@lru_cache(maxsize=256)
def _url(text: str) -> URL:
    # As it stands: left to itself aiohttp writes `%2F` in a query as `/`. A host beyond ASCII it has to encode.
    return URL(text, encoded=text.isascii())


def _data(body: bytes) -> bytes | io.BytesIO:
    # Over a mebibyte aiohttp warns that one write may hold up the event loop; from a file it writes in pieces.
    return body if len(body) <= _ONE_WRITE else io.BytesIO(body)


@lru_cache(maxsize=8)
def _to_connect(seconds: float | None) -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, sock_connect=seconds, sock_read=None)


# UnicodeError: a host name that cannot be one, such as a label of 64 letters.
_UNREACHED: Final = (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError, aiohttp.InvalidURL, UnicodeError)
_LATE: Final = (TimeoutError, aiohttp.ServerTimeoutError)
_FAILURES: Final = (aiohttp.ClientError, OSError, *_UNREACHED, *_LATE)


def _ours(error: Exception, url: str) -> TransportError:
    """aiohttp's exceptions become ours; which of them prove that nothing was sent is decided here."""
    if isinstance(error, _UNREACHED):
        return ConnectError(
            f"{url} cannot be reached ({_words(error)})", "check the URL and the network, or use another endpoint"
        )
    if isinstance(error, _LATE):
        return TransportTimeout(
            f"{url} did not answer in time ({_words(error)})",
            "allow more time (TransportOptions), or use another endpoint; a repeat may be billed again",
            sent=True,
        )
    _without_headers(error)
    return TransportError(
        f"the connection to {url} failed ({_words(error)})",
        "try again; the request may have arrived, so a repeat may be billed again",
        sent=True,
    )


def _without_headers(error: Exception) -> None:
    """Take the request's headers out of an error whose `repr` shows them, API key and all: it becomes a cause."""
    if isinstance(error, aiohttp.ClientResponseError):
        asked = error.request_info
        nothing: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())
        error.request_info = aiohttp.RequestInfo(asked.url, asked.method, nothing, asked.real_url)
        error.args = (error.request_info, error.history)


def _words(error: BaseException) -> str:
    return str(error) or type(error).__name__
