"""Where timestamps come from: nanoseconds since the epoch, unique, and increasing from one draw to the next.

A node accepts each signature once and only near its own time (`protocol.md` §3.5, §3.7). So every draw is taken from
the wall clock, which follows steps and suspends by itself, and put into a place of its own near there.

**How two draws never meet.** Time is cut into cells. A cell has ten lines, and each line takes one draw in it; the line
is the last digit of the timestamp. A draw goes to the first cell, from the wanted time on, in which a line is free that
was not used later either, and of those lines to the one that was used last. So every line only goes forward, and
timestamps of different lines differ anyway: no value comes twice, whatever the wall clock does and whatever is added to
it, and nothing has to be remembered but the last cell of each line. Draws that are wanted in order come in order.

The price is nearness. A clock that goes forward needs one line; each time that it was set back, and each further offset
that is in use at once, takes another. With more than ten orders at once those draws that are wanted earliest come late,
by no more than the time between the orders.

**Processes.** `SHARED` has the number of its process in each timestamp too (see `lanes`), so that its cells are a
microsecond wide: of the last three digits two are the process and one is the line. Other clocks have cells of ten
nanoseconds and are unique within their process.
"""

from __future__ import annotations

import os
import threading
import time
import weakref
from bisect import bisect_left
from collections.abc import Callable
from typing import Final, Protocol

from .lanes import LANES, Lanes

_LINES: Final = 10


class Clock(Protocol):
    """Anything that stamps requests."""

    def now_ns(self) -> int:
        """The present by this clock, in nanoseconds since the epoch: what a node's time is compared with."""
        ...

    def timestamp_ns(self, offset_ns: int = 0) -> int:
        """Nanoseconds since the epoch, `offset_ns` after the present: a value that was not returned before."""
        ...


class WallClock:
    """Unique timestamps from the wall clock; one may serve any number of threads, and goes on after a fork.

    `now_ns` is read at every draw (tests pass their own). The wall clock counts as set back, and is followed, when it
    falls behind its latest reading by more than `backward_step_ns`; until then that reading holds. `lanes` tells
    forked processes apart.
    """

    def __init__(
        self,
        now_ns: Callable[[], int] = time.time_ns,
        *,
        backward_step_ns: int = 1_000_000_000,
        lanes: Lanes | None = None,
    ) -> None:
        self.now_ns = now_ns
        self._backward_step_ns = backward_step_ns
        self._lanes = lanes
        self._cell_ns = _LINES if lanes is None else _LINES * LANES
        self._reading = 0
        self._last_cells = [-1] * _LINES  # never decreasing from left to right
        self.after_fork()
        _CLOCKS.add(self)

    def timestamp_ns(self, offset_ns: int = 0) -> int:
        """The present plus `offset_ns`, to the cell.

        Unique over all draws of the clock, with `SHARED` over all processes of the family too; the draws with the same
        offset increase, but for a wall clock that was set back.
        """
        with self._lock:
            now = self.now_ns()
            if not 0 < self._reading - now <= self._backward_step_ns:
                self._reading = now
            cells = self._last_cells
            cell = (self._reading + offset_ns) // self._cell_ns
            if cell <= cells[0]:
                cell = cells[0] + 1
            line = bisect_left(cells, cell) - 1
            cells[line] = cell
            return cell * self._cell_ns + self._process_digits - line

    def after_fork(self) -> None:
        """Called in a forked process: another thread may have held the lock, and the number of the process is new."""
        self._lock = threading.Lock()
        self._process_digits = _LINES - 1 + (self._lanes.own * _LINES if self._lanes is not None else 0)


def _after_fork() -> None:
    for clock in list(_CLOCKS):
        clock.after_fork()


_CLOCKS: Final = weakref.WeakSet[WallClock]()

SHARED: Final = WallClock(lanes=Lanes())
"""The clock of a process: timestamps are unique over all its clients, and over the processes forked from it."""

# Hooks run in the order in which they were registered: `Lanes` has its new number before the clocks ask for it.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
