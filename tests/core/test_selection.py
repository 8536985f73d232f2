"""The built-in selectors."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from gonka_core import Endpoint, Outcome, SelectionContext
from gonka_core.resolve import selector
from gonka_core.selection import RandomSelector

PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
CANDIDATES = tuple(Endpoint(f"http://host{number}", PROVIDER) for number in range(3))
CONTEXT = SelectionContext(1)


@pytest.mark.parametrize("name", ["random", "round-robin", "first"])
def test_always_a_candidate_and_any_outcome_may_be_reported(name: str) -> None:
    chosen = selector(name)
    for count in (1, 2, 3):
        endpoint = chosen.select(CANDIDATES[:count], CONTEXT)
        assert endpoint in CANDIDATES[:count]
        chosen.report(endpoint, Outcome(None, 1.0))


def test_first_is_always_the_first() -> None:
    chosen = selector("first")
    assert {chosen.select(CANDIDATES, CONTEXT) for _ in range(10)} == {CANDIDATES[0]}


def test_round_robin_takes_turns() -> None:
    chosen = selector("round-robin")
    assert [chosen.select(CANDIDATES, CONTEXT) for _ in range(6)] == [*CANDIDATES, *CANDIDATES]


def test_two_clients_do_not_share_a_turn() -> None:
    one, two = selector("round-robin"), selector("round-robin")
    assert one.select(CANDIDATES, CONTEXT) == two.select(CANDIDATES, CONTEXT)


def test_random_is_fair() -> None:
    chosen = RandomSelector(random.Random(7))
    counts = Counter(chosen.select(CANDIDATES, CONTEXT) for _ in range(3000))
    # Chi-squared with two degrees of freedom: 13.8 is passed by chance once in a thousand seeds.
    assert sum((counts[candidate] - 1000) ** 2 / 1000 for candidate in CANDIDATES) < 13.8


def test_random_cannot_be_predicted_by_default() -> None:
    assert isinstance(RandomSelector()._random, random.SystemRandom)
