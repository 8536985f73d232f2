"""Timestamps: unique whatever happens, increasing where they should, and near the time that was wanted."""

from __future__ import annotations

import itertools
import os
import signal
import sys
import threading
import time
import timeit
from collections.abc import Callable, Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.clock import SHARED, WallClock

STEP = 1_000_000_000
CELL = 10
SHARED_CELL = 1_000
forking = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
pytestmark = pytest.mark.filterwarnings("ignore:.*multi-threaded.*fork:DeprecationWarning")


class Wall:
    """A wall clock that shows what the test says."""

    def __init__(self, now: int = 1_766_422_712 * STEP) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def in_a_child(draw: Callable[[], list[int]]) -> Callable[[], list[int]]:
    """Forks a child that draws; returns a function that reads what it drew, empty where it failed."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(20)  # a child that hangs must not hold the test
        try:
            with os.fdopen(writing, "w") as pipe:
                pipe.write(" ".join(map(str, draw())))
        finally:
            os._exit(0)
    os.close(writing)

    def drawn() -> list[int]:
        with os.fdopen(reading) as pipe:
            text = pipe.read()
        os.waitpid(child, 0)
        return [int(word) for word in text.split()]

    return drawn


@pytest.fixture
def impatient_threads() -> Iterator[None]:
    """Threads take turns as often as the interpreter can be made to."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-7)
    yield
    sys.setswitchinterval(usual)


@pytest.mark.usefixtures("impatient_threads")
@pytest.mark.parametrize("now_ns", [time.time_ns, lambda: 1_766_422_712 * STEP], ids=["real", "standing"])
def test_eight_threads_draw_unique_increasing_timestamps(now_ns: Callable[[], int]) -> None:
    clock = WallClock(now_ns)
    drawn: list[list[int]] = [[] for _ in range(8)]
    barrier = threading.Barrier(8)

    def draw(into: list[int]) -> None:
        barrier.wait()
        into.extend(clock.timestamp_ns() for _ in range(10_000))

    threads = [threading.Thread(target=draw, args=(into,)) for into in drawn]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(earlier < later for into in drawn for earlier, later in itertools.pairwise(into))
    assert len({stamp for into in drawn for stamp in into}) == 80_000


@forking
def test_eight_forked_children_and_their_parent_draw_different_timestamps() -> None:
    def draw() -> list[int]:
        return [SHARED.timestamp_ns() for _ in range(2_000)]

    children = [in_a_child(draw) for _ in range(8)]
    drawn = [draw(), *(child() for child in children)]
    assert [len(stamps) for stamps in drawn] == [2_000] * 9
    assert len({stamp for stamps in drawn for stamp in stamps}) == 18_000


@forking
def test_a_child_goes_on_although_a_thread_was_drawing_when_it_was_forked() -> None:
    waiting, going_on = threading.Event(), threading.Event()

    def slow_now() -> int:
        if threading.current_thread() is thread:
            waiting.set()
            going_on.wait()
        return 1_766_422_712 * STEP

    clock = WallClock(slow_now)
    thread = threading.Thread(target=clock.timestamp_ns)
    thread.start()
    waiting.wait()
    child = in_a_child(lambda: [clock.timestamp_ns()])
    going_on.set()
    thread.join()
    assert child() == [1_766_422_712 * STEP]


def test_a_standing_wall_clock_still_gives_unique_timestamps() -> None:
    wall = Wall()
    clock = WallClock(wall)
    assert [clock.timestamp_ns() - wall.now for _ in range(12)] == list(range(12))


def test_a_suspended_machine_wakes_up_in_the_present() -> None:
    wall = Wall()
    clock = WallClock(wall)
    clock.timestamp_ns()
    wall.now += 3600 * STEP
    assert clock.timestamp_ns() == wall.now


def test_only_the_wall_clock_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    """The monotonic clock stands still while a machine is suspended, on some systems: nothing may lean on it."""
    monkeypatch.setattr(time, "monotonic_ns", None)
    monkeypatch.setattr(time, "perf_counter_ns", None)
    wall = Wall()
    assert WallClock(wall).timestamp_ns() == wall.now


def test_a_wall_clock_set_back_is_followed() -> None:
    wall = Wall()
    clock = WallClock(wall)
    clock.timestamp_ns()
    wall.now -= 3600 * STEP
    first, second = clock.timestamp_ns(), clock.timestamp_ns()
    assert wall.now <= first < second < wall.now + CELL


