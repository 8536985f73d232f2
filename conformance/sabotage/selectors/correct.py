"""Selectors without a bug that are made otherwise than those of the core, so that checks do not fit these alone."""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Sequence

from gonka_core import Endpoint, Outcome, SelectionContext

_MOST: int = 500


class Sound:
    """By chance, and without a claim; the sabotaged ones inherit from it."""

    def __init__(self, chance: random.Random | None = None) -> None:
        self.chance = chance or random.Random()

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return self.chance.choice(candidates)

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        """Nothing is learnt."""


class Table(Sound):
    """Sticky by a table of the last affinities; a new one gets an endpoint by chance."""

    def __init__(self) -> None:
        super().__init__()
        self._table: OrderedDict[str | None, Endpoint] = OrderedDict()

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        known = self._table.pop(context.affinity, None)
        self._table[context.affinity] = chosen = known if known in candidates and known else self._new(candidates)
        if len(self._table) > _MOST:
            self._table.pop(next(iter(self._table)), None)
        return chosen

    def _new(self, candidates: Sequence[Endpoint]) -> Endpoint:
        return self.chance.choice(candidates)


class MostlyTheBest(Sound):
    """Learns: the quickest by the last outcome of each, and one in ten by chance."""

    def __init__(self, chance: random.Random | None = None) -> None:
        super().__init__(chance)
        self._seconds: OrderedDict[Endpoint, float] = OrderedDict()

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        if self.chance.random() < 0.1:
            return self.chance.choice(candidates)
        return min(candidates, key=lambda candidate: self._seconds.get(candidate, 0.0))

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        self._seconds[endpoint] = outcome.seconds if outcome.ok else 60.0
        if len(self._seconds) > _MOST:
            self._seconds.popitem(last=False)
