"""Where timestamps come from: nanoseconds since the epoch, unique, and increasing from one draw to the next.

A node accepts each signature once and only near its own time (`protocol.md` §3.5, §3.7). So every draw is taken
from the wall clock, which follows steps and suspends by itself, and pushed past the draw before it. Only when the
wall clock was set back by more than a step of `backward_step_ns` does the sequence start again from the new time:
holding on to the old one would date every request into the future until the wall clock caught up.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Protocol


class Clock(Protocol):
    """Anything that stamps requests."""

    def timestamp_ns(self) -> int:
        """Nanoseconds since the epoch, a value that was not returned before."""
        ...


class WallClock:
    """Unique timestamps from the wall clock; one may serve any number of threads.

    `now_ns` is read at every draw (tests pass their own); `backward_step_ns` is the distance by which the wall clock
    must fall behind the last draw to count as having been set back.
    """

    def __init__(self, now_ns: Callable[[], int] = time.time_ns, *, backward_step_ns: int = 1_000_000_000) -> None:
        self._now_ns = now_ns
        self._backward_step_ns = backward_step_ns
        self._lock = threading.Lock()
        self._last = 0

    def timestamp_ns(self) -> int:
        with self._lock:
            now = self._now_ns()
            behind = self._last - now
            self._last = now if behind < 0 or behind > self._backward_step_ns else self._last + 1
            return self._last


SHARED = WallClock()
"""The clock of a process: timestamps are unique over all its clients."""
