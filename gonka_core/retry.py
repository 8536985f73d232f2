"""When a call is tried again, and for how long.

Numbers only: what may be repeated is decided by the errors themselves.
"""

from __future__ import annotations

import random
from dataclasses import dataclass

from .errors import ConfigurationError


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """How a call goes on after a failure; seconds.

    `attempts`: requests that may end in a failure before the call does, the first one included. A second signature for
    a scheme, a clock or a timestamp that was refused is not counted: nothing was computed for the first one.
    `deadline`: for the whole call, waits included; None for no limit. `backoff`: the first wait before an endpoint is
    asked again that was asked already, doubled each time up to `longest_backoff`, and drawn by chance between nothing
    and that, so that many clients do not come back together. `may_bill_twice`: also repeat a request that may have
    been accepted and billed; there is nothing by which a node could tell that it is the same (`protocol.md` §14).

    Raises `ConfigurationError` for numbers that cannot be.
    """

    attempts: int = 4
    deadline: float | None = None
    backoff: float = 0.5
    longest_backoff: float = 20.0
    may_bill_twice: bool = False

    def __post_init__(self) -> None:
        if self.attempts < 1:
            raise ConfigurationError(f"{self.attempts} attempts are none", "allow one or more")
        for name in ("deadline", "backoff", "longest_backoff"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < float("inf"):
                raise ConfigurationError(f"{name} is {value} seconds", "give zero or more, or None for no deadline")

    def wait(self, repeats: int, chance: random.Random) -> float:
        """Seconds before an endpoint is asked again, for the first (1) and every further time."""
        longest = min(self.backoff * 2 ** min(repeats - 1, 30), self.longest_backoff)
        return chance.uniform(0, longest)


ONCE = RetryPolicy(attempts=1)
"""No second attempt, but for a scheme or a clock that had to be learned."""
