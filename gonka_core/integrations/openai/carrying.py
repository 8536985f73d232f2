"""Which HTTP client carries the requests of a `GonkaOpenAI`: one around a `Client` that is given, or that is made."""

from __future__ import annotations

from typing import Any

from gonka_core.async_client import AsyncClient
from gonka_core.client import Client
from gonka_core.errors import ConfigurationError

from .generation import http
from .lent import AsyncLentTransport, LentTransport
from .making import Named
from .transport import AsyncGonkaHttpClient, GonkaHttpClient


def carrier(client: Client | None, given: http.Client | None, named: Named, timeout: object) -> GonkaHttpClient:
    """The HTTP client of a sync SDK client. Raises `ConfigurationError`."""
    _require_one(client, given, named, GonkaHttpClient)
    if isinstance(given, GonkaHttpClient):
        return given
    if client is not None:
        return GonkaHttpClient(client)
    options = named.client_options(timeout)
    if given is None:
        made = Client(**options)
        return GonkaHttpClient(made, (made,))
    made = Client(**options, transport=LentTransport.over(given, options["options"]))
    return GonkaHttpClient(made, (made, given))


def async_carrier(
    client: AsyncClient | None, given: http.AsyncClient | None, named: Named, timeout: object
) -> AsyncGonkaHttpClient:
    """`carrier` of an async SDK client."""
    _require_one(client, given, named, AsyncGonkaHttpClient)
    if isinstance(given, AsyncGonkaHttpClient):
        return given
    if client is not None:
        return AsyncGonkaHttpClient(client)
    options = named.client_options(timeout)
    if given is None:
        made = AsyncClient(**options)
        return AsyncGonkaHttpClient(made, (made,))
    made = AsyncClient(**options, transport=AsyncLentTransport.over(given, options["options"]))
    return AsyncGonkaHttpClient(made, (made, given))


def require_same(given: object, own: object) -> None:
    """Raises `ConfigurationError` where a copy is to call nodes through another HTTP client than its original."""
    if given is not None and given is not own:
        raise ConfigurationError(
            "a copy shares the connections and the account of its original, and cannot have another http_client",
            "make another client, with http_client=… and the same settings",
        )


def _require_one(client: object, given: object, named: Named, ready: type[Any]) -> None:
    """Raises `ConfigurationError` where a client that is made already is given, and what another would be made of."""
    made = "client" if client is not None else "http_client" if isinstance(given, ready) else ""
    others = ", ".join(filter(None, (named.given, "http_client" if client is not None and given is not None else "")))
    if made and others:
        raise ConfigurationError(
            f"{made} is a client that is made already, and {others} cannot be changed of it",
            f"give {others} where that client is made, or leave {made} out",
        )
