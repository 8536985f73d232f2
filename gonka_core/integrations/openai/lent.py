"""Our transports over an HTTP client that the user made: proxies, TLS and hooks are as they are set there."""

from __future__ import annotations

from types import ModuleType
from typing import Any, Self

from gonka_core.errors import ConfigurationError
from gonka_core.hookspecs import TransportOptions
from gonka_httpx.transport import AsyncHttpxTransport, HttpxTransport

from .generation import library_of


class _Still:
    """The client, which follows no redirect: a signature is for one provider, whatever the client is set to."""

    def __init__(self, lent: Any) -> None:
        self._lent = lent
        self.headers = lent.headers

    def send(self, request: Any, **options: Any) -> Any:
        return self._lent.send(request, follow_redirects=False, **options)


class LentTransport(HttpxTransport):
    """Sends with a client that is there already; closing is left to whoever made it."""

    @classmethod
    def over(cls, lent: object, options: TransportOptions) -> Self:
        """`lent` is a `Client` of httpx or httpx2. Raises `ConfigurationError` for anything else."""
        return cls(_library(lent, "Client"), options, _Still(lent))


class AsyncLentTransport(AsyncHttpxTransport):
    """`LentTransport`, awaited."""

    @classmethod
    def over(cls, lent: object, options: TransportOptions) -> Self:
        """`lent` is an `AsyncClient` of httpx or httpx2. Raises `ConfigurationError` for anything else."""
        return cls(_library(lent, "AsyncClient"), options, _Still(lent))


def _library(lent: object, kind: str) -> ModuleType:
    library = library_of(type(lent), kind)
    if library is None:
        raise ConfigurationError(
            f"http_client is a {type(lent).__name__}, no {kind} of httpx or httpx2",
            f"give an httpx.{kind}, or leave it out",
        )
    return library
