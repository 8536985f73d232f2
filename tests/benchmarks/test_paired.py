"""Subjects sampled in turns, by a clock that only they move: what is reported is what they took."""

from __future__ import annotations

import gc
import time
import weakref
from collections.abc import Callable, Iterator, Sequence
from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_bench import paired
from gonka_bench.paired import Run, Timing, calibrated, measure, ratio, repeated

COSTS = st.floats(1e-7, 10.0)
SAMPLES = st.floats(1e-3, 1.0)
NAMES = st.lists(st.text(min_size=1), min_size=1, max_size=6, unique=True)


class Bench:
    """A clock, and subjects that move it. `ran` are their names in the order in which they ran."""

    def __init__(self) -> None:
        self.now = 0.0
        self.ran: list[str] = []
        self.times: list[int] = []

    def clock(self) -> float:
        return self.now

    def steady(self, name: str, cost_s: float) -> Run:
        """Takes the same for each time."""

        def run(times: int) -> None:
            self.ran.append(name)
            self.times.append(times)
            self.now += times * cost_s

        return run

    def scripted(self, costs_s: Sequence[float]) -> Run:
        """Takes the next of these for each time, from run to run."""
        script = iter(costs_s)
        return lambda times: self.steady("scripted", next(script))(times)


@pytest.fixture(autouse=True)
def collector() -> Iterator[None]:
    """Collecting is quick, because it passes over what was there before; and no test leaves the collector off."""
    gc.freeze()
    yield
    gc.unfreeze()
    gc.enable()


@given(st.lists(st.floats(1.0, 100.0), min_size=1, max_size=20))
def test_the_figures_are_the_fastest_sample_and_the_median(costs_s: list[float]) -> None:
    bench = Bench()
    # The first run, which does not count; one that calibrates, as slow as a sample has to be; a sample in each round.
    scripts = {"steady": [1.0] * (len(costs_s) + 2), "varied": [9.0, 1.0, *costs_s]}
    subjects = {name: bench.scripted(script) for name, script in scripts.items()}
    timings = measure(subjects, rounds=len(costs_s), sample_s=1.0, clock=bench.clock)
    assert list(timings) == ["steady", "varied"]
    assert timings["varied"].best_s == pytest.approx(min(costs_s))
    assert timings["varied"].median_s == pytest.approx(median(costs_s))
    assert ratio(timings, "varied", "steady") == pytest.approx(min(costs_s))


@given(COSTS, COSTS, SAMPLES)
def test_a_figure_is_for_one_time_however_often_a_sample_repeats_it(
    one_s: float, other_s: float, sample_s: float
) -> None:
    bench = Bench()
    subjects = {"one": bench.steady("one", one_s), "other": bench.steady("other", other_s)}
    timings = measure(subjects, rounds=2, sample_s=sample_s, clock=bench.clock)
    assert timings["one"].best_s == pytest.approx(one_s, rel=1e-4)
    assert timings["one"].per_second() == pytest.approx(1 / one_s, rel=1e-4)
    assert ratio(timings, "one", "other") == pytest.approx(one_s / other_s, rel=1e-3)


@given(NAMES)
def test_each_subject_has_each_place_of_a_round_once(names: list[str]) -> None:
    bench = Bench()
    subjects = {name: bench.steady(name, 1.0) for name in names}
    measure(subjects, rounds=len(names), sample_s=1.0, clock=bench.clock)
    before = 2 * len(names)
    assert bench.ran[:before] == [name for name in names for _ in range(2)], "warmed up and calibrated"
    rounds = [bench.ran[start : start + len(names)] for start in range(before, len(bench.ran), len(names))]
    assert len(rounds) == len(names)
    for place in zip(*rounds, strict=True):
        assert sorted(place) == sorted(names)


def test_somebody_is_told_of_each_sample() -> None:
    bench, told = Bench(), list[int]()
    subjects = {name: bench.steady(name, 1.0) for name in "abc"}
    measure(subjects, rounds=4, sample_s=1.0, clock=bench.clock, told=lambda: told.append(len(bench.ran)))
    assert told == list(range(7, 19))


@given(COSTS, SAMPLES)
def test_calibration_finds_how_many_times_fill_a_sample(cost_s: float, sample_s: float) -> None:
    bench = Bench()
    times = calibrated(bench.steady("it", cost_s), sample_s, bench.clock)
    assert times == pytest.approx(min(paired._MOST, max(1, sample_s / cost_s)), rel=1e-3, abs=0.51)
    # It costs hardly more than the sample that it is for, however slow the subject is.
    assert bench.now <= 1.5 * sample_s + 3 * cost_s


def test_a_first_run_that_is_slow_does_not_decide() -> None:
    bench = Bench()
    assert calibrated(bench.scripted([50.0, 0.5, 0.1, 0.1]), 1.0, bench.clock) > 1


def test_calibration_ends_where_the_clock_stands_still() -> None:
    bench = Bench()
    assert calibrated(bench.steady("it", 0.0), 0.05, bench.clock) == paired._MOST
    assert len(bench.ran) < 30


@pytest.mark.parametrize("on", [True, False], ids=["on", "off"])
def test_the_collector_is_off_within_a_sample_and_afterwards_as_it_was(on: bool) -> None:
    seen: list[bool] = []
    bench = Bench()
    _set_collector(on)
    measure({"a": _then(bench.steady("a", 1.0), lambda: seen.append(gc.isenabled()))}, rounds=3, clock=bench.clock)
    assert seen == [False] * 5
    assert gc.isenabled() is on


@pytest.mark.parametrize("on", [True, False], ids=["on", "off"])
def test_the_collector_is_as_it_was_when_a_subject_fails(on: bool) -> None:
    def fails(times: int) -> None:
        raise LookupError

    _set_collector(on)
    with pytest.raises(LookupError):
        measure({"a": fails})
    assert gc.isenabled() is on


def test_what_was_garbage_before_is_collected_before() -> None:
    class Node:
        itself: object = None

    node = Node()
    node.itself, seen = node, weakref.ref(node)
    _set_collector(False)
    del node
    alive: list[bool] = []
    bench = Bench()
    measure({"a": _then(bench.steady("a", 1.0), lambda: alive.append(seen() is not None))}, rounds=1, clock=bench.clock)
    assert alive == [False, False, False]


@given(st.integers(0, 50))
def test_repeated_is_the_loop_around_a_function(times: int) -> None:
    calls: list[None] = []
    repeated(lambda: calls.append(None))(times)
    assert len(calls) == times


def test_by_default_it_is_the_cpu_of_this_process_that_counts() -> None:
    quick, slow = repeated(lambda: sum(range(100))), repeated(lambda: sum(range(10_000)))
    timings = measure({"quick": quick, "slow": slow}, rounds=5, sample_s=0.002)
    assert (measure.__kwdefaults__ or {})["clock"] is time.process_time
    assert timings["slow"].best_s > 10 * timings["quick"].best_s
    assert all(isinstance(one, Timing) and one.best_s <= one.median_s for one in timings.values())


def _then(run: Run, what: Callable[[], object]) -> Run:
    def both(times: int) -> None:
        run(times)
        what()

    return both


def _set_collector(on: bool) -> None:
    (gc.enable if on else gc.disable)()
