"""Transports that mistake one connection or answer for another, keep what they should drop, or listen to nobody."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Iterator, Mapping
from typing import Any

import httpx

from gonka_core.hookspecs import TransportOptions
from gonka_core.interfaces import Response
from gonka_core.types import Request

from .correct import AsyncSound, Sound


class NeverReuses(Sound):
    def outgoing(self, request: httpx.Request) -> None:
        request.headers["Connection"] = "close"


class OneAfterTheOther(Sound):
    def __init__(self, options: TransportOptions) -> None:
        super().__init__(options)
        self._lock = threading.Lock()

    def send(self, request: Request, /, *, timeout: float | None = None) -> Any:
        with self._lock:
            return super().send(request, timeout=timeout)


class Latest:
    """An answer that looks up which one it is when it is read."""

    def __init__(self, mixing: Mixes) -> None:
        self._mixing = mixing

    @property
    def status(self) -> int:
        return self._mixing.latest.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._mixing.latest.headers

    def __iter__(self) -> Iterator[bytes]:
        yield self._mixing.body()

    def close(self) -> None:
        self._mixing.latest.close()


class Mixes(Sound):
    latest: Response

    def handed(self, response: Response) -> Response:
        self.latest = response
        self._read: bytes | None = None
        return Latest(self)

    def body(self) -> bytes:
        if self._read is None:
            self._read = b"".join(self.latest)
        return self._read


class NeverCloses(Sound):
    def close(self) -> None:
        pass


class ClosesOnce(Sound):
    def close(self) -> None:
        if self._client.is_closed:
            raise RuntimeError("it is closed already")
        super().close()


class Shields(AsyncSound):
    async def send(self, request: Request, /, *, timeout: float | None = None) -> Any:
        going_on = asyncio.ensure_future(super().send(request, timeout=timeout))
        going_on.add_done_callback(lambda done: done.cancelled() or done.exception())
        return await asyncio.shield(going_on)


class BlocksTheLoop:
    """An async transport only by its looks."""

    def __init__(self, options: TransportOptions) -> None:
        self._inner = Sound(options)

    async def send(self, request: Request, /, *, timeout: float | None = None) -> Any:
        return Blocking(self._inner.send(request, timeout=timeout))

    async def aclose(self) -> None:
        self._inner.close()


class Blocking:
    """An answer that is read while nothing else can go on."""

    def __init__(self, response: Response) -> None:
        self._response = response
        self.status = response.status
        self.headers = response.headers

    async def __aiter__(self) -> Any:
        for piece in self._response:
            yield piece

    async def aclose(self) -> None:
        self._response.close()


class IgnoresProxies(Sound):
    def __init__(self, options: TransportOptions) -> None:
        super().__init__(options)
        self._client = httpx.Client(trust_env=False)


class ProxiesEverything(Sound):
    def __init__(self, options: TransportOptions) -> None:
        super().__init__(options)
        self._client = httpx.Client(trust_env=False, proxy=os.environ.get("HTTP_PROXY"))


class PlainProxiesOnly(Sound):
    """Obeys HTTP_PROXY and not HTTPS_PROXY."""

    def __init__(self, options: TransportOptions) -> None:
        super().__init__(options)
        if "HTTPS_PROXY" in os.environ:
            self._client = httpx.Client(trust_env=False)
