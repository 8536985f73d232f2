"""Asking a source: plain GETs of public routes, without signature or key, each within the time that it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

from gonka_core.endpoints import Endpoint
from gonka_core.errors import CallError, DiscoveryError
from gonka_core.nodetext import quoted, words
from gonka_core.request import reading
from gonka_core.steps import Send, Steps

Place = TypeVar("Place")
_STEP = "ask another node, or try again later"


class Told(NamedTuple):
    """The body of an answer with a status of success, or else, in `trouble`, why there is none."""

    body: bytes
    trouble: str | None = None


@dataclass(frozen=True, slots=True)
class Asking:
    """Asks until `ends`, by the clock `seconds`."""

    seconds: Callable[[], float]
    ends: float

    def shared(self, places: Sequence[Place], spare: int = 0) -> Iterator[tuple[Place, Asking]]:
        """Each place, when its turn comes, with its part of the time that is left: none can use up that of the others.

        `spare`: parts that are kept for what comes afterwards.
        """
        for number, place in enumerate(places):
            now = self.seconds()
            yield place, Asking(self.seconds, now + max(self.ends - now, 0.0) / (len(places) - number + spare))

    def read(self, source: str, path: str) -> Steps[Told]:
        """A route of a source (its base URL, without `/v1`). Never raises for what the source does."""
        left = self.ends - self.seconds()
        if left <= 0:
            return Told(b"", "the time to ask it is over")
        try:
            answer = yield Send(reading(Endpoint.public(source), path), left)
        except CallError as error:
            return Told(b"", error.problem)
        if answer is None or not answer.ok:
            status = "nothing" if answer is None else answer.status
            return Told(b"", f"{path} answered {status}: {quoted(words((answer.body if answer else None) or b''))}")
        return Told(answer.body or b"")

    def require(self, source: str, path: str) -> Steps[bytes]:
        """The body of a route. Raises `DiscoveryError` where there is none."""
        told = yield from self.read(source, path)
        if told.trouble is not None:
            raise DiscoveryError(told.trouble, _STEP)
        return told.body
