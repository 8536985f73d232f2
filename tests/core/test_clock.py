"""Timestamps: unique and increasing, near the wall clock, and right again after it was set."""

from __future__ import annotations

import itertools
import threading
import time

from hypothesis import given
from hypothesis import strategies as st

from gonka_core.clock import WallClock

STEP = 1_000_000_000


class Wall:
    """A wall clock that shows what the test says."""

    def __init__(self, now: int = 1_766_422_712 * STEP) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def test_eight_threads_draw_unique_increasing_timestamps() -> None:
    clock = WallClock()
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


def test_a_standing_wall_clock_still_gives_unique_timestamps() -> None:
    wall = Wall()
    clock = WallClock(wall)
    assert [clock.timestamp_ns() - wall.now for _ in range(4)] == [0, 1, 2, 3]


def test_a_suspended_machine_wakes_up_in_the_present() -> None:
    wall = Wall()
    clock = WallClock(wall)
    clock.timestamp_ns()
    wall.now += 3600 * STEP
    assert clock.timestamp_ns() == wall.now


def test_a_wall_clock_set_back_is_followed() -> None:
    wall = Wall()
    clock = WallClock(wall)
    clock.timestamp_ns()
    wall.now -= 3600 * STEP
    assert clock.timestamp_ns() == wall.now
    assert clock.timestamp_ns() == wall.now + 1


def test_a_small_step_back_does_not_break_the_order() -> None:
    wall = Wall()
    clock = WallClock(wall)
    first = clock.timestamp_ns()
    wall.now -= STEP // 2
    assert clock.timestamp_ns() == first + 1


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
        assert drawn - highest < 100
        last = drawn


def test_the_shared_clock_shows_the_present() -> None:
    before = time.time_ns()
    drawn = WallClock().timestamp_ns()
    assert before <= drawn <= time.time_ns()
