"""The window of timestamps around block time (`protocol.md` §3.5)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from gonka_conformance.nodes.blocktime import Instant
from gonka_conformance.nodes.drafts import chat_payload, encoded
from gonka_conformance.nodes.generations import Due, Dues
from gonka_conformance.nodes.judging import billed, heard, require, served_model
from gonka_conformance.nodes.subject import NodeSubject
from gonka_conformance.nodes.survey import NO_MODEL, Survey

from .listing import NODE_CHECKS

_NS: Final = 10**9
_HOUR_NS: Final = 3600 * _NS
_ACCEPTED: Final[Dues] = (Due(200),)


@dataclass(frozen=True, slots=True)
class Edges:
    """Timestamps at the edges of the window: the last that are surely inside, and the first that are surely outside."""

    oldest_inside: int
    newest_inside: int
    too_old: int
    in_future: int


def edges(now: Instant, expiration_s: int, advance_s: int) -> Edges:
    """Exact where block time stands still; with a margin to either side where it is only known about.

    In a window that is narrower than the margin, what is surely inside is the instant itself.
    """
    oldest, newest = now.time_ns - expiration_s * _NS, now.time_ns + advance_s * _NS
    outside = now.margin_ns or 1
    return Edges(
        min(oldest + now.margin_ns, now.time_ns),
        max(newest - now.margin_ns, now.time_ns),
        oldest - outside,
        newest + outside,
    )


def _edges(survey: Survey) -> tuple[Edges, str]:
    now = survey.now()
    return edges(now, *survey.window_s), f"(block time {now.time_ns} from {now.source})"


def _require_refusals(survey: Survey, stamps: dict[int, tuple[str, str]]) -> None:
    """Each timestamp is refused with its words; in a payload that could be served, which comes behind the time."""
    model = served_model(survey)
    for stamp, (words, what) in stamps.items():
        answer = survey.send(survey.draft(encoded(chat_payload(model)), stamp))
        require(answer, (Due(400, words),), f"a timestamp {what}")


@NODE_CHECKS.add(
    "timestamp",
    "A timestamp far outside the window is refused with 400 and the words for its side.",
    source="protocol.md §3.5",
)
def timestamp(subject: NodeSubject) -> None:
    survey = heard(subject)
    generation, now = survey.generation, survey.now().time_ns
    _require_refusals(
        survey,
        {
            now - _HOUR_NS: (generation.too_old, "an hour old"),
            now // 10**6: (generation.too_old, "in milliseconds"),
            0: (generation.too_old, "of 0, which is not signed"),
            now + _HOUR_NS: (generation.in_future, "an hour ahead"),
        },
    )


@NODE_CHECKS.add(
    "window-outside",
    "A timestamp just outside the window around block time is refused; to the nanosecond where time stands still.",
    source="protocol.md §3.5",
)
def window_outside(subject: NodeSubject) -> None:
    survey = heard(subject)
    found, of = _edges(survey)
    old, new = survey.window_s
    _require_refusals(
        survey,
        {
            found.too_old: (survey.generation.too_old, f"just over {old} s old {of}"),
            found.in_future: (survey.generation.in_future, f"just over {new} s ahead {of}"),
        },
    )


@NODE_CHECKS.add(
    "window-inside",
    "A timestamp at the edge of the window is taken: equality is inside, where block time stands still.",
    source="protocol.md §3.5",
)
def window_inside(subject: NodeSubject) -> None:
    survey = heard(subject)
    free = not survey.generation.serves_before_time
    if not free:
        billed(subject)
    found, of = _edges(survey)
    old, new = survey.window_s
    # Older generations look for the model last: for one that no node has, they show that the time was right at no cost.
    model = NO_MODEL if free else served_model(survey)
    due = survey.generation.due("executor") if free else _ACCEPTED
    for stamp, what in ((found.oldest_inside, f"{old} s old {of}"), (found.newest_inside, f"{new} s ahead {of}")):
        answer = survey.send(survey.draft(encoded(chat_payload(model)), stamp))
        require(answer, due, f"a timestamp {what}")


@NODE_CHECKS.add(
    "unknown-model",
    "A request that is right in all but its model is refused: 404 from v0.2.12 on, 500 before.",
    source="protocol.md §3.2, rows 12 and 18",
)
def unknown_model(subject: NodeSubject) -> None:
    survey = heard(subject)
    row = "model-served" if survey.generation.serves_before_time else "executor"
    answer = survey.send(survey.draft(encoded(chat_payload(NO_MODEL)), survey.now().time_ns))
    require(answer, survey.generation.due(row), "a model that no node has")