def test_a_wall_clock_set_back_and_forth_repeats_nothing() -> None:
    wall = Wall()
    clock = WallClock(wall)
    drawn = []
    for move in (0, -3600, 3600, -3600, 0, 3600):
        wall.now += move * STEP
        drawn.append(clock.timestamp_ns())
        assert wall.now <= drawn[-1] < wall.now + CELL
    assert len(set(drawn)) == 6


def test_a_small_step_back_does_not_break_the_order() -> None:
    wall = Wall()
    clock = WallClock(wall)
    first = clock.timestamp_ns()
    wall.now -= STEP // 2
    assert clock.timestamp_ns() == first + 1


def test_how_far_back_counts_as_set_back_is_told() -> None:
    wall = Wall()
    clock = WallClock(wall, backward_step_ns=STEP // 4)
    clock.timestamp_ns()
    wall.now -= STEP // 2
    assert clock.timestamp_ns() < wall.now + CELL


@given(st.lists(st.integers(min_value=-STEP + 100, max_value=10 * STEP), max_size=50))
def test_whatever_the_wall_clock_does_within_a_step_the_order_holds(steps: list[int]) -> None:
    wall = Wall()
    clock = WallClock(wall)
    start, highest, last = wall.now, wall.now, 0
    for step in steps:
        wall.now = max(highest + step, start)
        highest = max(highest, wall.now)
        drawn = clock.timestamp_ns()
        assert drawn > last
        assert abs(drawn - highest) < 100
        last = drawn


near = st.integers(min_value=-50, max_value=50)
moves = st.one_of(near, st.integers(min_value=-(10**12), max_value=10**12))


@given(st.lists(st.tuples(moves, moves), max_size=300))
def test_no_two_draws_are_equal_whatever_the_offsets_and_the_wall_clock(draws: list[tuple[int, int]]) -> None:
    wall = Wall()
    clock = WallClock(wall)
    drawn = []
    for move, offset in draws:
        wall.now += move
        drawn.append(clock.timestamp_ns(offset))
    assert len(set(drawn)) == len(drawn)


@given(st.lists(st.tuples(st.integers(min_value=-STEP, max_value=STEP), near), max_size=300))
def test_draws_with_the_same_offset_increase(draws: list[tuple[int, int]]) -> None:
    wall = Wall()
    clock = WallClock(wall)
    last: dict[int, int] = {}
    for move, offset in draws:
        wall.now = max(wall.now + move, 1_766_422_712 * STEP)
        if move < 0:
            wall.now -= move
        stamp = clock.timestamp_ns(offset)
        assert stamp > last.get(offset, 0)
        last[offset] = stamp


@given(
    st.lists(st.integers(min_value=-86_400, max_value=86_400), min_size=1, max_size=9, unique=True),
    st.lists(st.tuples(st.integers(min_value=0, max_value=8), st.integers(min_value=20, max_value=STEP)), max_size=200),
)
def test_with_as_many_offsets_as_lines_every_draw_is_near_what_was_wanted(
    offsets: list[int], draws: list[tuple[int, int]]
) -> None:
    wall = Wall()
    clock = WallClock(wall)
    for chosen, move in draws:
        wall.now += move
        offset = offsets[chosen % len(offsets)] * STEP
        assert abs(clock.timestamp_ns(offset) - wall.now - offset) < CELL


def test_with_more_orders_than_lines_a_draw_is_no_later_than_the_latest_order() -> None:
    wall = Wall()
    clock = WallClock(wall)
    for turn in range(1_000):
        wall.now += 1_000
        offset = -(turn % 30) * STEP
        stamp = clock.timestamp_ns(offset)
        assert wall.now + offset - CELL <= stamp <= wall.now + CELL


def test_the_shared_clock_shows_the_present_to_the_microsecond() -> None:
    for offset in (0, 3600 * STEP, -3600 * STEP):
        before = time.time_ns() + offset
        drawn = SHARED.timestamp_ns(offset)
        assert before - SHARED_CELL <= drawn <= time.time_ns() + offset + SHARED_CELL


def test_a_draw_costs_little() -> None:
    def cost(function: Callable[[], int]) -> float:
        return min(timeit.repeat(function, number=500, repeat=200))  # one of them has a core for itself

    assert cost(SHARED.timestamp_ns) < 40 * cost(time.time_ns)
