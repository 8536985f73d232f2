"""When a call is tried again: numbers and their bounds."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import ConfigurationError
from gonka_core.retry import ONCE, RetryPolicy


@given(st.integers(1, 10_000), st.floats(0, 100), st.floats(0, 100), st.integers())
def test_a_wait_is_never_longer_than_it_may_be(repeats: int, first: float, longest: float, seed: int) -> None:
    policy = RetryPolicy(backoff=first, longest_backoff=longest)
    assert 0 <= policy.wait(repeats, random.Random(seed)) <= min(first * 2 ** min(repeats - 1, 30), longest)


def test_waits_double_and_are_drawn_by_chance() -> None:
    policy = RetryPolicy(backoff=1, longest_backoff=1000)
    longest = [max(policy.wait(repeats, random.Random(seed)) for seed in range(200)) for repeats in (1, 2, 3)]
    assert 0.9 < longest[0] <= 1 < longest[1] <= 2 < longest[2] <= 4
    assert len({policy.wait(1, random.Random(seed)) for seed in range(20)}) == 20


@pytest.mark.parametrize(
    "fields",
    [
        {"attempts": 0},
        {"deadline": -1},
        {"backoff": -0.1},
        {"longest_backoff": float("nan")},
        {"deadline": float("inf")},
    ],
    ids=str,
)
def test_numbers_that_cannot_be(fields: dict[str, float]) -> None:
    with pytest.raises(ConfigurationError):
        RetryPolicy(**fields)  # type: ignore[arg-type]


def test_once_is_once() -> None:
    assert ONCE.attempts == 1
    assert not ONCE.may_bill_twice
