"""Which endpoints may be asked at all, by an allow-list of providers.

An empty list allows everyone, as the network's own list does (`protocol.md` §3.9): it may be handed on as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeAlias

from .address import parse_address
from .endpoints import Endpoint, normalised_url
from .errors import ConfigurationError

Allowed: TypeAlias = Callable[[Endpoint], bool]


def allow_list(given: str | Iterable[str] | None) -> tuple[str, ...]:
    """The entries in the form in which they are compared: account addresses in small letters, base URLs with `/v1`.

    Raises `InvalidAddressError` and `InvalidEndpointError` for an entry that is neither.
    """
    entries = [given] if isinstance(given, str) else given or ()
    return tuple(dict.fromkeys(_entry(entry.strip()) for entry in entries))


def allowing(entries: tuple[str, ...]) -> Allowed | None:
    """Whether an endpoint is on the list, by its provider's address or its URL; None where everyone is allowed."""
    listed = frozenset(entries)
    return (lambda endpoint: not listed.isdisjoint((endpoint.provider_address, endpoint.url))) if listed else None


def require_one(endpoints: Iterable[Endpoint], allowed: Allowed | None) -> None:
    """Raises `ConfigurationError` where none of the endpoints is allowed."""
    found = tuple(endpoints)
    if allowed is not None and not any(map(allowed, found)):
        raise ConfigurationError(
            f"none of the endpoints {', '.join(endpoint.url for endpoint in found)} is allowed",
            "put the address of a provider, or the URL of an endpoint, on the list, or add endpoints that are on it",
        )


def _entry(text: str) -> str:
    if "://" in text:
        return normalised_url(text)
    parse_address(text, what="allowed provider address")
    return text.lower()
