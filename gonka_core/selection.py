"""The built-in ways of choosing an endpoint.

    random        each equally often, by chance; the default
    round-robin   one after the other
    first         the first that can be asked
    weighted      by chance, in proportion to the weights of the endpoints
    fastest       the faster of two drawn by chance, by how long they took lately
    sticky        one endpoint for each key, as long as that can be asked

`Pool` decides who can be asked; a selector need not know who is ill or busy. None of them holds a lock: each step is
one operation on a dictionary or less, so that threads can share a selector, a fork cannot leave it locked, and pickle
can take it along. What one has learned stays in its process.
"""

from __future__ import annotations

import itertools
import random
import secrets
import time
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Final

from . import errors
from .cooldown import rest_after
from .endpoints import Endpoint
from .hookspecs import SelectorPlugin, hookimpl
from .types import Outcome, SelectionContext

HALF_LIFE_S: Final = 120.0
"""In so many seconds what `fastest` knows of an endpoint loses half of its weight."""
FAILURE_S: Final = 30.0
"""A failure counts as an answer that took at least so long."""
MOST_REMEMBERED: Final = 1024
"""Endpoints that `fastest` remembers; beyond that it forgets those it heard of longest ago."""
_GAIN: Final = 0.2
_DIGEST_BYTES: Final = 8


class _Chance(random.SystemRandom):
    """Chance that nobody can predict, and that can be pickled: there is no state."""

    def __reduce__(self) -> tuple[Any, ...]:
        return _Chance, ()


class RandomSelector:
    """Each endpoint equally often, in no order. `choice` is the source of chance; tests seed their own."""

    def __init__(self, choice: random.Random | None = None) -> None:
        self._random = choice or _Chance()

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        # One candidate needs no chance, which the system has to be asked for.
        return candidates[self._random.randrange(len(candidates)) if len(candidates) > 1 else 0]

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        """Chance does not learn."""


class RoundRobinSelector:
    """One endpoint after the other, in the order given."""

    def __init__(self) -> None:
        self._turns = itertools.count()

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return candidates[next(self._turns) % len(candidates)]

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        """The order does not depend on how a call ended."""

    def __reduce__(self) -> tuple[Any, ...]:
        return RoundRobinSelector, ()


class FirstSelector:
    """Always the first candidate."""

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return candidates[0]

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        """The first stays the first."""


class WeightedSelector:
    """By chance, in proportion to `Endpoint.weight`; one that weighs nothing only where no other weighs anything."""

    def __init__(self, choice: random.Random | None = None) -> None:
        self._random = choice or _Chance()

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        # Integers: the weights of participants may be beyond what a float holds exactly.
        sums = list(itertools.accumulate(candidate.weight for candidate in candidates))
        if not sums[-1]:
            return candidates[self._random.randrange(len(candidates))]
        return candidates[bisect_right(sums, self._random.randrange(sums[-1]))]

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        """The weights are given."""


@dataclass(frozen=True, slots=True)
class _Pace:
    """How long an endpoint takes: a moving average in seconds, as it was at a moment."""

    seconds: float
    at: float

    def share(self, now: float) -> float:
        """What is left of this knowledge, from 1 down to 0."""
        return float(0.5 ** (max(now - self.at, 0.0) / HALF_LIFE_S))


class FastestSelector:
    """The faster of two candidates drawn by chance ("the power of two choices"), so that not all run to the same one.

    How long an endpoint takes is a moving average over its answers and failures; what it did lately counts most. An
    average shrinks as it grows old, so that a slow endpoint is tried again in the end, and one that is not known at
    once. Refusals that are not the endpoint's fault teach nothing. `choice` is the source of chance, `seconds` a
    monotonic clock.
    """

    def __init__(self, choice: random.Random | None = None, *, seconds: Callable[[], float] = time.monotonic) -> None:
        self._random = choice or _Chance()
        self._seconds = seconds
        self._paces: dict[Endpoint, _Pace] = {}

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        if len(candidates) == 1:
            return candidates[0]
        now = self._seconds()
        return min(self._random.sample(candidates, 2), key=lambda candidate: self._expected_s(candidate, now))

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        if outcome.ok:
            self._learn(endpoint, outcome.seconds)
        elif _is_its_own(outcome):
            self._learn(endpoint, max(outcome.seconds, FAILURE_S))

    def _expected_s(self, endpoint: Endpoint, now: float) -> float:
        pace = self._paces.get(endpoint)
        return 0.0 if pace is None else pace.seconds * pace.share(now)

    def _learn(self, endpoint: Endpoint, seconds: float) -> None:
        now = self._seconds()
        before = self._paces.get(endpoint)
        kept = 0.0 if before is None else (1 - _GAIN) * before.share(now)
        average = seconds if before is None else kept * before.seconds + (1 - kept) * seconds
        self._paces[endpoint] = _Pace(average, now)
        if len(self._paces) > MOST_REMEMBERED:
            self._forget_half()

    def _forget_half(self) -> None:
        # A dict is copied in one step. Going through its items is none: a collection of garbage may come between.
        oldest_first = sorted(self._paces.copy().items(), key=lambda item: item[1].at)
        for endpoint, _ in oldest_first[: MOST_REMEMBERED // 2]:
            self._paces.pop(endpoint, None)

    def __reduce__(self) -> tuple[Any, ...]:
        return _fastest, (self._random, self._seconds)


def _fastest(choice: random.Random, seconds: Callable[[], float]) -> FastestSelector:
    return FastestSelector(choice, seconds=seconds)


class StickySelector:
    """The same endpoint for the same key, chosen by rendezvous hashing of key and URL.

    The key is the caller's `affinity`; without one it is `key`, the client's own (drawn by chance unless given), which
    keeps the client as a whole with one endpoint. Keys spread evenly, and the same `affinity` leads to the same
    endpoint in every process. An endpoint that goes moves only its own keys, and they return when it does.
    """

    def __init__(self, key: str | None = None) -> None:
        self._key = secrets.token_hex(16) if key is None else key

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        key = self._key if context.affinity is None else context.affinity
        start = blake2b(key.encode("utf-8", "backslashreplace"), digest_size=_DIGEST_BYTES)

        def score(candidate: Endpoint) -> bytes:
            own = start.copy()
            own.update(b"\0" + candidate.url.encode())
            return own.digest()

        return max(candidates, key=score)

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        """It moves when the endpoint is no candidate any more, which is not for it to decide."""


def _is_its_own(outcome: Outcome) -> bool:
    """Whether a failure is the endpoint's rather than that of the request; errors of others are judged by status."""
    kind = getattr(errors, outcome.error or "", None)
    if isinstance(kind, type) and issubclass(kind, errors.GonkaError):
        return rest_after(kind) is not None
    return outcome.status is None or outcome.status == 429 or outcome.status >= 500


@hookimpl
def gonka_selector() -> Sequence[SelectorPlugin]:
    return (
        SelectorPlugin("random", "each endpoint equally often, by chance", load=lambda: RandomSelector, fair=True),
        SelectorPlugin(
            "round-robin", "one endpoint after the other", load=lambda: RoundRobinSelector, round_robin=True
        ),
        SelectorPlugin("first", "always the first endpoint given", load=lambda: FirstSelector),
        SelectorPlugin("weighted", "by chance, in proportion to weight", load=lambda: WeightedSelector, weighted=True),
        SelectorPlugin(
            "fastest", "the faster of two, by how long they took lately", load=lambda: FastestSelector, learns=True
        ),
        SelectorPlugin("sticky", "one endpoint for each key (affinity)", load=lambda: StickySelector, sticky=True),
    )
