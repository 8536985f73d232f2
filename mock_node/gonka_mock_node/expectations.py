"""What a test expects of a client, put as questions to the journal: how many requests of a kind there were.

An expectation counts the requests that came after it was set and that the journal still keeps; nothing is counted on
the side, so the answer can always be checked against the list of requests. No I/O.
"""

from __future__ import annotations

import difflib
import itertools
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, get_args

from .journal import Outcome, Verdict

MOST: Final = 1000
"""Expectations that may be set at once."""
_LARGEST: Final = 10**9
_OUTCOMES: Final[tuple[str, ...]] = get_args(Outcome)


class ExpectationError(ValueError):
    """An expectation that cannot be had. `field` names what is wrong with it; the message ends in what to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which requests are meant: those that fit every field that is given.

    `rule` is the one that refused, `node` a node's URL, `mistake` one that the diagnosis found. `route` is a path, or
    what paths begin with where it ends in `*`.
    """

    verdict: str | None = None
    rule: str | None = None
    status: int | None = None
    node: str | None = None
    route: str | None = None
    requester: str | None = None
    model: str | None = None
    stream: bool | None = None
    mistake: str | None = None

    def fits(self, verdict: Verdict) -> bool:
        return not self.differences(verdict)

    def differences(self, verdict: Verdict) -> tuple[str, ...]:
        """The names of the fields that a request does not fit."""
        return tuple(name for name, wanted in self.given().items() if not _agrees(name, wanted, verdict))

    def given(self) -> dict[str, Any]:
        """The fields that say something."""
        return {name: value for name in WANTED if (value := getattr(self, name)) is not None}

    def __str__(self) -> str:
        told = ", ".join(f"{name} {_shown(value)}" for name, value in self.given().items())
        return f"requests with {told}" if told else "requests of any kind"


WANTED: Final = tuple(item.name for item in fields(Wanted))
_OTHERS: Final = ("times", "name")


@dataclass(frozen=True, slots=True)
class Expectation:
    """So many requests of a kind after request number `since`. `at_most` None sets no upper bound."""

    id: str
    name: str
    wanted: Wanted
    at_least: int
    at_most: int | None
    since: int

    def as_object(self) -> dict[str, Any]:
        """The JSON form, flat; `times` always with both bounds."""
        times = {"at_least": self.at_least, "at_most": self.at_most}
        return {"id": self.id, "name": self.name, **self.wanted.given(), "times": times, "since": self.since}


@dataclass(frozen=True, slots=True)
class Finding:
    """What the journal says to an expectation.

    `forgotten` requests came after it was set and are no longer kept. `nearest` is the request that comes closest where
    too few fitted, or the latest of those that fitted where there were too many.
    """

    expectation: Expectation
    matched: int
    forgotten: int
    nearest: Verdict | None

    @property
    def met(self) -> bool:
        most = self.expectation.at_most
        return self.expectation.at_least <= self.matched and (most is None or self.matched <= most)

    def as_object(self) -> dict[str, Any]:
        """The JSON form; `explanation` only where it is not met."""
        counted = {"matched": self.matched, "forgotten": self.forgotten, "met": self.met}
        told = {} if self.met else {"explanation": self.explanation()}
        return {**self.expectation.as_object(), **counted, **told}

    def explanation(self) -> str:
        """One or two sentences: what was expected, how many there were, and the nearest request."""
        expectation = self.expectation
        name = f"{expectation.name or expectation.id}: "
        counted = f"{_bounds(expectation)} of {expectation.wanted} expected, {self.matched} seen"
        lost = f" ({self.forgotten} more are no longer in the journal)" if self.forgotten else ""
        return f"{name}{counted}{lost}; {self._nearest()}"

    def _nearest(self) -> str:
        if self.nearest is None:
            return "no request has come since it was set; check which URL the client calls"
        number, wanted = self.nearest.number, self.expectation.wanted
        apart = wanted.differences(self.nearest)
        if not apart:
            return f"the latest of them is request {number}; look at GET /mock/requests/{number}"
        told = ", ".join(f"its {name} is {_shown(_value(name, self.nearest))}" for name in apart)
        return f"the nearest is request {number}, but {told}; look at GET /mock/requests/{number}"


