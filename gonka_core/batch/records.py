"""What a job is told, and what it tells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from gonka_core.errors import ConfigurationError

End: TypeAlias = Literal["done", "stopped", "limit", "outage"]
"""Every line is finished; somebody asked for the end; the limit of cost is reached; nobody answers any more."""


@dataclass(frozen=True, slots=True)
class BatchOptions:
    """How a job is done.

    `concurrency`: requests at once, by default `per_endpoint` for each endpoint, at most 256. `price`: ngonka a token
    for every model, in place of what the network tells. `repeat_started`: lines that were under way when an earlier run
    was killed are sent again; otherwise they fail. `stop_after`: failures in a row that end the job, by default as many
    as there are requests at once and ten at least; 0 for never. `may_bill_twice` is what the client's `RetryPolicy`
    says, and is needed for the account.

    Raises `ConfigurationError` for numbers that cannot be.
    """

    concurrency: int | None = None
    per_endpoint: int = 16
    price: int | None = None
    repeat_started: bool = True
    stop_after: int | None = None
    may_bill_twice: bool = False

    def __post_init__(self) -> None:
        for name, least in (("concurrency", 1), ("per_endpoint", 1), ("price", 0), ("stop_after", 0)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise ConfigurationError(f"{name} is {value}", f"give {least} or more")

    def at_once(self, endpoints: int) -> int:
        """Requests at once among so many endpoints."""
        return self.concurrency or min(max(endpoints, 1) * self.per_endpoint, 256)


@dataclass(frozen=True, slots=True)
class Progress:
    """A job at one moment.

    Of `total` lines `answered` and `failed` are finished, `earlier` of them before this run, which has taken `seconds`.
    `again` were sent in this run although an earlier one had sent them before it was killed. `tokens` were counted and
    `ngonka` spent by all runs together; None where a price is not known. `run_tokens` are those of this run.
    """

    total: int
    answered: int
    failed: int
    earlier: int
    again: int
    in_flight: int
    tokens: int
    run_tokens: int
    ngonka: int | None
    seconds: float

    @property
    def finished(self) -> int:
        """Lines that are answered or failed."""
        return self.answered + self.failed

    @property
    def lines_per_second(self) -> float:
        """Lines that this run finished, by the second."""
        return (self.finished - self.earlier) / self.seconds if self.seconds > 0 else 0.0

    @property
    def tokens_per_second(self) -> float:
        """Tokens that this run was answered with, by the second."""
        return self.run_tokens / self.seconds if self.seconds > 0 else 0.0

    @property
    def seconds_left(self) -> float | None:
        """At the rate of this run so far; None while it has none."""
        rate = self.lines_per_second
        return (self.total - self.finished) / rate if rate else None


@dataclass(frozen=True, slots=True)
class Summary:
    """How a run ended. `unknown`: lines that may have been paid for and have no answer, because they were dropped.

    `problem` says why lines are left, and what to do; empty where none are.
    """

    end: End
    progress: Progress
    unknown: int = 0
    problem: str = ""

    @property
    def left(self) -> int:
        """Lines that are not finished."""
        return self.progress.total - self.progress.finished
