"""When to stop rather than fail line after line: nobody answers any more, whatever is asked.

Of lines that fail in a row those are held back for which nothing was computed: they are sent again when the job goes
on. As soon as somebody answers, it is the lines that are to blame, and they have failed for good.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from gonka_core.errors import CallError, GonkaError, LimitExceededError, PayloadError, PayloadRejectedError

from .lines import Line

LEAST: Final = 10
"""Failures in a row before which no job is stopped, however few requests are under way at once."""
_OF_THE_LINE: Final = (PayloadError, PayloadRejectedError, LimitExceededError)


class Held(NamedTuple):
    """A line that failed while nobody else was answered."""

    line: Line
    error: GonkaError


class Outage:
    """Failures in a row. `after` so many of them everything is `over`; None: never."""

    def __init__(self, after: int | None) -> None:
        self._after = after
        self._in_a_row = 0
        self._held: list[Held] = []
        self.last: GonkaError | None = None

    @property
    def over(self) -> bool:
        return self._after is not None and self._in_a_row >= self._after

    def answered(self) -> list[Held]:
        """Somebody answers: those that were held back have failed."""
        self._in_a_row = 0
        held, self._held = self._held, []
        return held

    def holds(self, line: Line, error: GonkaError) -> bool:
        """Whether a line that failed is held back, rather than failed for good."""
        if isinstance(error, _OF_THE_LINE):
            return False
        self._in_a_row += 1
        self.last = error
        if self._after is None or (isinstance(error, CallError) and error.maybe_billed):
            return False
        self._held.append(Held(line, error))
        return True


def about_the_line(error: GonkaError) -> bool:
    """Whether the line itself is to blame: whoever says so is there and works."""
    return isinstance(error, PayloadRejectedError)
