"""Checks of many calls together: each signed anew, at its own instant, and really made."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gonka_conformance.checks import NotApplicable, fail

from .judge import require_distinct, require_signed, timestamp
from .listed import CLIENT_CHECKS
from .outcome import json_lines, require_answered, shown
from .subject import ClientSubject
from .transcript import Run, Sent

_DRIFT_NS: Final = 1_000_000_000


@CLIENT_CHECKS.add(
    "many",
    "Many calls in one process are all answered.",
    source="protocol.md §3",
)
def many(subject: ClientSubject) -> None:
    require_answered(subject.transcript("many"))


@CLIENT_CHECKS.add(
    "unique",
    "Timestamps are unique, and so are signatures: a node refuses one that it has seen.",
    source="protocol.md §3.7",
)
def unique(subject: ClientSubject) -> None:
    require_distinct(subject.transcript("many"))


@CLIENT_CHECKS.add(
    "scheme-learned",
    "The scheme that a node verifies is found out once, not for every call.",
    source="protocol.md §1.2",
)
def scheme_learned(subject: ClientSubject) -> None:
    transcript = subject.transcript("many")
    refused = sum(sent.status == 401 for sent in transcript.calls)
    if refused > 1:
        fail(f"{refused} of {len(transcript.calls)} requests were refused with 401; one is enough to learn from")


@CLIENT_CHECKS.add(
    "burst",
    "Calls at the same time are made at the same time, each with a timestamp and a signature of its own.",
    source="protocol.md §3.7",
)
def burst(subject: ClientSubject) -> None:
    transcript = subject.transcript("burst")
    require_distinct(transcript)
    require_answered(transcript)
    require_signed(transcript)
    if (together := _most_together(transcript.calls)) < 2:
        fail(f"never more than {together} request was under way where {transcript.task.parallel} were asked for")


@CLIENT_CHECKS.add(
    "fresh",
    "Each request is stamped when it is made, not when the program starts.",
    source="protocol.md §3.5, §14 client rule 2",
)
def fresh(subject: ClientSubject) -> None:
    transcript = subject.transcript("slow")
    require_answered(transcript)
    ages = [sent.arrived_ns - (timestamp(sent) or 0) for sent in transcript.calls]
    if max(ages) - min(ages) > _DRIFT_NS:
        seconds = (max(ages) - min(ages)) / 1e9
        fail(f"between calls {seconds:.1f} s went by that their timestamps do not show: they are taken beforehand")


@CLIENT_CHECKS.add(
    "json-lines",
    'Each call is a line of JSON: `{"ok":true,"text":…}`, or `{"ok":false,"error":…}`.',
    source="docs/client-exam.md",
    claim="json-lines",
)
def printed_lines(subject: ClientSubject) -> None:
    for name in ("plain", "many") if "count" in subject.claims else ("plain",):
        transcript = subject.transcript(name)
        if not transcript.runs:
            raise NotApplicable("no program ran that could print")
        for run in transcript.runs:
            _require_lines(run, transcript.task.count)


def _require_lines(run: Run, calls: int) -> None:
    lines = list(json_lines(run))
    good = [line for line in lines if line is not None]
    if len(lines) != calls or len(good) != calls:
        fail(f"{len(lines)} lines, of which {len(good)} are JSON objects, for {calls} calls", stdout=shown(run.stdout))
    odd = next((line for line in good if not _is_answer(line)), None)
    if odd is not None:
        members = ", ".join(sorted(odd))
        fail(f"a line has {members} instead of ok with text or error", stdout=shown(run.stdout))


def _is_answer(line: dict[str, object]) -> bool:
    return isinstance(line.get("text" if line.get("ok") is True else "error"), str) and isinstance(line.get("ok"), bool)


def _most_together(requests: Sequence[Sent]) -> int:
    """How many requests were under way at one instant."""
    events = [(sent.arrived_ns, 1) for sent in requests]
    events += [(sent.answered_ns, -1) for sent in requests if sent.answered_ns is not None]
    under_way = most = 0
    for _, change in sorted(events):
        under_way += change
        most = max(most, under_way)
    return most
