"""Asking several servers within one time, of which each has its part."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, TypeVar

from gonka_core.endpoints import Endpoint
from gonka_core.errors import DiscoveryError
from gonka_core.request import reading
from gonka_core.steps import Steps
from gonka_core.types import Request

from .heard import Heard, hear

Place = TypeVar("Place")
Asked: TypeAlias = Callable[[Endpoint, str], Request]
"""From an endpoint and a path behind its host to the request; by default `reading`, which carries no credentials."""
_STEP: Final = "ask another node, or try again later"


def keyed(endpoint: Endpoint, path: str) -> Request:
    """`reading` with the API key of an endpoint that has one: a broker's own key, at the broker's own URL."""
    request, key = reading(endpoint, path), endpoint.api_key
    return request if key is None else replace(request, headers={"Authorization": f"Bearer {key.reveal()}"})


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks until `ends`, by the clock `seconds`."""

    seconds: Callable[[], float]
    ends: float

    @classmethod
    def within(cls, seconds: Callable[[], float], timeout_s: float) -> Asking:
        """One that has `timeout_s` seconds from now on."""
        return cls(seconds, seconds() + timeout_s)

    @property
    def left(self) -> float:
        """Seconds; not above 0 when the time is over."""
        return self.ends - self.seconds()

    def shared(self, places: Sequence[Place], spare: int = 0) -> Iterator[tuple[Place, Asking]]:
        """Each place, when its turn comes, with its part of the time that is left: none can use up that of the others.

        `spare`: parts that are kept for what comes afterwards.
        """
        for number, place in enumerate(places):
            now = self.seconds()
            yield place, Asking(self.seconds, now + max(self.ends - now, 0.0) / (len(places) - number + spare))

    def read(self, place: Endpoint | str, path: str, asked: Asked = reading, at_most: float = math.inf) -> Steps[Heard]:
        """A route of an endpoint, or of a source (its base URL, without `/v1`), in at most so many seconds.

        Never raises for what the server does.
        """
        endpoint = Endpoint.public(place) if isinstance(place, str) else place
        return (yield from hear(asked(endpoint, path), min(self.left, at_most)))

    def require(self, place: Endpoint | str, path: str) -> Steps[bytes]:
        """The body of a success. Raises `DiscoveryError` where there is none."""
        heard = yield from self.read(place, path)
        trouble = heard.trouble(path)
        if trouble is not None:
            raise DiscoveryError(trouble, _STEP)
        return heard.content
