"""A correct transport with places where others may do one thing wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import ModuleType
from typing import Any

import httpx

from gonka_core.hookspecs import TransportOptions
from gonka_core.interfaces import Response
from gonka_core.types import Request
from gonka_httpx.transport import AsyncHttpxTransport, HttpxTransport

_LIBRARY: ModuleType = httpx


class Sound(HttpxTransport):
    """httpx as it is to be used. What inherits changes a request, what leaves, or what is handed out."""

    def __init__(self, options: TransportOptions) -> None:
        super().__init__(_LIBRARY, options)
        self._client.event_hooks = {"request": [self.outgoing]}

    def given(self, request: Request) -> Request:
        """The request, before the library sees it."""
        return request

    def outgoing(self, request: httpx.Request) -> None:
        """The request, before it leaves."""

    def handed(self, response: Response) -> Response:
        """The answer, before the caller sees it."""
        return response

    def send(self, request: Request, /, *, timeout: float | None = None) -> Any:
        return self.handed(super().send(self.given(request), timeout=timeout))


class AsyncSound(AsyncHttpxTransport):
    """The same, async."""

    def __init__(self, options: TransportOptions) -> None:
        super().__init__(_LIBRARY, options)


class Wrapped:
    """An answer that hands out what it wraps."""

    def __init__(self, response: Response) -> None:
        self.response = response

    @property
    def status(self) -> int:
        return self.response.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self.response.headers

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.response)

    def close(self) -> None:
        self.response.close()
