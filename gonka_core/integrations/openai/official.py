"""The names of the official SDK (`gonka-openai` 0.2.6) for endpoints, and what they become here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from gonka_core import endpoints as core
from gonka_core.errors import ConfigurationError, InvalidEndpointError
from gonka_core.types import Outcome, SelectionContext


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A base URL and the account address of its provider. What it holds is checked where a client is made of it."""

    url: str
    address: str

    @classmethod
    def parse(cls, text: str) -> Endpoint:
        """The endpoint written as `url;address`. Raises `InvalidEndpointError`, `InvalidAddressError`."""
        return theirs(core.Endpoint.parse(text))


Strategy: TypeAlias = Callable[[list[Endpoint]], Any]
"""Chooses one of the endpoints that it is given; anything with their `url` and `address` will do."""

GivenEndpoints: TypeAlias = "str | core.Endpoint | Endpoint | Iterable[Any] | None"


def endpoints_of(given: GivenEndpoints) -> tuple[core.Endpoint, ...] | None:
    """Objects with `url` and `address`, ours, or text, one or several, as ours; None where there are none.

    Raises `InvalidEndpointError`, `InvalidAddressError`.
    """
    if not given:
        return None
    if isinstance(given, str | core.Endpoint | Endpoint) or not isinstance(given, Iterable):
        return _ours(given)
    return tuple(ours for item in given for ours in _ours(item))


def _ours(item: Any) -> tuple[core.Endpoint, ...]:
    if isinstance(item, str | core.Endpoint):
        return core.as_endpoints(item)
    url, address = getattr(item, "url", None), getattr(item, "address", None)
    if not isinstance(url, str) or not isinstance(address, str):
        raise InvalidEndpointError(
            f"a {type(item).__name__} is no endpoint: it has no url and address",
            "give Endpoint(url='https://host:port/v1', address='gonka1…'), or text 'url;address'",
        )
    return (core.Endpoint(url, address),)


def theirs(endpoint: core.Endpoint) -> Endpoint:
    """Ours with the names of the official SDK."""
    return Endpoint(endpoint.url, endpoint.provider_address)


class StrategySelector:
    """A selector that asks a function of the official SDK's kind.

    It is asked at each attempt, with those endpoints that can be asked now. Where it insists on another one of the
    client's, which rests or has failed in this call, the first of those is taken.
    """

    def __init__(self, strategy: Strategy) -> None:
        self._strategy = strategy
        self._known: set[tuple[str, str]] = set()

    def select(self, candidates: Sequence[core.Endpoint], context: SelectionContext, /) -> core.Endpoint:
        offered = {(endpoint.url, endpoint.provider_address): endpoint for endpoint in candidates}
        self._known |= offered.keys()
        chosen = self._strategy([theirs(endpoint) for endpoint in candidates])
        name = self._name(chosen)
        if name in offered:
            return offered[name]
        if name in self._known:
            return candidates[0]
        raise ConfigurationError(
            f"endpoint_selection_strategy returned {_shown(chosen)}, which is none of the client's endpoints",
            "return one of the endpoints that it is given",
        )

    def _name(self, chosen: object) -> tuple[str, str] | None:
        try:
            (ours,) = _ours(chosen)
        except (InvalidEndpointError, ValueError):
            return None
        return ours.url, ours.provider_address

    def report(self, endpoint: core.Endpoint, outcome: Outcome, /) -> None:
        """A function learns nothing."""


def _shown(chosen: object) -> str:
    url = getattr(chosen, "url", None)
    return repr(url)[:100] if isinstance(url, str) else f"a {type(chosen).__name__}"
