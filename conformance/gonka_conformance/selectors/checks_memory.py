"""The claims of those that remember: `sticky` and `learns`."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Final

from gonka_conformance.checks import fail
from gonka_core.interfaces import Selector
from gonka_core.types import Endpoint, Outcome, SelectionContext

from .asking import ANSWERED, UNREACHABLE, choose, copies, endpoints
from .listed import SELECTOR_CHECKS
from .statistics import LIMIT, chance_of
from .subject import SelectorSubject

_KEYS: Final = tuple(f"conversation-{number}" for number in range(96))
_SPREADING: Final = 4000
_ASKED: Final = 600
_ENOUGH: Final = 400
"""Of `_ASKED`: whoever does not care for the difference gets as far by chance in less than one of 10¹⁵ runs."""
_LESSONS: Final = 60
_QUICK: Final = Outcome(200, 0.1)
_SLOW: Final = Outcome(200, 9.0)


@SELECTOR_CHECKS.add(
    "sticky-same",
    "The same affinity leads to the same endpoint among the same candidates, in whatever order they come.",
    source="SelectorPlugin.sticky, SelectionContext.affinity",
    claim="sticky",
)
def sticky_same(subject: SelectorSubject) -> None:
    selector, candidates = subject.factory(), list(endpoints(8))
    kept = _kept(selector, candidates)
    orders = random.Random(2)  # noqa: S311 - a fixed choice of orders
    for _ in range(4):
        orders.shuffle(candidates)
        _require_kept(selector, copies(candidates), kept, "when the same candidates came in another order")


@SELECTOR_CHECKS.add(
    "sticky-leaving",
    "When an endpoint leaves, only those move that were with it.",
    source="SelectorPlugin.sticky, docs/selection.md",
    claim="sticky",
)
def sticky_leaving(subject: SelectorSubject) -> None:
    for gone in range(0, 8, 3):
        selector, everybody = subject.factory(), endpoints(8)
        kept = _kept(selector, everybody)
        left = [endpoint for endpoint in everybody if endpoint != everybody[gone]]
        staying = {key: endpoint for key, endpoint in kept.items() if endpoint in left}
        _require_kept(selector, left, staying, "when another endpoint left")
        for key in kept.keys() - staying.keys():
            choose(selector, left, SelectionContext(1, None, key))


@SELECTOR_CHECKS.add(
    "sticky-spreads",
    "Different affinities spread over the candidates evenly.",
    source="SelectorPlugin.sticky",
    claim="sticky",
)
def sticky_spreads(subject: SelectorSubject) -> None:
    selector, candidates = subject.factory(), endpoints(5)
    counts = Counter(choose(selector, candidates, SelectionContext(1, None, f"user-{n}")) for n in range(_SPREADING))
    observed = [counts[endpoint] for endpoint in candidates]
    if chance_of(observed, [1 / len(candidates)] * len(candidates)) < LIMIT:
        fail(f"{_SPREADING} affinities went to {len(candidates)} candidates in these numbers: {observed}")


def _kept(selector: Selector, candidates: Sequence[Endpoint]) -> dict[str, Endpoint]:
    return {key: choose(selector, candidates, SelectionContext(1, "m", key)) for key in _KEYS}


def _require_kept(selector: Selector, candidates: Sequence[Endpoint], kept: Mapping[str, Endpoint], when: str) -> None:
    chosen = {key: choose(selector, candidates, SelectionContext(1, "m", key)) for key in kept}
    for endpoint in chosen.values():
        selector.report(endpoint, ANSWERED)
    moved = [key for key in kept if chosen[key] != kept[key]]
    if moved:
        fail(f"{len(moved)} of {len(kept)} affinities were sent to another endpoint {when}")


@SELECTOR_CHECKS.add(
    "learns-pace",
    "Of two endpoints, the one that answers sooner is preferred; each selector learns for itself.",
    source="SelectorPlugin.learns",
    claim="learns",
)
def learns_pace(subject: SelectorSubject) -> None:
    one, other = endpoints(2)
    first, second = subject.drawing(1), subject.drawing(2)
    _teach(first, {one: _QUICK, other: _SLOW})
    _teach(second, {one: _SLOW, other: _QUICK})
    _require_preferred(first, one, other, "9 s for an answer against 0.1 s")
    _require_preferred(second, other, one, "9 s for an answer against 0.1 s (another selector was taught the reverse)")


@SELECTOR_CHECKS.add(
    "learns-failures",
    "Of two endpoints, the one that answers is preferred to one that fails, however quickly that fails.",
    source="SelectorPlugin.learns, docs/selection.md",
    claim="learns",
)
def learns_failures(subject: SelectorSubject) -> None:
    one, other = endpoints(2)
    for number, failure in enumerate((UNREACHABLE, Outcome(503, 0.001, "CapacityError"))):
        selector = subject.drawing(number)
        _teach(selector, {one: Outcome(200, 2.0), other: failure})
        _require_preferred(selector, one, other, f"{failure.error} at once against answers in 2 s")


@SELECTOR_CHECKS.add(
    "learns-anew",
    "What an endpoint does lately counts: when slow and quick change places, so does the preference.",
    source="SelectorPlugin.learns, docs/selection.md",
    claim="learns",
)
def learns_anew(subject: SelectorSubject) -> None:
    one, other = endpoints(2)
    selector = subject.drawing(1)
    _teach(selector, {one: _QUICK, other: _SLOW}, lessons=3)
    _teach(selector, {one: _SLOW, other: _QUICK})
    _require_preferred(selector, other, one, f"9 s against 0.1 s in the last {_LESSONS} answers of each")


def _teach(selector: Selector, lessons_of: Mapping[Endpoint, Outcome], lessons: int = _LESSONS) -> None:
    """By reports about new objects that equal the endpoints: what is learnt has to be known of these."""
    for _ in range(lessons):
        for endpoint, outcome in lessons_of.items():
            selector.report(copies([endpoint])[0], outcome)


def _require_preferred(selector: Selector, better: Endpoint, worse: Endpoint, because: str) -> None:
    for candidates in ((better, worse), (worse, better)):
        counts = Counter(choose(selector, candidates) for _ in range(_ASKED))
        if counts[better] < _ENOUGH:
            fail(f"it chose the better of two only {counts[better]} times of {_ASKED}; the other has {because}")