class Expectations:
    """The expectations of a network, in the order in which they were set. Safe from any thread."""

    def __init__(self) -> None:
        self._set: dict[str, Expectation] = {}
        self._numbers = itertools.count(1)
        self._lock = threading.Lock()

    def add(
        self, /, *, times: int | Mapping[str, int] | None = None, name: str = "", since: int = 0, **wanted: Any
    ) -> Expectation:
        """Expect requests that fit the fields of `Wanted`; only those count whose number is above `since`.

        `times` is an exact number, or `{"at_least": …, "at_most": …}` with one of them or both; without it, once or
        oftener. Raises `ExpectationError` for a field or a value that cannot be, and when 1,000 are set.
        """
        if not isinstance(name, str) or len(name) > 200:
            raise ExpectationError("name", "name is no text of at most 200 characters; shorten it, or leave it out")
        least, most = _times(times)
        sound = sound_wanted(wanted)
        with self._lock:
            if len(self._set) >= MOST:
                raise ExpectationError("name", f"{MOST} expectations are set; clear() them first")
            made = Expectation(f"expectation-{next(self._numbers)}", name, sound, least, most, since)
            self._set[made.id] = made
        return made

    def clear(self) -> None:
        with self._lock:
            self._set.clear()

    def findings(self, verdicts: Iterable[Verdict]) -> tuple[Finding, ...]:
        """What those verdicts, oldest first, say to each expectation."""
        kept = tuple(verdicts)
        return tuple(finding(expectation, kept) for expectation in self)

    def __iter__(self) -> Iterator[Expectation]:
        with self._lock:
            return iter(tuple(self._set.values()))

    def __len__(self) -> int:
        return len(self._set)


def finding(expectation: Expectation, verdicts: Sequence[Verdict]) -> Finding:
    """What those verdicts, oldest first, say to one expectation."""
    later = [verdict for verdict in verdicts if verdict.number > expectation.since]
    fitting = [verdict for verdict in later if expectation.wanted.fits(verdict)]
    newest_first = reversed(later)
    nearest = min(newest_first, key=lambda verdict: len(expectation.wanted.differences(verdict)), default=None)
    forgotten = later[-1].number - expectation.since - len(later) if later else 0
    if len(fitting) >= expectation.at_least and fitting:
        nearest = fitting[-1]
    return Finding(expectation, len(fitting), forgotten, nearest)


def sound_wanted(given: Mapping[str, Any]) -> Wanted:
    """A `Wanted` of these fields, of which None counts as not given. Raises `ExpectationError`."""
    said = {name: value for name, value in given.items() if value is not None}
    for name, value in said.items():
        _require_known(name)
        _require_type(name, value)
    if said.get("verdict", "accepted") not in _OUTCOMES:
        raise ExpectationError("verdict", f"there is no such verdict; choose one of: {', '.join(_OUTCOMES)}")
    if not 100 <= said.get("status", 200) <= 599:
        raise ExpectationError("status", "status is no status of HTTP; give an integer from 100 to 599")
    return Wanted(**said)


def _require_known(name: str) -> None:
    if name in WANTED:
        return
    near = difflib.get_close_matches(name, [*WANTED, *_OTHERS], 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise ExpectationError(
        name, f"there is no field {name[:80]!r}; {hint}choose from: {', '.join([*WANTED, *_OTHERS])}"
    )


def _require_type(name: str, value: object) -> None:
    kind, told = {"status": (int, "an integer"), "stream": (bool, "true or false")}.get(name, (str, "a text"))
    if not isinstance(value, kind):
        raise ExpectationError(name, f"{name} is of the wrong type; give {told}")


def _times(times: object) -> tuple[int, int | None]:
    if times is None:
        return 1, None
    if not isinstance(times, Mapping):
        exact = _count(times)
        return exact, exact
    if not times or set(times) - {"at_least", "at_most"}:
        raise ExpectationError("times", "times has other fields; give at_least, at_most or both, or one integer")
    least = 0 if times.get("at_least") is None else _count(times["at_least"])
    most = None if times.get("at_most") is None else _count(times["at_most"])
    if most is not None and most < least:
        raise ExpectationError("times", f"at_most {most} lies below at_least {least}; no count can be both")
    return least, most


def _count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= _LARGEST:
        raise ExpectationError("times", f"times counts requests; give integers from 0 to {_LARGEST}")
    return value


def _agrees(name: str, wanted: object, verdict: Verdict) -> bool:
    value = _value(name, verdict)
    if name == "route" and isinstance(wanted, str) and wanted.endswith("*"):
        return verdict.route.startswith(wanted[:-1])
    if name == "mistake":
        return isinstance(value, tuple) and wanted in value
    return value == wanted


def _value(name: str, verdict: Verdict) -> object:
    if name == "mistake":
        return verdict.diagnosis.mistakes if verdict.diagnosis is not None else ()
    return getattr(verdict, name)


def _shown(value: object) -> str:
    if isinstance(value, tuple):
        return " and ".join(str(item) for item in value) or "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    return "none" if value is None or value == "" else str(value)


def _bounds(expectation: Expectation) -> str:
    least, most = expectation.at_least, expectation.at_most
    if most is None:
        return f"at least {least}"
    if least == most:
        return f"exactly {least}"
    return f"between {least} and {most}" if least else f"at most {most}"
