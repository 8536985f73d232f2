"""Whom the checks let a selector choose among, and the answer that every check demands: one of the candidates."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import cache
from typing import Final

from gonka_conformance import vectors
from gonka_conformance.checks import fail
from gonka_core.hookspecs import SelectorFactory
from gonka_core.interfaces import Selector
from gonka_core.types import Endpoint, Outcome, SelectionContext

FIRST_ATTEMPT: Final = SelectionContext(1)
ANSWERED: Final = Outcome(200, 0.25)
UNREACHABLE: Final = Outcome(None, 0.001, "ConnectError")


@cache
def endpoints(count: int, start: int = 0) -> tuple[Endpoint, ...]:
    """Different endpoints, which take signed requests."""
    provider = vectors.addresses()[0].address
    return tuple(Endpoint(f"http://node-{number}.invalid/v1", provider) for number in range(start, start + count))


def weighing(*weights: int) -> tuple[Endpoint, ...]:
    """An endpoint for each weight; equal to those that `endpoints` has in these places."""
    return tuple(replace(each, weight=weight) for each, weight in zip(endpoints(len(weights)), weights, strict=True))


def copies(originals: Iterable[Endpoint]) -> list[Endpoint]:
    """New objects that equal the originals, as they come from every look at the network."""
    return [replace(original) for original in originals]


def choose(
    selector: Selector, candidates: Sequence[Endpoint], context: SelectionContext = FIRST_ATTEMPT, where: str = ""
) -> Endpoint:
    """What the selector chooses, which has to be one of the candidates or to equal one."""
    chosen: object = selector.select(candidates, context)
    if not isinstance(chosen, Endpoint):
        fail(f"{where}it returned {type(chosen).__name__} instead of an endpoint")
    if chosen not in candidates:
        fail(f"{where}it returned {chosen.url}, which is not among the candidates ({len(candidates)})")
    return chosen


def chosen_in_a_row(selector: Selector, candidates: Sequence[Endpoint], times: int) -> list[int]:
    """The places among the candidates of so many choices."""
    places = {endpoint: place for place, endpoint in enumerate(candidates)}
    return [places[choose(selector, candidates)] for _ in range(times)]


def in_use(factory: SelectorFactory) -> Selector:
    """A selector that has chosen and heard of answers and failures already."""
    selector = factory()
    for number, endpoint in enumerate(endpoints(6)):
        choose(selector, endpoints(6))
        selector.report(endpoint, ANSWERED if number % 2 else UNREACHABLE)
    return selector
