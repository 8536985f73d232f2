"""The claims about shares: `fair`, `weighted` and `round-robin`.

Shares of chance are judged by a chi-squared test whose false alarms are rarer than one in 10⁹ runs (`statistics`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Final

from gonka_conformance.checks import fail
from gonka_core.interfaces import Selector
from gonka_core.types import Endpoint

from .asking import ANSWERED, choose, chosen_in_a_row, endpoints, weighing
from .listed import SELECTOR_CHECKS
from .statistics import LIMIT, chance_of
from .subject import SelectorSubject

_CHOICES: Final = 20_000
_LAGS: Final = (1, 2, 3, 5)
_WEIGHTS: Final = ((1, 9), (9, 1), (5, 1, 1, 3), (1, 2, 3, 4, 5, 6, 7), (2**70, 3 * 2**70))


@SELECTOR_CHECKS.add(
    "fair-shares",
    "Each candidate is chosen equally often, of two as of hundreds.",
    source="SelectorPlugin.fair",
    claim="fair",
)
def fair_shares(subject: SelectorSubject) -> None:
    for size in (2, 3, 7, 100, 300):
        counts = Counter(chosen_in_a_row(subject.drawing(size), endpoints(size), _CHOICES))
        _require_shares(endpoints(size), [counts[place] for place in range(size)], [1 / size] * size)


@SELECTOR_CHECKS.add(
    "fair-independence",
    "A choice says nothing about the next ones: every pair of choices is equally frequent.",
    source="SelectorPlugin.fair",
    claim="fair",
)
def fair_independence(subject: SelectorSubject) -> None:
    for size in (3, 5):
        chosen = chosen_in_a_row(subject.drawing(size), endpoints(size), _CHOICES)
        for lag in _LAGS:
            pairs = Counter(_separate_pairs(chosen, lag))
            observed = [pairs[one, other] for one in range(size) for other in range(size)]
            if chance_of(observed, [size**-2] * size**2) < LIMIT:
                _show_dependence(pairs, size, lag)


def _separate_pairs(chosen: Sequence[int], lag: int) -> Iterator[tuple[int, int]]:
    """Choices `lag` apart, none of them in two pairs, so that the pairs of a right selector are independent."""
    for place in range(len(chosen) - lag):
        if place % (2 * lag) < lag:
            yield chosen[place], chosen[place + lag]


def _show_dependence(pairs: Counter[tuple[int, int]], size: int, lag: int) -> None:
    total, same = pairs.total(), sum(pairs[place, place] for place in range(size))
    fail(
        f"of {size} candidates, the same was chosen {lag} later in {same} of {total} pairs, where chance gives about "
        f"{total // size}: a choice follows from those before it"
    )


@SELECTOR_CHECKS.add(
    "fair-own-chance",
    "Two new selectors do not choose alike: clients that start together spread.",
    source="SelectorPlugin.fair",
    claim="fair",
)
def fair_own_chance(subject: SelectorSubject) -> None:
    one, other = (chosen_in_a_row(subject.factory(), endpoints(7), 32) for _ in range(2))
    if one == other:
        fail("two new selectors made the same 32 choices among 7 (chance: 7⁻³²): they begin from the same seed")


@SELECTOR_CHECKS.add(
    "weighted-shares",
    "Each candidate is chosen in proportion to its weight, as it is given with that choice.",
    source="SelectorPlugin.weighted, Endpoint.weight",
    claim="weighted",
)
def weighted_shares(subject: SelectorSubject) -> None:
    selector = subject.drawing(1)
    # One selector for all: the same endpoints come back with other weights, as participants do.
    for weights in _WEIGHTS:
        candidates, total = weighing(*weights), sum(weights)
        counts = Counter(chosen_in_a_row(selector, candidates, _CHOICES // 2))
        observed = [counts[place] for place in range(len(weights))]
        _require_shares(candidates, observed, [weight / total for weight in weights])


@SELECTOR_CHECKS.add(
    "weighted-zero",
    "What weighs nothing is not chosen while another candidate weighs something; where none does, one is chosen.",
    source="SelectorPlugin.weighted, docs/selection.md",
    claim="weighted",
)
def weighted_zero(subject: SelectorSubject) -> None:
    selector = subject.factory()
    for weights in ((0, 1), (1, 0), (0, 3, 0, 1, 0)):
        for place in chosen_in_a_row(selector, weighing(*weights), 400):
            if not weights[place]:
                fail(f"of the weights {weights} it chose a 0")
    for size in (1, 2, 5):
        _choose_though_all_weigh_nothing(selector, size)


def _choose_though_all_weigh_nothing(selector: Selector, size: int) -> None:
    try:
        choose(selector, weighing(*[0] * size))
    except (ValueError, ArithmeticError, LookupError) as error:
        fail(f"where all of {size} weigh nothing it raised {type(error).__name__}: {error}")


@SELECTOR_CHECKS.add(
    "round-robin",
    "Of so many choices in a row as there are candidates, each candidate gets one, whatever is reported in between.",
    source="SelectorPlugin.round_robin",
    claim="round-robin",
)
def round_robin(subject: SelectorSubject) -> None:
    selector = subject.factory()
    for candidates in (endpoints(3), endpoints(1), endpoints(7), endpoints(4, start=2)):
        chosen: list[Endpoint] = []
        for turn in range(5 * len(candidates)):
            chosen.append(choose(selector, candidates))
            if turn % 3:
                selector.report(chosen[-1], ANSWERED)
        _require_rounds(chosen, candidates)


def _require_rounds(chosen: Sequence[Endpoint], candidates: Sequence[Endpoint]) -> None:
    size = len(candidates)
    for first in range(len(chosen) - size + 1):
        turns = chosen[first : first + size]
        if len(set(turns)) < size:
            places = ", ".join(str(candidates.index(endpoint) + 1) for endpoint in turns)
            fail(f"of {size} candidates it chose in a row those at the places {places}")


def _require_shares(candidates: Sequence[Endpoint], observed: Sequence[int], shares: Sequence[float]) -> None:
    if chance_of(observed, shares) >= LIMIT:
        return
    total = sum(observed)
    worst = max(range(len(shares)), key=lambda place: (observed[place] - total * shares[place]) ** 2 / shares[place])
    fail(
        f"of {len(shares)} candidates, that at place {worst + 1} (weight {candidates[worst].weight}) was chosen "
        f"{observed[worst]} times of {total} where about {round(total * shares[worst])} are its share"
    )
