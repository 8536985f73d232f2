"""Numbers that tell the processes of a family apart: those that were forked from one another.

Forked processes hold the same keys and the same clock, and may draw a timestamp in the same nanosecond. Each gets a
number of its own, below `LANES`, to put into its timestamps.

The family shares a table in memory: which process, by its id, has which number. The process that forks chooses the
child's number *before* it forks, one that no living process has, and reserves it in its own name; the child then writes
its own id there. Only one process of the family looks at a time: it holds a lock on a file without a name, which the
system takes from whoever dies. So no two living processes of a family have the same number, as long as there are at
most `LANES` of them; more share numbers. Where there are no such locks, or the file was closed by foreign code, nothing
but the order of events guards the table.

A process that was started rather than forked takes its number from its process id: distinct from that of any other
with good chance, which is as much as processes that know nothing of each other can have.
"""

from __future__ import annotations

import mmap
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

try:
    import fcntl
except ModuleNotFoundError:  # pragma: no cover - where nothing forks
    fcntl = None  # type: ignore[assignment]

LANES: Final = 100
"""How many processes of a family are told apart."""


class Lanes:
    """The number of this process, `own`, kept right across forks. One is enough; it lives as long as the process."""

    own: int

    def __init__(self) -> None:
        self.own = os.getpid() % LANES
        self._forking = threading.Lock()
        self._reserved: int | None = None
        self._holders = memoryview(mmap.mmap(-1, LANES * 8)).cast("q")
        self._holders[self.own] = os.getpid()
        self._lock = _FamilyLock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(
                before=self._before_fork, after_in_parent=self._after_in_parent, after_in_child=self._after_in_child
            )

    def _before_fork(self) -> None:
        self._forking.acquire()
        with self._lock.held():
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


class _FamilyLock:
    """A lock on an open file: held by one process at a time, and by nobody who is dead (fcntl record locks)."""

    def __init__(self) -> None:
        self._file: int | None = None
        if fcntl is not None:
            with suppress(OSError):  # no room for a file of zero bytes: then without
                self._file = _nameless_file()
                self._known = os.fstat(self._file)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the lock, and have it within the block."""
        if fcntl is None or self._file is None or not self._is_ours(self._file):
            yield
            return
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _is_ours(self, file: int) -> bool:
        """Whether the descriptor still is that of our file: who makes a daemon of himself closes all there are."""
        try:
            return os.path.samestat(os.fstat(file), self._known)
        except OSError:
            return False

    def __del__(self) -> None:
        if self._file is not None and self._is_ours(self._file):
            os.close(self._file)


def _nameless_file() -> int:
    if hasattr(os, "memfd_create"):
        return os.memfd_create("gonka-lanes")
    import tempfile  # it is not light, and Linux does without

    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())


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
