"""What a selector keeps: its own, for all threads, within bounds, and no key."""

from __future__ import annotations

import gc
import pickle
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from gonka_conformance.checks import NotApplicable, fail
from gonka_conformance.leaks import WINDOW, spelling
from gonka_conformance.races import turn_at_every_line
from gonka_core.interfaces import Selector
from gonka_core.types import Endpoint, SelectionContext

from .asking import ANSWERED, UNREACHABLE, choose, chosen_in_a_row, endpoints
from .listed import SELECTOR_CHECKS
from .subject import SelectorSubject

_ROUNDS: Final = 4
_THREADS: Final = 8
_FRESH: Final = 40
_IN_A_ROW: Final = 8
_WARMING: Final = 10_000
_PASSING: Final = 40_000
_API_KEY: Final = "sk-a-key-of-the-kit-that-opens-nothing-7f3c91d2"


@SELECTOR_CHECKS.add(
    "own-state",
    "A factory makes a new selector each time; what one chose or learnt moves no other.",
    source="SelectorPlugin",
)
def own_state(subject: SelectorSubject) -> None:
    first, second = subject.factory(), subject.factory()
    if first is second:
        fail("the factory returned the same object twice")
    ours, theirs = endpoints(4), endpoints(4, start=4)
    for _ in range(16):
        first.report(choose(first, ours, where="with two selectors in use, "), UNREACHABLE)
        choose(second, theirs, where="with two selectors in use, ")
    # Who chooses by chance, or once for itself, does not do the same so often (chance: 4⁻³⁹), and cannot be compared.
    alone = [chosen_in_a_row(subject.factory(), ours, _IN_A_ROW) for _ in range(_FRESH)]
    if all(chosen == alone[0] for chosen in alone) and _beside_another(subject) != alone[0]:
        fail("what it chose first was another when a second selector was in use")


def _beside_another(subject: SelectorSubject) -> list[int]:
    watched, other = subject.factory(), subject.factory()
    chosen: list[int] = []
    for _ in range(_IN_A_ROW):
        other.report(choose(other, endpoints(4)), UNREACHABLE)
        chosen += chosen_in_a_row(watched, endpoints(4), 1)
    return chosen


@SELECTOR_CHECKS.add(
    "threads",
    f"{_THREADS} threads that choose and report through one selector get candidates, and no exception.",
    source="the Selector protocol",
    patience=60.0,
)
def threads(subject: SelectorSubject) -> None:
    _require_no_error("at full speed", _shared_by_threads(subject.factory(), nullcontext, 400))
    # A race that is there shows in most rounds, not in each.
    for _ in range(_ROUNDS):
        _require_no_error("line by line", _shared_by_threads(subject.factory(), turn_at_every_line, 12))


def _require_no_error(way: str, raised: list[BaseException]) -> None:
    if raised:
        fail(f"{way}, {len(raised)} of {_THREADS} threads ended in {type(raised[0]).__name__}: {raised[0]}")


def _shared_by_threads(
    selector: Selector, turns: Callable[[], AbstractContextManager[None]], times: int
) -> list[BaseException]:
    start, raised = threading.Barrier(_THREADS), list[BaseException]()

    def work(number: int) -> None:
        try:
            start.wait(timeout=30)
            with turns():
                for turn in range(times):
                    _use(selector, number, turn)
        except BaseException as error:  # noqa: BLE001 - whatever it raises is held against it
            raised.append(error)

    # Daemons: threads that a selector has locked for good keep no program from ending.
    workers = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(_THREADS)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return raised


def _use(selector: Selector, number: int, turn: int) -> None:
    """Each thread has another number of candidates, and reports an endpoint that none has heard of as well."""
    chosen = choose(selector, endpoints(1 + (number + turn) % _THREADS))
    selector.report(chosen, ANSWERED if turn % 3 else UNREACHABLE)
    selector.report(endpoints(_THREADS, start=1000 + _THREADS * turn)[number], ANSWERED)


@SELECTOR_CHECKS.add(
    "bounded",
    f"Endpoints and affinities that come and go take a bounded memory: {_PASSING:,} after the first {_WARMING:,} none.",
    source="docs/selection.md",
)
def bounded(subject: SelectorSubject) -> None:
    if not hasattr(sys, "getallocatedblocks"):
        raise NotApplicable("this Python does not say how many blocks of memory are in use")
    selector = subject.factory()
    _meet(selector, range(_WARMING))
    before = _blocks()
    _meet(selector, range(_WARMING, _WARMING + _PASSING))
    kept = _blocks() - before
    # Whoever keeps one thing for each endpoint takes a block for each at least; other threads take some as well.
    if kept > _PASSING // 4:
        fail(f"after {_PASSING:,} more endpoints it holds {kept:,} more blocks of memory: it forgets nothing")


def _meet(selector: Selector, numbers: range) -> None:
    companion = endpoints(1)[0]
    for number in numbers:
        passing = Endpoint.broker(f"http://passing-{number}.invalid/v1", _API_KEY)
        selector.select((passing, companion), SelectionContext(1, "m", f"conversation-{number}"))
        selector.report(passing, ANSWERED)


def _blocks() -> int:
    gc.collect()
    return sys.getallocatedblocks()


@SELECTOR_CHECKS.add(
    "pickle",
    "Pickling is refused, or brings back a selector that chooses a candidate.",
    source="docs/selection.md",
)
def pickled(subject: SelectorSubject) -> None:
    for written in _pickles(_met_a_broker(subject)):
        back: Selector = pickle.loads(written)  # noqa: S301 - it was written a line ago
        for size in (1, 3):
            back.report(choose(back, endpoints(size), where="after pickling, "), ANSWERED)


@SELECTOR_CHECKS.add(
    "no-key-shown",
    f"`repr`, `str` and what pickle writes show no {WINDOW} consecutive bytes of the API key of a broker.",
    source="protocol.md §11.3; §14, client rule 7",
)
def no_key_shown(subject: SelectorSubject) -> None:
    selector = _met_a_broker(subject)
    shown: dict[str, str | bytes] = {"repr": repr(selector), "str": str(selector)}
    shown |= {f"pickle {number}": written for number, written in enumerate(_pickles(selector))}
    for where, text in shown.items():
        form = spelling(text, _API_KEY.encode("ascii"))
        if form:
            fail(f"{where}: it shows the API key of a broker ({form})")


def _met_a_broker(subject: SelectorSubject) -> Selector:
    selector, broker = subject.factory(), Endpoint.broker("http://broker.invalid/v1", _API_KEY)
    for candidates in ((broker,), (broker, *endpoints(2))):
        choose(selector, candidates)
        selector.report(broker, ANSWERED)
    return selector


def _pickles(selector: Selector) -> Iterator[bytes]:
    """What each protocol writes, where it does not refuse."""
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        try:
            yield pickle.dumps(selector, protocol)
        except Exception:  # noqa: BLE001, S112 - a refusal of any kind is one
            continue
