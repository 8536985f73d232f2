"""What is chosen: a candidate, whoever they are, however they are given, and whatever was reported."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final

from gonka_conformance.checks import fail
from gonka_core.interfaces import Selector
from gonka_core.types import Endpoint, Outcome, SelectionContext

from .asking import ANSWERED, FIRST_ATTEMPT, UNREACHABLE, choose, copies, endpoints, in_use
from .listed import SELECTOR_CHECKS
from .subject import SelectorSubject

_PROTOCOL: Final = "the Selector protocol"
_THOUSANDS: Final = 4000


@SELECTOR_CHECKS.add(
    "candidate", "What `select` returns is one of the candidates, of one as of many.", source=_PROTOCOL
)
def candidate(subject: SelectorSubject) -> None:
    for size in (1, 2, 3, 5, 8, 20):
        for selector in (subject.factory(), in_use(subject.factory)):
            for _ in range(3 * size):
                choose(selector, endpoints(size), where=f"of {size}, ")


@SELECTOR_CHECKS.add(
    "many", f"It chooses among {_THOUSANDS:,} candidates as among few.", source=_PROTOCOL, patience=30.0
)
def many(subject: SelectorSubject) -> None:
    selector = subject.factory()
    for _ in range(20):
        selector.report(choose(selector, endpoints(_THOUSANDS)), ANSWERED)


@SELECTOR_CHECKS.add(
    "exclusion",
    "An endpoint that is no candidate any more is not returned, however often it was chosen and answered.",
    source="the Selector protocol, docs/selection.md",
)
def exclusion(subject: SelectorSubject) -> None:
    selector, everybody = subject.factory(), endpoints(6)
    for left in (list(everybody), list(reversed(everybody))):
        while left:
            chosen = choose(selector, tuple(left), where="after others had left, ")
            selector.report(chosen, ANSWERED)
            left.remove(chosen)
    for size in (1, 6, 2, 5):
        choose(selector, endpoints(size, start=3), where="after others had come back, ")


class _Line(Sequence[Endpoint]):
    """The least that is a sequence: a length, and places that are numbers."""

    def __init__(self, members: Sequence[Endpoint]) -> None:
        self._members = tuple(members)

    def __len__(self) -> int:
        return len(self._members)

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, slice):
            raise TypeError("this sequence cannot be sliced")
        return self._members[place]


@SELECTOR_CHECKS.add(
    "shapes", "Candidates may come as a tuple, a list or any other sequence, in any order.", source=_PROTOCOL
)
def shapes(subject: SelectorSubject) -> None:
    selector, orders = subject.factory(), random.Random(1)  # noqa: S311 - a fixed choice of orders
    for make in (tuple, list, _Line):
        for size in (1, 2, 7, 40):
            given = list(endpoints(size))
            orders.shuffle(given)
            choose(selector, make(given), where=f"given a {make.__name__.strip('_').lower()}, ")


@SELECTOR_CHECKS.add(
    "unchanged", "`select` leaves the candidates as they are: none is added, taken away or moved.", source=_PROTOCOL
)
def unchanged(subject: SelectorSubject) -> None:
    selector = in_use(subject.factory)
    for size in (1, 2, 5, 9):
        before = list(reversed(endpoints(size)))
        given = list(before)
        for _ in range(size + 1):
            selector.select(given, FIRST_ATTEMPT)
            if given != before:
                how = "its order changed" if set(given) == set(before) else f"{len(given)} left"
                fail(f"the list of {size} candidates was another after `select`: {how}")


@SELECTOR_CHECKS.add(
    "equal-endpoints",
    "An endpoint is known by URL, provider and key: a new object that equals an old one is the same endpoint.",
    source="the Selector protocol, Endpoint",
)
def equal_endpoints(subject: SelectorSubject) -> None:
    selector = subject.factory()
    for _ in range(20):
        given = copies(endpoints(5))
        chosen = choose(selector, given, where="of new objects, ")
        selector.report(copies([chosen])[0], ANSWERED)


_CONTEXTS: Final[Mapping[str, SelectionContext]] = MappingProxyType(
    {
        "the first attempt": FIRST_ATTEMPT,
        "attempt 2": SelectionContext(2),
        "attempt 1000": SelectionContext(1000),
        "a model": SelectionContext(1, "some/Model-8B"),
        "an affinity": SelectionContext(1, None, "conversation-42"),
        "an empty affinity": SelectionContext(1, "", ""),
        "an affinity in other scripts": SelectionContext(3, "m", "разговор 会話 💬"),
        "an affinity that is no UTF-8": SelectionContext(1, "m", "\ud800\x00"),
        "a long affinity": SelectionContext(1, "m", "x" * 100_000),
    }
)


@SELECTOR_CHECKS.add(
    "context",
    "Every context is accepted: any number of the attempt, no model, no affinity, any text.",
    source="the Selector protocol, SelectionContext",
)
def context(subject: SelectorSubject) -> None:
    selector = subject.factory()
    for name, each in _CONTEXTS.items():
        for size in (1, 4):
            try:
                choose(selector, endpoints(size), each)
            except (TypeError, ValueError, AttributeError, LookupError) as error:
                fail(f"for {name} it raised {type(error).__name__}: {str(error)[:100]}")


@SELECTOR_CHECKS.add(
    "reports",
    "Reports are accepted in any order: before a choice, twice, late, and about endpoints that never were candidates.",
    source=_PROTOCOL,
)
def reports(subject: SelectorSubject) -> None:
    selector, strangers = subject.factory(), endpoints(3, start=100)
    for stranger in strangers:
        _tell(selector, stranger, ANSWERED, "before any choice, about an endpoint that never was a candidate")
    chosen = [choose(selector, endpoints(4)) for _ in range(4)]
    for endpoint in reversed(chosen):
        for _ in range(2):
            _tell(selector, endpoint, UNREACHABLE, "late and twice")
    others = endpoints(4, start=50)
    choose(selector, others, where="after these reports, ")
    for endpoint in chosen:
        _tell(selector, endpoint, ANSWERED, "about an endpoint that has left")
    choose(selector, others, where="after these reports, ")


_OUTCOMES: Final[Mapping[str, Outcome]] = MappingProxyType(
    {
        "an answer": ANSWERED,
        "an answer at once": Outcome(200, 0.0),
        "an answer after a day": Outcome(200, 86_400.0),
        "no answer": UNREACHABLE,
        "an answer whose stream failed": Outcome(200, 0.5, "StreamFailedError"),
        "a refusal": Outcome(400, 0.1, "PayloadRejectedError"),
        "too many requests": Outcome(429, 0.1, "RateLimitedError"),
        "an error of the server without a name": Outcome(503, 0.1),
        "an error that is not the core's": Outcome(None, 0.1, "SomebodysOwnError"),
        "a status that is none": Outcome(999, 0.1),
    }
)


@SELECTOR_CHECKS.add(
    "outcomes",
    "Every outcome is accepted: no status, any status, no time or much, errors of other people.",
    source="the Selector protocol, Outcome",
)
def outcomes(subject: SelectorSubject) -> None:
    selector = subject.factory()
    for name, outcome in _OUTCOMES.items():
        for endpoint in endpoints(3):
            _tell(selector, endpoint, outcome, f"of {name}")
        for _ in range(3):
            choose(selector, endpoints(3), where=f"after the report of {name}, ")


@SELECTOR_CHECKS.add(
    "empty",
    "No candidates, which the contract rules out, are answered with an exception, and the selector goes on working.",
    source=_PROTOCOL,
    patience=3.0,
)
def empty(subject: SelectorSubject) -> None:
    for selector in (subject.factory(), in_use(subject.factory)):
        for make in (tuple, list):
            try:
                chosen: object = selector.select(make(), FIRST_ATTEMPT)
            except Exception:  # noqa: BLE001, S112 - any exception refuses
                continue
            fail(f"where there was nobody to choose it returned {type(chosen).__name__}")
        choose(selector, endpoints(3), where="after it had refused an empty list, ")


def _tell(selector: Selector, endpoint: Endpoint, outcome: Outcome, which: str) -> None:
    try:
        selector.report(endpoint, outcome)
    except Exception as error:  # noqa: BLE001 - whatever it raises is held against it
        fail(f"a report {which} raised {type(error).__name__}: {error}")
