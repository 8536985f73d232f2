"""Timeouts for many requests at once, with one timer for all of them.

`asyncio.timeout` sets a timer for each use and takes it back, which costs as much as a tenth of a request. Nearly all
requests end in time, so here each only notes when its time is up, and a timer looks at the notes when the earliest may
be due. What it does to a task that is late is what `asyncio.timeout` does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

Result = TypeVar("Result")


class Patience:
    """The timeouts of one event loop, which runs when this is made."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._notes: set[_Note] = set()
        self._timer: asyncio.TimerHandle | None = None

    async def within(self, seconds: float | None, work: Awaitable[Result]) -> Result:
        """What `work` gives; `None` for no limit. Raises TimeoutError when it takes longer, having cancelled it."""
        task = asyncio.current_task()
        assert task is not None
        if seconds is None:
            return await work
        note = _Note(task, self._loop.time() + seconds)
        self._notes.add(note)
        if self._timer is None or note.ends < self._timer.when():
            self._look_at(note.ends)
        try:
            return await work
        except asyncio.CancelledError as cancelled:
            # Somebody else may have cancelled as well: then it is their cancellation that goes on.
            if note.late and task.uncancel() <= note.cancelling:
                raise TimeoutError from cancelled
            raise
        finally:
            self._notes.discard(note)

    def close(self) -> None:
        """Take the timer back."""
        if self._timer is not None:
            self._timer.cancel()

    def _look_at(self, when: float) -> None:
        self.close()
        self._timer = self._loop.call_at(when, self._look)

    def _look(self) -> None:
        self._timer = None
        now = self._loop.time()
        for note in [note for note in self._notes if note.ends <= now]:
            note.late = True
            self._notes.discard(note)
            note.task.cancel()
        if self._notes:
            self._look_at(min(note.ends for note in self._notes))


class _Note:
    """A task, and when its time is up by the clock of the loop."""

    __slots__ = ("cancelling", "ends", "late", "task")

    def __init__(self, task: asyncio.Task[Any], ends: float) -> None:
        self.task = task
        self.ends = ends
        self.cancelling = task.cancelling()
        self.late = False
