"""What Ray runs of a job: the actor that keeps the files, and those that send.

A worker asks the keeper before it sends a line, and tells it when the line is finished: the journal means what it means
for one process, whatever becomes of a worker.
"""

from __future__ import annotations

import asyncio
import pickle
import time
from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, NamedTuple

from gonka_core.async_client import AsyncClient
from gonka_core.errors import GonkaError

from . import money
from .ledger import Ledger
from .lines import MOST_BYTES, Line, read_line
from .opening import open_ledger
from .records import BatchOptions, Progress, Summary
from .requests import Sender
from .settling import Run

_PATIENCE_S: Final = 0.2


class Job(NamedTuple):
    """What every worker is told: how it is called, where the input is, what tokens cost, and how it is done."""

    name: str
    path: str
    prices: money.Prices
    options: BatchOptions
    at_once: int


class Keeper:
    """The actor that has the files open. Its methods are called one after the other."""

    def __init__(self, input: str, output: str, max_cost: int | None, options: BatchOptions, at_once: int) -> None:  # noqa: A002
        self._ledger = open_ledger(input, output, max_cost=max_cost)
        self._options = options
        self._run = Run(self._ledger, options, at_once, time.monotonic)
        self._under_way: set[int] = set()
        self._synced = time.monotonic()

    def begin(self, line: Line, estimate: int | None) -> str:
        """`send` it; `wait` and ask again; or leave it: it is finished (`skip`), or the run is over (`end`)."""
        if not self._ledger.is_open(line.number):
            return "skip"
        self._forget(line.number)  # a worker died with it, and another one has its piece now
        if not self._options.repeat_started and self._ledger.began_before(line.number):
            self._ledger.refuse(line)
            return "skip"
        if self._run.begin(line.number, estimate):
            self._under_way.add(line.number)
            return "send"
        return "end" if self._run.end else "wait"

    def answered(self, number: int, data: bytes, tokens: int, ngonka: int | None) -> None:
        self._over(number)
        if self._ledger.is_open(number):
            self._run.answered(number, data, tokens, ngonka)

    def failed(self, line: Line, error: GonkaError, ngonka: int) -> None:
        self._over(line.number)
        if self._ledger.is_open(line.number):
            self._run.failed(line, error, ngonka)

    def finish(self) -> None:
        """No line is sent any more."""
        self._run.finish()

    def progress(self) -> Progress:
        return self._run.progress()

    def close(self) -> Summary:
        """The run is over."""
        self._run.complete()
        self._ledger.close()
        return self._run.summary()

    def _forget(self, number: int) -> None:
        if number in self._under_way:
            self._under_way.remove(number)
            self._run.active -= 1

    def _over(self, number: int) -> None:
        self._forget(number)
        now = time.monotonic()
        if now - self._synced > _PATIENCE_S or self._ledger.unsynced >= self._run.at_once:
            self._ledger.sync()
            self._synced = now


class Worker:
    """The callable of the pipeline: it is given pieces, and returns how many lines of them it sent.

    `frozen` is a pickled `AsyncClient`.
    """

    def __init__(self, frozen: bytes, keeper: Any, job: Job) -> None:
        self._keeper = keeper
        self._job = job
        self._sender = Sender(thawed(frozen), job.name, job.prices, twice=job.options.may_bill_twice)

    @cached_property
    def _runner(self) -> asyncio.Runner:
        return asyncio.Runner()

    def __call__(self, batch: dict[str, Any]) -> dict[str, list[int]]:
        pieces = zip(batch["number"], batch["begin"], batch["lines"], strict=True)
        return {"sent": [self._runner.run(self._piece(*map(int, piece))) for piece in pieces]}

    async def _piece(self, number: int, begin: int, lines: int) -> int:
        waiting = iter(list(read_piece(Path(self._job.path), number, begin, lines)))
        return sum(await asyncio.gather(*(self._send_each(waiting) for _ in range(self._job.at_once))))

    async def _send_each(self, lines: Iterator[Line]) -> int:
        sent = 0
        for line in lines:
            verdict = await self._send(line)
            if verdict == "end":
                break
            sent += verdict == "send"
        return sent

    async def _send(self, line: Line) -> str:
        estimate, named = self._sender.estimate(line), replace(line, payload={})
        while (verdict := await self._keeper.begin.remote(named, estimate)) == "wait":
            await asyncio.sleep(_PATIENCE_S)
        if verdict != "send":
            return str(verdict)
        try:
            answered = await self._sender.send(line, estimate)
        except GonkaError as error:
            await self._keeper.failed.remote(named, error, self._sender.for_nothing(error, estimate))
        else:
            await self._keeper.answered.remote(line.number, *answered)
        return "send"


def thawed(frozen: bytes) -> AsyncClient:
    """The client that was pickled. Raises what is wrong with it where it is made again."""
    client: AsyncClient = pickle.loads(frozen)  # noqa: S301 - the driver's own
    return client


def pieces_of(ledger: Ledger, path: Path, lines: int) -> Iterator[dict[str, int]]:
    """Places of so many lines each, in which some are still to be answered: number and offset of the first one."""
    number = begin = at = 0
    first, wanted = 1, False
    with path.open("rb") as file:
        for number, data in enumerate(file, start=1):
            at += len(data)
            wanted = wanted or (ledger.is_open(number) and bool(data.strip()))
            if number - first + 1 == lines:
                if wanted:
                    yield {"number": first, "begin": begin, "lines": lines}
                first, begin, wanted = number + 1, at, False
    if wanted:
        yield {"number": first, "begin": begin, "lines": number - first + 1}


def read_piece(path: Path, number: int, begin: int, lines: int) -> Iterator[Line]:
    """The requests in a piece of the input."""
    with path.open("rb") as file:
        file.seek(begin)
        for data in (file.readline(MOST_BYTES + 1) for _ in range(lines)):
            if data.strip():
                yield read_line(data, number)
            number += 1
