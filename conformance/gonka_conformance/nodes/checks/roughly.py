"""What is rough on a node: bodies over the limit, bodies that break off, many requests at once (`--rude`)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from gonka_conformance.checks import NotApplicable, fail
from gonka_conformance.nodes.asking import Request
from gonka_conformance.nodes.drafts import CHAT
from gonka_conformance.nodes.generations import Due, Dues
from gonka_conformance.nodes.judging import classic, require, rude
from gonka_conformance.nodes.subject import NodeSubject
from gonka_conformance.nodes.survey import Survey

from .listing import NODE_CHECKS

_LIMIT: Final = 10 * 2**20
_AT_ONCE: Final = 40
_PATIENCE_S: Final = 600.0
"""Twenty megabytes over a slow line."""
_JSON: Final = (("Content-Type", "application/json"),)


@NODE_CHECKS.add(
    "body-limit",
    "A body over 10 MiB is refused, with a declared length and without one, and with the node's words for each.",
    source="protocol.md §3.2, rows 0b and 1, §3.11",
    patience=_PATIENCE_S,
)
def body_limit(subject: NodeSubject) -> None:
    survey = classic(subject)
    rude(subject)
    limits = survey.generation.body_limit
    if limits is None:
        raise NotApplicable(f"{survey.generation.name} reads a body of any length")
    for chunked, due in zip((False, True), limits, strict=True):
        _require_limit(survey, due, chunked)


def _require_limit(survey: Survey, due: Dues, chunked: bool) -> None:
    answer = survey.asker.ask(Request("POST", CHAT, _JSON, b" " * (_LIMIT + 1), chunked=chunked))
    # A proxy in front may have a limit of its own, and refuses with a page (row 0a).
    if answer.status == 413 and answer.json() is None:
        return
    require(answer, due, f"{_LIMIT + 1} bytes {'in chunks' if chunked else 'with their length'}")


@NODE_CHECKS.add(
    "many-at-once",
    f"{_AT_ONCE} requests at once are each answered as one alone is.",
    source="protocol.md §3.2, §3.8",
)
def many_at_once(subject: NodeSubject) -> None:
    survey = classic(subject)
    rude(subject)
    due = survey.generation.due("json")
    # A proxy's own limits may turn some away (§3.8).
    limited = (*due, Due(503), Due(429))
    requests = [Request("POST", CHAT, _JSON, b"{")] * _AT_ONCE
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        answers = list(pool.map(survey.asker.ask, requests))
    for answer in answers:
        require(answer, limited, f"one of {_AT_ONCE} requests at once")
    if not any(each.fits(answer) for answer in answers for each in due):
        fail(f"none of {_AT_ONCE} requests at once was answered as one alone is")
