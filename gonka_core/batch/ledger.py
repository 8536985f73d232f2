"""A job on the disk: which lines are finished, which are under way, what was spent. Nothing here waits or sends.

    begin      a line goes into the journal, then it is sent
    finish     its answer or error goes into the output, then the journal says so

so that a process that dies in between leaves a line that was begun and is not finished: it may have been paid for.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from gonka_core.errors import CallError, ConfigurationError, GonkaError

from . import files, results
from .journal import Journal
from .lines import Line
from .survey import raw_lines

_OPEN: Final = 0
_ANSWERED: Final = 1
_FAILED: Final = 2
_LOST_AT_ONCE: Final = 2
"""A run has no more lines under way than it may, and as many that are not on the disk yet."""


class StartedBeforeError(CallError):
    """The job was ended while the line was under way; nobody knows whether it was answered, and billed."""

    @property
    def maybe_billed(self) -> bool:
        return True


class Ledger:
    """The files of one job, open and locked; `open_ledger` makes it. Not to be shared by threads, but for `sync`.

    `job` is its name; `total` requests are in the input, `answered` and `failed` are finished, in this run and before
    it; `earlier` were when it was opened. `again`: lines that were sent in this run although they had been before, when
    a process was killed. `max_cost`: ngonka that all runs together may spend.
    """

    job: str
    total: int
    models: tuple[str, ...]
    answered: int
    failed: int
    earlier: int
    again: int

    def __init__(self, path: Path, journal: Journal, output: files.Appended, max_cost: int | None = None) -> None:
        self._input = path
        self._journal = journal
        self._output = output
        self._max_cost = max_cost
        self.job = results.job_of(journal.survey.sha256)
        self._states = bytearray(journal.survey.lines + 1)
        self._written = self._synced = 0
        self.total = journal.survey.requests
        self.models = journal.survey.models
        self.answered = self.failed = self.earlier = self.again = 0

    @property
    def left(self) -> int:
        """Lines that are not finished."""
        return self.total - self.answered - self.failed

    @property
    def limited(self) -> bool:
        """Whether there is a limit of cost."""
        return self._max_cost is not None

    @property
    def tokens(self) -> int:
        """Tokens that were counted, in all runs."""
        return self._journal.tokens

    @property
    def spent_ngonka(self) -> int | None:
        """What was spent in all runs, with what may have been billed for nothing; None where a price was not known."""
        return None if self._journal.unpriced else self._journal.ngonka

    @property
    def unknown(self) -> int:
        """Lines of which nobody knows whether they were paid for: under way when a process ended, or just now."""
        return len(self._journal.in_flight)

    @property
    def unsynced(self) -> int:
        """Lines of the output that are written, and lost if the power is cut."""
        return self._written - self._synced

    def run(self, at_once: int) -> None:
        """A run begins, with so many requests at once."""
        self._journal.run(at_once)

    def pending(self) -> Iterator[tuple[int, bytes]]:
        """Number and bytes of each line that is not finished, in the order of the input."""
        return ((number, data) for number, data in raw_lines(self._input) if self.is_open(number))

    def is_open(self, number: int) -> bool:
        """Whether a line is still to be answered."""
        return number < len(self._states) and self._states[number] == _OPEN

    def began_before(self, number: int) -> bool:
        """Whether a line was under way when an earlier run ended, so that it may have been paid for."""
        return number in self._journal.in_flight

    def affords(self, estimate: int | None) -> bool:
        """Whether a request may be sent that may cost so much, when all that are under way cost what they may."""
        if self._max_cost is None:
            return True
        return self._journal.ngonka + self._journal.reserved_ngonka + (estimate or 0) <= self._max_cost

    def begin(self, number: int, estimate: int | None) -> None:
        """A line is about to be sent."""
        self.again += self.began_before(number)
        self._journal.start(number, estimate)

    def finish(self, number: int, data: bytes, *, failed: bool, tokens: int, ngonka: int | None) -> None:
        """A line is finished: its line of the output, and what it cost, None where no price is known."""
        self._output.write(data)
        self._states[number] = _FAILED if failed else _ANSWERED
        self._written += 1
        self._journal.over(number, tokens, ngonka)
        self.failed += failed
        self.answered += not failed

    def fail(self, line: Line, error: GonkaError, ngonka: int = 0) -> None:
        """A line has failed for good, which may have cost so much."""
        self.finish(line.number, results.failed(self.job, line, error), failed=True, tokens=0, ngonka=ngonka)

    def refuse(self, line: Line) -> None:
        """A line that was under way when an earlier run ended is not sent again."""
        told = StartedBeforeError(
            "an earlier run ended while this line was under way, so that it may have been billed",
            "to send it again: --retry-failed --may-bill-twice",
        )
        self.fail(line, told, self._journal.in_flight.get(line.number) or 0)

    def leave(self, number: int) -> None:
        """A line that was begun was not computed by anybody, and stays open."""
        self._journal.unpaid(number)

    def sync(self) -> None:
        """What was written until now is on the disk when this returns; may be called from another thread."""
        written = self._written
        self._output.sync()
        self._journal.sync()
        self._synced = written

    def close(self) -> None:
        """Write everything to the disk and give the lock up."""
        try:
            self.sync()
        finally:
            self._output.close()
            self._journal.close()

    def load(self) -> None:
        """Take over what the output says. Raises `ConfigurationError` where that is not what the journal says."""
        end, torn = 0, 0
        for data in self._output.lines():
            result = results.read_result(data, self.job)
            torn += result is None
            if result is None:
                continue
            if torn or not self.is_open(result.number):
                raise self._damaged()
            end += len(data) + 1
            self._take(result)
        # After a power failure the last blocks of a file may be anything; more than that is somebody's doing.
        lost = max(torn, self.unknown, self._journal.finished - self.answered - self.failed)
        if lost > _LOST_AT_ONCE * self._journal.at_once:
            raise self._damaged()
        if torn:
            self._output.cut(end)
        self.earlier = self.answered + self.failed

    def _take(self, result: results.Result) -> None:
        self._states[result.number] = _FAILED if result.failed else _ANSWERED
        self.failed += result.failed
        self.answered += not result.failed
        self._journal.known_over(result.number)

    def _damaged(self) -> ConfigurationError:
        return ConfigurationError(
            f"the output {os.fspath(self._output.path)!r} is not what its journal says: lines were changed or lost",
            "restore it; or remove it together with its journal, and every line is sent and paid again",
        )
