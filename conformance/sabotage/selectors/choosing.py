"""Selectors that break the contract: what they choose, what they take, what they keep."""

from __future__ import annotations

import random
import threading
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, ClassVar

from gonka_core import Endpoint, Outcome, SelectionContext

from .correct import Sound


class ReturnsNone(Sound):
    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Any:
        chosen = super().select(candidates, context)
        if len(candidates) > 1:
            return chosen
        return None


class ReturnsUrl(Sound):
    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Any:
        return super().select(candidates, context).url


class Tournament(Sound):
    """One candidate against the winner of the rest, by recursion."""

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return self._winner(candidates, 0)

    def _winner(self, candidates: Sequence[Endpoint], first: int) -> Endpoint:
        if first == len(candidates) - 1:
            return candidates[first]
        rest = self._winner(candidates, first + 1)
        return rest if self.chance.random() < 0.5 else candidates[first]


class Loyal(Sound):
    """Goes back to whoever answered last."""

    _last: Endpoint | None = None

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return self._last or super().select(candidates, context)

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        self._last = endpoint if outcome.ok else None


class FirstList(Sound):
    """Keeps the candidates that it saw first for all its choices."""

    _candidates: Sequence[Endpoint] = ()

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        self._candidates = self._candidates or tuple(candidates)
        return super().select(self._candidates, context)


@lru_cache(maxsize=64)
def _ordered(candidates: Sequence[Endpoint]) -> list[Endpoint]:
    return sorted(candidates, key=lambda candidate: candidate.url)


class CachedOrder(Sound):
    """Remembers the order of candidates by the tuple that held them; a list cannot be a key."""

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return super().select(_ordered(candidates), context)


class Sorts(Sound):
    """Sorts a list where it is."""

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        if isinstance(candidates, list):
            candidates.sort(key=lambda candidate: candidate.url)
        return super().select(candidates, context)


class Pops(Sound):
    """Takes the chosen one out of the list."""

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        if isinstance(candidates, list) and len(candidates) > 1:
            chosen: Endpoint = candidates.pop(self.chance.randrange(len(candidates)))
            return chosen
        return super().select(candidates, context)


class ByIdentity(Sound):
    """Counts calls by `id`, which a new object that equals the old one does not share."""

    def __init__(self) -> None:
        super().__init__()
        self._pending: dict[int, int] = {}

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        chosen = super().select(candidates, context)
        self._pending = {id(chosen): 1}
        return chosen

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        if self._pending:
            self._pending[id(endpoint)] += 1


class NeedsAffinity(Sound):
    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        affinity: Any = context.affinity
        return candidates[len(affinity.strip()) % len(candidates)]


class StrictText(Sound):
    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        (context.affinity or "").encode("utf-8")
        return super().select(candidates, context)


class KnowsCandidatesOnly(Sound):
    """Has a count for every endpoint that it was asked about, and for no other."""

    def __init__(self) -> None:
        super().__init__()
        self._failures: dict[Endpoint, int] = {}

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        self._failures = {candidate: self._failures.get(candidate, 0) for candidate in candidates}
        return super().select(candidates, context)

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        self._failures[endpoint] += not outcome.ok


class ComparesStatus(Sound):
    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        status: Any = outcome.status
        if status >= 500:
            self.chance.seed()


class NoneForNobody(Sound):
    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Any:
        return super().select(candidates, context) if candidates else None


class WaitsForSomebody(Sound):
    """Blocks until there is a candidate, which nobody will tell it."""

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        if not candidates:
            threading.Event().wait()
        return super().select(candidates, context)


class RacingTurn(Sound):
    """Checks the turn against the number of candidates, and uses it afterwards."""

    _turn = 0

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        self._turn += 1
        if self._turn >= len(candidates):
            self._turn = 0
        return candidates[self._turn]


class RacingTable(Sound):
    """Walks through a dictionary to which other threads add."""

    def __init__(self) -> None:
        super().__init__()
        self._seconds: dict[Endpoint, float] = {}

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        total = 0.0
        for seconds in self._seconds.values():
            total += seconds
        return super().select(candidates, context)

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        if len(self._seconds) > 200:
            self._seconds = {}
        self._seconds[endpoint] = outcome.seconds


class SharedTurn(Sound):
    """Counts turns on the class, so that all clients of a program share them."""

    turn: ClassVar[int] = -1

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        SharedTurn.turn += 1
        return candidates[SharedTurn.turn % len(candidates)]


_ONLY = Sound()


def the_only_one() -> Sound:
    return _ONLY


class KeepsEverything(Sound):
    """A count for every endpoint that it ever heard of."""

    def __init__(self) -> None:
        super().__init__()
        self._reports: dict[str, int] = {}

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        self._reports[endpoint.url] = self._reports.get(endpoint.url, 0) + 1


class KeepsConversations(Sound):
    """An endpoint for every affinity that it ever saw."""

    def __init__(self) -> None:
        super().__init__()
        self._table: dict[str | None, str] = {}

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        chosen = super().select(candidates, context)
        self._table[context.affinity] = f"{chosen.url}/"
        return chosen


class HalfPickled(Sound):
    """Leaves its source of chance behind, as locks have to be, and does not make a new one."""

    def __getstate__(self) -> Any:
        return {}

    def __setstate__(self, state: Any) -> None:
        """There is nothing to bring back."""


class KeyInRepr(Sound):
    _seen: tuple[str, ...] = ()

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        self._seen = (endpoint.url, endpoint.api_key.reveal() if endpoint.api_key else "")

    def __repr__(self) -> str:
        return f"KeyInRepr(last={self._seen})"


class KeyInPickle(Sound):
    """Knows brokers by URL and key, and pickle writes down what it knows."""

    def __init__(self, chance: random.Random | None = None) -> None:
        super().__init__(chance)
        self._answered: dict[str, bool] = {}

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        key = endpoint.api_key.reveal() if endpoint.api_key else endpoint.provider_address
        self._answered = {f"{endpoint.url};{key}": outcome.ok}
