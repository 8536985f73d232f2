"""Time as the chain has it: the instant and the height of the latest block (`protocol.md` §3.5).

A node judges timestamps by the latest block, not by the wall clock, so tests need blocks that stand still, fall behind
or come in bursts. Whatever happens to time, height never falls.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

_NS: Final = 10**9


@dataclass(frozen=True, slots=True)
class ClockSetting:
    """How a clock departs from the wall clock: nanoseconds, blocks without time, and a height not to fall below."""

    frozen_ns: int | None = None
    offset_ns: int = 0
    lag_ns: int = 0
    extra_blocks: int = 0
    least_height: int = 0


class BlockTime(NamedTuple):
    """The latest block: its height, its time and the interval between blocks, both in nanoseconds."""

    height: int
    time_ns: int
    interval_ns: int

    def of(self, height: int) -> int:
        """The time of another block, reckoned by the interval."""
        return self.time_ns - (self.height - height) * self.interval_ns


class BlockClock:
    """Nanoseconds of the latest block, and its height.

    By default the latest block is always of now: `time_ns` is the wall clock. A real chain's latest block is up to an
    interval old; with `granular` time moves in steps of the interval as there. `freeze` stops time, `advance` moves
    it, `lag` lets blocks fall behind, `jump` brings a burst of them. Height follows time, but never falls: where time
    goes back, height waits until time has caught up.
    """

    def __init__(
        self,
        now_ns: Callable[[], int] = time.time_ns,
        *,
        height: int = 4_300_000,
        interval_s: int = 5,
        granular: bool = False,
    ) -> None:
        self._now_ns = now_ns
        self._start = now_ns()
        self._base_height = height
        self._interval_ns = interval_s * _NS
        self._granular = granular
        self._setting = ClockSetting()

    @property
    def time_ns(self) -> int:
        """Nanoseconds since the epoch of the latest block."""
        setting = self._setting
        now = self._now_ns() if setting.frozen_ns is None else setting.frozen_ns
        instant = now + setting.offset_ns - setting.lag_ns
        return instant - (instant - self._start) % self._interval_ns if self._granular else instant

    @property
    def height(self) -> int:
        """Height of the latest block."""
        return self._height_at(self.time_ns)

    @property
    def latest(self) -> BlockTime:
        """Height and time of the latest block together."""
        time_ns = self.time_ns
        return BlockTime(self._height_at(time_ns), time_ns, self._interval_ns)

    def _height_at(self, time_ns: int) -> int:
        setting = self._setting
        grown = self._base_height + (time_ns - self._start) // self._interval_ns
        return max(grown + setting.extra_blocks, setting.least_height)

    @property
    def stopped(self) -> bool:
        """Whether time stands still."""
        return self._setting.frozen_ns is not None

    @property
    def setting(self) -> ClockSetting:
        """How it departs from the wall clock; `restore` takes it."""
        return self._setting

    def restore(self, setting: ClockSetting) -> None:
        """Be as it was when that setting was read. The one way in which height can fall."""
        self._setting = setting

    def freeze(self, at_ns: int | None = None) -> None:
        """Stop at an instant, by default the present one; what was offset or lagging is settled by that."""
        self._change(frozen_ns=self.time_ns if at_ns is None else at_ns, offset_ns=0, lag_ns=0)

    def thaw(self) -> None:
        """Go with the wall clock again."""
        self._change(frozen_ns=None, offset_ns=0, lag_ns=0)

    def advance(self, seconds: float) -> None:
        """Move time forward, or back where negative."""
        self._change(offset_ns=self._setting.offset_ns + int(seconds * _NS))

    def jump(self, seconds: float) -> None:
        """A burst of blocks: so many seconds, and the heights that belong to them. Raises ValueError where negative."""
        if seconds < 0:
            raise ValueError(f"blocks are never taken back, so {seconds} cannot be jumped; use lag() or advance()")
        self.advance(seconds)

    def lag(self, seconds: float) -> None:
        """Let blocks be so many seconds behind from now on; 0 ends it."""
        self._change(lag_ns=int(seconds * _NS))

    def reach(self, height: int) -> None:
        """See to it that the latest block has at least that height; the blocks that are missing come in no time."""
        missing = max(height - self.height, 0)
        self._change(extra_blocks=self._setting.extra_blocks + missing)

    def _change(self, **changes: Any) -> None:
        self._setting = replace(self._setting, least_height=self.height, **changes)
