"""When to learn anew who takes part. A policy, without clock, thread or I/O: what happened goes in, a record comes out.

A list is learned anew when it is older than the network's `refresh_s`, while the old one goes on serving; or sooner,
when something says that it is out of date:

    an endpoint is not allowed to pass requests on, or takes no signed ones any more (403, 410)
    three endpoints in a row, or all there are, cannot be reached
    an answer tells a later epoch

Never more often than every five seconds; after each failure twice as long, up to five minutes.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Self

LEAST_S: Final = 5.0
LONGEST_S: Final = 300.0
UNREACHABLE: Final = 3
CLAIM_S: Final = 120.0
"""Seconds after which somebody who began to learn is not waited for any longer."""
_OUT_OF_DATE: Final = ("ProviderNotAllowedError", "RetiredError")
_UNREACHED: Final = "ConnectError"
"""Names of errors, as an `Attempt` has them."""


@dataclass(frozen=True, slots=True)
class Freshness:
    """How fresh the list is; times in seconds of any one clock, None for never.

    `unreachable`: URLs of endpoints that could not be reached since one last answered.
    """

    refresh_s: float
    learned: float | None = None
    tried: float | None = None
    failures: int = 0
    wanted: bool = False
    unreachable: frozenset[str] = frozenset()

    def due(self, now: float) -> bool:
        """Whether it is time to learn."""
        if self.tried is not None and now - self.tried < self.pause_s:
            return False
        return self.learned is None or self.wanted or now - self.learned >= self.refresh_s

    def claimed(self, now: float) -> bool:
        """Whether an attempt that began may still be under way: who does not come back loses it to another."""
        return self.tried is not None and now - self.tried < CLAIM_S

    @property
    def pause_s(self) -> float:
        """Seconds that have to lie between the last attempt and the next one."""
        return min(LEAST_S * 2.0 ** min(self.failures, 16), LONGEST_S)

    def began(self, now: float) -> Self:
        """An attempt to learn begins."""
        return replace(self, tried=now)

    def succeeded(self, now: float) -> Self:
        """The list was learned."""
        return replace(self, learned=now, failures=0, wanted=False, unreachable=frozenset())

    def failed(self) -> Self:
        """It was not."""
        return replace(self, failures=self.failures + 1)

    def noticed(self, url: str, error: str | None, endpoints: int) -> Self:
        """How a request to one of so many endpoints ended: the name of its error, None where it was answered well."""
        if error is None:
            return replace(self, unreachable=frozenset()) if self.unreachable else self
        if error in _OUT_OF_DATE:
            return replace(self, wanted=True)
        if error != _UNREACHED:
            return self
        lost = self.unreachable | {url}
        return replace(self, unreachable=lost, wanted=self.wanted or len(lost) >= min(UNREACHABLE, endpoints))

    def outdated(self) -> Self:
        """Something else says that the list is out of date."""
        return replace(self, wanted=True)
