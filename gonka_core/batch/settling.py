"""What becomes of lines that were sent, and when a run ends: for one process and for many. Nothing here waits."""

from __future__ import annotations

from collections.abc import Callable

from gonka_core.errors import GonkaError

from .ledger import Ledger
from .lines import Line
from .outage import LEAST, Outage, about_the_line
from .records import BatchOptions, End, Progress, Summary


class Run:
    """One run of a job. `end` is why it is over, None while it goes on; whoever sends lines looks at it before each.

    `at_once`: requests that may be under way together; `seconds` is a monotonic clock.
    """

    active: int

    def __init__(self, ledger: Ledger, options: BatchOptions, at_once: int, seconds: Callable[[], float]) -> None:
        after = options.stop_after
        self.at_once = at_once
        self.active = 0
        self.end: End | None = None
        self._ledger = ledger
        self._outage = Outage(max(at_once, LEAST) if after is None else after or None)
        self._seconds = seconds
        self._began = seconds()
        self._tokens_before = ledger.tokens
        if at_once:
            ledger.run(at_once)

    def begin(self, number: int, estimate: int | None) -> bool:
        """A line is about to be sent; False where it has to wait for what is under way, or the run is over."""
        if self.end is None and self._ledger.affords(estimate):
            self._ledger.begin(number, estimate)
            self.active += 1
            return True
        if not self.active:
            self.end = self.end or "limit"
        return False

    def answered(self, number: int, data: bytes, tokens: int, ngonka: int | None) -> None:
        """The line of the output for a line that was answered, and what that cost."""
        self._settle_held()
        self._ledger.finish(number, data, failed=False, tokens=tokens, ngonka=ngonka)

    def failed(self, line: Line, error: GonkaError, ngonka: int) -> None:
        """A line failed, and may have been billed so much for nothing."""
        if self._outage.holds(line, error):
            self._ledger.leave(line.number)
        else:
            if about_the_line(error):
                self._settle_held()
            self._ledger.fail(line, error, ngonka)
        if self._outage.over:
            self.end = self.end or "outage"

    def finish(self) -> None:
        """No line is sent any more."""
        self.end = self.end or "stopped"

    def complete(self) -> None:
        """Every line was sent: those that are held back have failed."""
        if self.end is None:
            self._settle_held()
            self.end = "done"

    def progress(self) -> Progress:
        """How far it is."""
        ledger = self._ledger
        return Progress(
            total=ledger.total,
            answered=ledger.answered,
            failed=ledger.failed,
            earlier=ledger.earlier,
            again=ledger.again,
            in_flight=self.active,
            tokens=ledger.tokens,
            run_tokens=ledger.tokens - self._tokens_before,
            ngonka=ledger.spent_ngonka,
            seconds=self._seconds() - self._began,
        )

    def summary(self) -> Summary:
        """How it ended."""
        end: End = "done" if not self._ledger.left else self.end or "stopped"
        return Summary(end, self.progress(), self._ledger.unknown, self._problem(end))

    def _settle_held(self) -> None:
        for line, error in self._outage.answered():
            self._ledger.fail(line, error)

    def _problem(self, end: End) -> str:
        left = f"{self._ledger.left} lines are left"
        if end == "limit":
            return f"the limit of cost is reached, and {left}; to go on give the same command with a higher limit"
        if end == "outage":
            return (
                f"stopped after failures in a row, and {left}; the last one: {self._outage.last}; "
                "once that is mended give the same command again: it goes on"
            )
        return "" if end == "done" else f"stopped, and {left}; to go on give the same command again"
