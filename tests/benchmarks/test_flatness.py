"""What is called growth and what is not, by samples made up."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.flatness import MEMORY_KIB, STEPS, Sample, growth

CONNECTIONS = 192
FILLING = [60, 110, 150, 192, 170, 175, 180, 178, 192, 185]
"""Connections in the pools after each step."""


def samples(memory: Sequence[int], connections: Sequence[int] = FILLING, left: int = -3) -> list[Sample]:
    """Before the first call, ten steps, and a closed client, with 11 descriptors at the start and `left` more of it."""
    steps = [Sample(1_000, kib, 11 + pooled) for kib, pooled in zip(memory, connections, strict=True)]
    return [Sample(0, 40_000, 11), *steps, Sample(1_000, memory[-1], 11 + left)]


def noise(most: int) -> st.SearchStrategy[list[int]]:
    """So many KiB more or less, for each step."""
    return st.lists(st.integers(-most, most), min_size=STEPS, max_size=STEPS)


def test_caches_that_fill_and_noise_are_not_growth() -> None:
    memory = [52_000, 45_000, 45_300, 44_900, 45_400, 45_100, 60_000, 45_500, 61_000, 45_200]
    assert growth(samples(memory), CONNECTIONS) == ()


@given(st.integers(20_000, 500_000), noise(400))
def test_a_steady_process_is_flat(memory: int, wobble: list[int]) -> None:
    assert growth(samples([memory + much for much in wobble]), CONNECTIONS) == ()


@given(st.integers(20_000, 100_000), st.integers(550, 50_000), noise(100))
def test_a_leak_in_each_step_is_growth(memory: int, leak: int, wobble: list[int]) -> None:
    leaking = [memory + leak * step + much for step, much in enumerate(wobble)]
    (told,) = growth(samples(leaking), CONNECTIONS)
    assert told.startswith("memory grew from ")


def test_a_leak_that_begins_late_is_growth() -> None:
    assert growth(samples([45_000] * 8 + [50_000] * 2), CONNECTIONS)


def test_the_sentence_tells_how_much() -> None:
    (told,) = growth(samples([45_000] * 7 + [47_000] * 3), CONNECTIONS)
    assert told == "memory grew from 45,000 KiB in steps 2 to 4 to 47,000 KiB in the last three"


@pytest.mark.parametrize("more", [0, 1])
def test_memory_may_grow_by_a_fiftieth_and_a_mebibyte(more: int) -> None:
    late = 50_000 + 1_000 + MEMORY_KIB + more
    assert bool(growth(samples([50_000] * 7 + [late] * 3), CONNECTIONS)) is bool(more)


@pytest.mark.parametrize("step", range(STEPS))
def test_descriptors_that_no_pool_accounts_for_are_growth(step: int) -> None:
    connections = [*FILLING[:step], CONNECTIONS + 1, *FILLING[step + 1 :]]
    (told,) = growth(samples([45_000] * STEPS, connections), CONNECTIONS)
    assert told == "204 descriptors were open after a step; the start and the pools account for 203"


def test_a_closed_client_leaves_no_descriptor_behind() -> None:
    assert growth(samples([45_000] * STEPS, left=0), CONNECTIONS) == ()
    (told,) = growth(samples([45_000] * STEPS, left=1), CONNECTIONS)
    assert told == "12 descriptors are left of a closed client; there were 11 before it"
