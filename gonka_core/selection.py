"""The built-in ways of choosing an endpoint: `random` (the default), `round-robin` and `first`."""

from __future__ import annotations

import itertools
import random
from collections.abc import Sequence

from .endpoints import Endpoint
from .hookspecs import SelectorPlugin, hookimpl
from .types import Outcome, SelectionContext


class RandomSelector:
    """Each endpoint equally often, in no order. `choice` is the source of chance; tests seed their own."""

    def __init__(self, choice: random.Random | None = None) -> None:
        self._random = choice or random.SystemRandom()

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return candidates[self._random.randrange(len(candidates))]

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


class FirstSelector:
    """Always the first candidate."""

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return candidates[0]

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        """The first stays the first."""


@hookimpl
def gonka_selector() -> Sequence[SelectorPlugin]:
    return (
        SelectorPlugin("random", "each endpoint equally often, by chance", load=lambda: RandomSelector),
        SelectorPlugin("round-robin", "one endpoint after the other", load=lambda: RoundRobinSelector),
        SelectorPlugin("first", "always the first endpoint given", load=lambda: FirstSelector),
    )
