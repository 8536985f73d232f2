"""Numbers that tell the processes of a family apart: those that were forked from one another.

Forked processes hold the same keys and the same clock, and may draw a timestamp in the same nanosecond. Each gets a
number of its own, below `LANES`, to put into its timestamps.

The family shares a table in memory: which process, by its id, has which number. The process that forks chooses the
child's number *before* it forks, one that no living process has, and reserves it in its own name; the child then writes
its own id there. So no two living processes of a family have the same number, as long as there are at most `LANES` of
them (more share numbers), and two of them do not look for one in the very same instant: nothing but the order of events
guards the table, since a lock that is shared could be left behind by a process that dies.

A process that was started rather than forked takes its number from its process id: distinct from that of any other
with good chance, which is as much as processes that know nothing of each other can have.
"""

from __future__ import annotations

import mmap
import os
import threading
from typing import Final

LANES: Final = 100
"""How many processes of a family are told apart."""


class Lanes:
    """The number of this process, `own`, kept right across forks. One is enough; it lives as long as the process."""

    def __init__(self) -> None:
        self.own = os.getpid() % LANES
        self._forking = threading.Lock()
        self._reserved: int | None = None
        self._holders = memoryview(mmap.mmap(-1, LANES * 8)).cast("q")
        self._holders[self.own] = os.getpid()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=self._before_fork, after_in_parent=self._after_in_parent, after_in_child=self._after_in_child
            )

    def _before_fork(self) -> None:
        self._forking.acquire()
        self._reserved = self._free()
        if self._reserved is not None:
            self._holders[self._reserved] = os.getpid()

    def _after_in_parent(self) -> None:
        self._reserved = None
        self._forking.release()

    def _after_in_child(self) -> None:
        # A fork by foreign code may skip the first hook: then the process id has to do.
        self.own = os.getpid() % LANES if self._reserved is None else self._reserved
        self._reserved = None
        self._forking = threading.Lock()
        self._holders[self.own] = os.getpid()

    def _free(self) -> int | None:
        following = ((self.own + step) % LANES for step in range(1, LANES))
        return next((lane for lane in following if not _lives(self._holders[lane])), None)


def _lives(process: int) -> bool:
    if process == 0:
        return False
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
