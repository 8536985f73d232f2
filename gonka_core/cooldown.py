"""How long an endpoint is left alone after a failure, by the kind of failure.

`RESTS` says which errors are the endpoint's own. What is wrong with a request, its signature, its time or its account
cools nobody: every node would say the same.

**Incidents.** Many requests may be under way when an endpoint falls ill, and all of them fail: that is one failure.
Only a request that began after the rest did makes the next rest longer, and only the success of such a request ends
it; what an earlier one met is news of yesterday. No failure makes a rest shorter.

**Half open.** After its rest an endpoint is asked by one request, the probe, and avoided by the others until that one
has come back, for `PROBE_S` at most. An error that is not the endpoint's proves nothing: the next request is a probe
again.

Times are seconds of one monotonic clock, whichever the caller reads. Not safe for several threads at once: `Pool` holds
a lock around it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Rest:
    """Seconds of rest after a first failure; doubled with each further one in a row, up to `longest`."""

    seconds: float
    longest: float


_BUSY: Final = Rest(15.0, 300.0)
_SHORT: Final = Rest(5.0, 60.0)
_REFUSED: Final = Rest(600.0, 600.0)

RESTS: Final[Mapping[str, Rest]] = {
    "ConnectError": Rest(2.0, 300.0),
    "TransportTimeout": Rest(10.0, 300.0),
    "TransportError": Rest(5.0, 300.0),
    "CapacityError": _BUSY,
    "RateLimitedError": _BUSY,
    "NoExecutorError": _SHORT,
    "ExecutorError": _SHORT,
    "StreamFailedError": _SHORT,
    "ChainUnavailableError": _BUSY,
    "UnavailableError": Rest(5.0, 300.0),
    "UnusableAnswerError": Rest(10.0, 300.0),
    "ProviderNotAllowedError": _REFUSED,
    "RetiredError": _REFUSED,
    "MovedError": _REFUSED,
    "ApiKeyError": _REFUSED,
}
"""By the name of an error's class; classes that derive from one of these rest as it does. All others cool nobody."""

SHORTEST_ASKED_S: Final = 1.0
LONGEST_ASKED_S: Final = 3600.0
"""A `Retry-After` is taken at its word between these."""
PROBE_S: Final = 120.0
"""Seconds after which a probe that has not come back counts as lost."""
_SAME_MOMENT_S: Final = 1e-6
"""When a request began is worked out from when it ended; rounding must not put it before its own cause."""


@dataclass(slots=True)
class _Illness:
    """What is remembered of an endpoint that failed, until it answers."""

    since: float
    until: float
    failures: int
    probe_since: float | None = None

    def left(self, now: float) -> float:
        probe_ends = now if self.probe_since is None else self.probe_since + PROBE_S
        return max(self.until, probe_ends, now) - now


class Cooldown:
    """The rests of endpoints, which are known by any hashable name. Remembers those that failed and no others."""

    def __init__(self) -> None:
        self._ill: dict[object, _Illness] = {}

    def resting(self, now: float) -> dict[object, float]:
        """Those to be avoided now, with the seconds that are left."""
        if not self._ill:
            return {}
        left = ((name, illness.left(now)) for name, illness in self._ill.items())
        return {name: seconds for name, seconds in left if seconds > 0}

    def failures(self, name: object) -> int:
        """How often in a row it failed, each incident counted once; 0 since it last answered."""
        illness = self._ill.get(name)
        return illness.failures if illness else 0

    def asked(self, name: object, now: float) -> None:
        """A request begins. After a rest it is the probe, for which others wait."""
        illness = self._ill.get(name) if self._ill else None
        if illness is not None and illness.left(now) <= 0:
            illness.probe_since = now

    def ended(self, name: object, error: BaseException | None, *, began: float, now: float) -> float:
        """A request came back: the seconds of rest that begin now, 0 where none do."""
        illness = self._ill.get(name) if self._ill else None
        current = illness is None or began >= illness.since - _SAME_MOMENT_S
        rest = None if error is None else rest_after(type(error))
        if error is None and current:
            if illness is not None:
                del self._ill[name]
            return 0.0
        if illness is not None:
            _end_probe(illness, began)
        if error is None or rest is None:
            return 0.0
        return self._failed(name, rest, _asked_of(error), current, now)

    def abandoned(self, name: object) -> None:
        """Nobody asks it any more: a probe that did not tell how it ended, because it was cancelled, is over."""
        illness = self._ill.get(name) if self._ill else None
        if illness is not None:
            illness.probe_since = None

    def keep(self, names: Collection[object]) -> None:
        """Forget all others."""
        self._ill = {name: illness for name, illness in self._ill.items() if name in names}

    def _failed(self, name: object, rest: Rest, asked: float | None, current: bool, now: float) -> float:
        before = self._ill.get(name) or _Illness(now, now, 0)
        failures = before.failures + 1 if current else before.failures
        seconds = _grown(rest, failures) if asked is None else asked
        since = now if current else before.since
        self._ill[name] = _Illness(since, max(before.until, now + seconds), failures, before.probe_since)
        return seconds if now + seconds > before.until else 0.0


def rest_after(kind: type) -> Rest | None:
    """The rest that errors of this class cause, by their own name or that of a class above it; None for none."""
    return next((RESTS[base.__name__] for base in kind.__mro__ if base.__name__ in RESTS), None)


def _end_probe(illness: _Illness, began: float) -> None:
    if illness.probe_since is not None and began >= illness.probe_since - _SAME_MOMENT_S:
        illness.probe_since = None


def _grown(rest: Rest, failures: int) -> float:
    # An exponent without a bound would overflow one day.
    return min(rest.seconds * 2.0 ** min(failures - 1, 30), rest.longest)


def _asked_of(error: BaseException) -> float | None:
    """The seconds for which the node itself asked to be left alone (`Retry-After`), within bounds."""
    asked: float | None = getattr(error, "retry_after_s", None)
    return None if asked is None else min(max(asked, SHORTEST_ASKED_S), LONGEST_ASKED_S)
