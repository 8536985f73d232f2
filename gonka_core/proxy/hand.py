"""The requests in hand: how many there may be, and how they end when the proxy stops."""

from __future__ import annotations

import asyncio

from .refused import Refused, stopping


class Hand:
    """Counts tasks that answer a request. Belongs to one event loop."""

    stopping: bool
    cutting: bool

    def __init__(self, most: int) -> None:
        self._most = most
        self._tasks: set[asyncio.Task[object]] = set()
        self._over = asyncio.Event()
        self.stopping = False
        self.cutting = False

    @property
    def count(self) -> int:
        return len(self._tasks)

    def take(self) -> asyncio.Task[object]:
        """This task answers a request from now on. Raises `Refused` where there are enough, or the proxy stops."""
        if self.stopping:
            raise stopping()
        if len(self._tasks) >= self._most:
            raise Refused(
                429,
                f"the proxy has {self._most} requests in hand, and takes no more",
                "try again in a moment, or raise --max-concurrent",
                code="too_many_requests",
                again=True,
                headers={"retry-after": "1"},
            )
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        return task

    def leave(self, task: asyncio.Task[object]) -> None:
        self._tasks.discard(task)
        if self.stopping and not self._tasks:
            self._over.set()

    async def close(self, grace_s: float, cut_s: float) -> int:
        """Take no more, wait until all have ended or the time is up; then cut off the rest, and say how many."""
        self.stopping = True
        if not self._tasks:
            return 0
        await self._wait(grace_s)
        left = tuple(self._tasks)
        if left:
            self.cutting = True
            self._over.clear()
            for task in left:
                task.cancel()
            await self._wait(cut_s)
        return len(left)

    def hurry(self) -> None:
        """Do not wait any longer for requests to end."""
        self._over.set()

    async def _wait(self, seconds: float) -> None:
        try:
            async with asyncio.timeout(seconds):
                await self._over.wait()
        except TimeoutError:
            return
