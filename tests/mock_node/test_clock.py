"""Blocks stand still, fall behind, come in bursts; their height never falls."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_mock_node.chain.clock import BlockClock, BlockTime

NOW = 1_766_422_712 * 10**9
SECOND = 10**9


class Wall:
    """A wall clock that moves when told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> int:
        return self.now


@pytest.fixture
def wall() -> Wall:
    return Wall()


@pytest.fixture
def clock(wall: Wall) -> BlockClock:
    return BlockClock(wall, height=100, interval_s=5)


def test_the_latest_block_is_of_now(clock: BlockClock, wall: Wall) -> None:
    assert (clock.time_ns, clock.height) == (NOW, 100)
    wall.now += 12 * SECOND + 1
    assert (clock.time_ns, clock.height) == (NOW + 12 * SECOND + 1, 102)
    assert clock.latest == BlockTime(102, NOW + 12 * SECOND + 1, 5 * SECOND)
    assert clock.latest.of(101) == clock.time_ns - 5 * SECOND


def test_granular_blocks_are_up_to_an_interval_old(wall: Wall) -> None:
    clock = BlockClock(wall, height=100, interval_s=5, granular=True)
    for passed, blocks in ((0, 0), (5 * SECOND - 1, 0), (5 * SECOND, 1), (14 * SECOND, 2)):
        wall.now = NOW + passed
        assert (clock.time_ns, clock.height) == (NOW + blocks * 5 * SECOND, 100 + blocks)


def test_frozen_time_does_not_pass(clock: BlockClock, wall: Wall) -> None:
    assert not clock.stopped
    clock.freeze()
    wall.now += 60 * SECOND
    assert (clock.time_ns, clock.height, clock.stopped) == (NOW, 100, True)
    clock.advance(10)
    assert (clock.time_ns, clock.height) == (NOW + 10 * SECOND, 102)
    clock.thaw()
    assert (clock.time_ns, clock.height, clock.stopped) == (NOW + 60 * SECOND, 112, False)


def test_frozen_at_an_instant(clock: BlockClock) -> None:
    clock.lag(7)
    clock.advance(3)
    clock.freeze(NOW + 50 * SECOND)
    assert (clock.time_ns, clock.height) == (NOW + 50 * SECOND, 110)


def test_a_lag_keeps_blocks_behind_until_it_ends(clock: BlockClock, wall: Wall) -> None:
    wall.now += 100 * SECOND
    clock.lag(45)
    assert (clock.time_ns, clock.height) == (NOW + 55 * SECOND, 120)
    wall.now += 10 * SECOND
    assert clock.time_ns == NOW + 65 * SECOND
    clock.lag(0)
    assert (clock.time_ns, clock.height) == (NOW + 110 * SECOND, 122)


def test_a_jump_brings_heights_and_never_goes_back(clock: BlockClock) -> None:
    clock.jump(500)
    assert (clock.time_ns, clock.height) == (NOW + 500 * SECOND, 200)
    with pytest.raises(ValueError, match=r"use lag\(\) or advance\(\)"):
        clock.jump(-1)


def test_blocks_can_come_in_no_time(clock: BlockClock, wall: Wall) -> None:
    clock.reach(150)
    assert (clock.time_ns, clock.height) == (NOW, 150)
    clock.reach(20)
    assert clock.height == 150
    wall.now += 5 * SECOND
    assert clock.height == 151


def test_a_setting_can_be_gone_back_to(clock: BlockClock) -> None:
    before = clock.setting
    clock.freeze(NOW + 5000 * SECOND)
    clock.reach(10_000)
    clock.restore(before)
    assert (clock.time_ns, clock.height, clock.stopped) == (NOW, 100, False)


CHANGES: list[Callable[[BlockClock, int], None]] = [
    lambda clock, seconds: clock.advance(seconds),
    lambda clock, seconds: clock.advance(-seconds),
    lambda clock, seconds: clock.lag(seconds),
    lambda clock, seconds: clock.jump(seconds),
    lambda clock, _seconds: clock.freeze(),
    lambda clock, seconds: clock.freeze(NOW + seconds * SECOND),
    lambda clock, _seconds: clock.thaw(),
    lambda clock, seconds: clock.reach(seconds),
]


@given(st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(0, 10_000), st.integers(0, 100)), max_size=12))
def test_height_never_falls(changes: list[tuple[Callable[[BlockClock, int], None], int, int]]) -> None:
    wall = Wall()
    clock = BlockClock(wall, height=100)
    heights = [clock.height]
    for change, seconds, passed in changes:
        wall.now += passed * SECOND
        heights.append(clock.height)
        change(clock, seconds)
        heights.append(clock.height)
    assert heights == sorted(heights)


@given(st.integers(0, 10**15))
def test_granular_time_is_a_block_time_not_younger_than_now(passed: int) -> None:
    wall = Wall()
    clock = BlockClock(wall, granular=True)
    wall.now += passed
    assert 0 <= wall.now - clock.time_ns < 5 * SECOND
    assert (clock.time_ns - NOW) % (5 * SECOND) == 0
