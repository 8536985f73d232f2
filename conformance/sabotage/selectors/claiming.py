"""Selectors that do what the contract says and not what they claim."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from hashlib import sha256
from typing import ClassVar

from gonka_core import Endpoint, Outcome, SelectionContext

from .correct import MostlyTheBest, Sound


class AlwaysFirst(Sound):
    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return candidates[0]


class NeverLast(Sound):
    """Off by one."""

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return candidates[self.chance.randrange(max(len(candidates) - 1, 1))]


class OneByte(Sound):
    """A random byte modulo the number of candidates: right for two, a little off for a hundred, blind beyond 256."""

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return candidates[os.urandom(1)[0] % len(candidates)]


class Turns(Sound):
    """One after the other, which is equally often and not by chance."""

    def __init__(self) -> None:
        super().__init__()
        self._turn = self.chance.randrange(1000)

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        self._turn += 1
        return candidates[self._turn % len(candidates)]


class Bag(Sound):
    """Shuffles, deals all, and shuffles again: never the same twice in a deal."""

    def __init__(self) -> None:
        super().__init__()
        self._bag: list[Endpoint] = []

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        here = set(candidates)
        self._bag = [endpoint for endpoint in self._bag if endpoint in here]
        self._bag = self._bag or self.chance.sample(list(candidates), len(candidates))
        return self._bag.pop()


class SameSeed(Sound):
    """Begins every sequence from the same seed, so that all clients ask the same node at the same time."""

    def __init__(self) -> None:
        super().__init__(random.Random(42))


class FirstWeights(Sound):
    """Remembers the weight that an endpoint had when it was seen first."""

    def __init__(self) -> None:
        super().__init__()
        self._weights: dict[Endpoint, int] = {}

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        weights = [self._weights.setdefault(candidate, candidate.weight) for candidate in candidates]
        return self.chance.choices(candidates, weights)[0] if any(weights) else super().select(candidates, context)


class TotalOfZero(Sound):
    """Leaves weights that are all zero to the library, which refuses them."""

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return self.chance.choices(candidates, [candidate.weight for candidate in candidates])[0]


class AtLeastOne(Sound):
    """Takes a weight of zero for one."""

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return self.chance.choices(candidates, [candidate.weight or 1 for candidate in candidates])[0]


def _number(text: str | None) -> int:
    return int.from_bytes(sha256((text or "").encode("utf-8", "replace")).digest()[:8], "big")


class ByPlace(Sound):
    """The hash of the affinity is a place, and who stands there depends on the order."""

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return candidates[_number(context.affinity) % len(candidates)]


class ByRemainder(Sound):
    """The same among sorted candidates: when one leaves, nearly all move."""

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return sorted(candidates, key=lambda candidate: candidate.url)[_number(context.affinity) % len(candidates)]


class OneForAll(Sound):
    """Sticks, and forgets to look at the affinity."""

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return max(candidates, key=lambda candidate: _number(candidate.url))


class TwoSteps(Turns):
    """Goes on by two, which skips half of an even number of candidates."""

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        self._turn += 1
        return super().select(candidates, context)


class CountsReports(Turns):
    """An answer moves the turn on as well."""

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        self._turn += outcome.ok


class LikesSlow(MostlyTheBest):
    """Compares the wrong way round."""

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        super().report(endpoint, Outcome(outcome.status, -outcome.seconds, outcome.error))


class QuickFailureIsFast(MostlyTheBest):
    """Looks at the time alone: who refuses at once seems the fastest."""

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        super().report(endpoint, Outcome(200, outcome.seconds))


class FirstImpression(MostlyTheBest):
    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        if endpoint not in self._seconds:
            super().report(endpoint, outcome)


class SharedLessons(MostlyTheBest):
    """What one has learnt stands on the class, where all read it."""

    _book: ClassVar[dict[Endpoint, float]] = {}

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return min(candidates, key=lambda candidate: self._book.get(candidate, 0.0))

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        if len(self._book) > 500:
            self._book.clear()
        self._book[endpoint] = outcome.seconds if outcome.ok else 60.0
