"""A job done by one `AsyncClient`: so many workers, each with one request under way."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from gonka_core.async_client import AsyncClient
from gonka_core.errors import GonkaError

from . import money
from .ledger import Ledger
from .lines import Line, read_line
from .records import BatchOptions, Progress, Summary
from .requests import Sender
from .settling import Run

COMMIT_S: Final = 0.1
"""Seconds after which what was written goes to the disk; sooner where much was written."""

Report = Callable[[Progress], None]
_DEFAULTS: Final = BatchOptions()


class _Task(NamedTuple):
    """A line to be sent, and what it may cost, in ngonka."""

    line: Line
    estimate: int | None


class Batch:
    """One run of a job. `finish` and `abandon` end it early; call them in the event loop that it runs in.

    `report` is told how far it is, every `report_every` seconds and at the end.
    """

    def __init__(
        self,
        client: AsyncClient,
        ledger: Ledger,
        options: BatchOptions = _DEFAULTS,
        *,
        report: Report | None = None,
        report_every: float = 0.5,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self._client = client
        self._ledger = ledger
        self._options = options
        self._report = report
        self._report_every = report_every
        self._seconds = seconds
        self._asked_to_end = False
        self._worked = False
        self._workers: list[asyncio.Task[None]] = []
        self._next_task: _Task | None = None

    async def run(self) -> Summary:
        """Do what is left of the job; the ledger stays open. May be called once.

        Raises `ConfigurationError` where a limit of cost cannot be kept, `NotWrittenError` where the disk is full, and
        the `DiscoveryError` of a network that cannot be found.
        """
        await self._prepare()
        await self._work()
        self._ledger.sync()
        summary = self._run.summary()
        if self._report is not None:
            self._report(summary.progress)
        return summary

    def finish(self) -> None:
        """Send nothing more, and wait for what is under way."""
        self._asked_to_end = True
        if self._workers:
            self._run.finish()
            self._change()

    def abandon(self) -> None:
        """End now. Requests that are under way may have been paid for; their lines stay open."""
        self.finish()
        for worker in self._workers:
            worker.cancel()

    def progress(self) -> Progress:
        """How far it is; once it runs."""
        return self._run.progress()

    async def _prepare(self) -> None:
        prices: money.Prices = {}
        if self._ledger.left:
            if not self._client.endpoints:
                await self._client.discover()
            prices = await money.prices(self._client, self._ledger.models, self._options.price)
            if self._ledger.limited:
                money.require(prices, self._ledger.models)
        self._sender = Sender(self._client, self._ledger.job, prices, twice=self._options.may_bill_twice)
        at_once = min(self._options.at_once(len(self._client.endpoints)), self._ledger.left)
        self._run = Run(self._ledger, self._options, at_once, self._seconds)
        self._lines = self._to_send()
        self._changed, self._full = asyncio.Event(), asyncio.Event()

    async def _work(self) -> None:
        if self._asked_to_end or not self._run.at_once:
            return
        failed: GonkaError | None = None
        try:
            async with asyncio.TaskGroup() as group:
                telling = group.create_task(self._tell())
                group.create_task(self._commit())
                self._workers = [group.create_task(self._worker()) for _ in range(self._run.at_once)]
                await asyncio.wait(self._workers)
                telling.cancel()
                self._worked = True
                self._full.set()
        except* GonkaError as errors:
            failed = _first(errors)
        # Not raised up there, where some releases of CPython put it into a group of its own (seen with 3.11.2).
        if failed is not None:
            raise failed
        self._run.complete()

    async def _worker(self) -> None:
        while (task := await self._take()) is not None:
            try:
                await self._ask(task)
            finally:
                self._run.active -= 1
                self._change()

    async def _take(self) -> _Task | None:
        """The next line, once it may be sent; None at the end."""
        while self._run.end is None:
            if self._ledger.unsynced < self._run.at_once:
                task = self._next_task = self._next_task or next(self._lines, None)
                if task is None:
                    return None
                if self._run.begin(task.line.number, task.estimate):
                    self._next_task = None
                    return task
                if self._run.end is not None:
                    break
            else:
                self._full.set()
            await self._changed.wait()
        return None

    def _to_send(self) -> Iterator[_Task]:
        for number, data in self._ledger.pending():
            line = read_line(data, number)
            if not self._options.repeat_started and self._ledger.began_before(number):
                self._ledger.refuse(line)
            else:
                yield _Task(line, self._sender.estimate(line))

    async def _ask(self, task: _Task) -> None:
        try:
            answered = await self._sender.send(*task)
        except GonkaError as error:
            self._run.failed(task.line, error, self._sender.for_nothing(error, task.estimate))
        else:
            self._run.answered(task.line.number, *answered)
            if 2 * self._ledger.unsynced >= self._run.at_once:  # before anybody has to wait for it
                self._full.set()

    def _change(self) -> None:
        """Wake those that wait for something to be over."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def _commit(self) -> None:
        while not self._worked:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._full.wait(), COMMIT_S)
            self._full.clear()
            if self._ledger.unsynced:
                await asyncio.to_thread(self._ledger.sync)
                self._change()

    async def _tell(self) -> None:
        while self._report is not None:
            self._report(self.progress())
            await asyncio.sleep(self._report_every)


def _first(errors: BaseExceptionGroup[GonkaError]) -> GonkaError:
    error = errors.exceptions[0]
    return error if isinstance(error, GonkaError) else _first(error)
