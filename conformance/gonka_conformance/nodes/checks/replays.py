"""A signature is good for one request: what a node remembers, and how it knows it again (`protocol.md` §3.7)."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from gonka_conformance.nodes.developer import spelled, with_other_padding_bits
from gonka_conformance.nodes.drafts import Draft, chat_payload, encoded
from gonka_conformance.nodes.generations import Due, Dues
from gonka_conformance.nodes.judging import billed, heard, require, served_model
from gonka_conformance.nodes.subject import NodeSubject
from gonka_conformance.nodes.survey import NO_MODEL, Survey

from .listing import NODE_CHECKS

_ACCEPTED: Final[Dues] = (Due(200),)


def _recorded(subject: NodeSubject, survey: Survey) -> tuple[Draft, Dues]:
    """A request that the node takes and remembers, and what it answers the first time.

    Up to v0.2.11 the model is looked for after that, so that one which no node has costs nothing.
    """
    model, dues = NO_MODEL, survey.generation.due("executor")
    if survey.generation.serves_before_time:
        billed(subject)
        model, dues = served_model(survey), _ACCEPTED
    draft = survey.draft(encoded(chat_payload(model)), survey.now().time_ns)
    return replace(draft, authorization=spelled(draft.developer.sign(draft.digest))), dues


@NODE_CHECKS.add(
    "replay",
    "A request that came through is refused when it comes again, whatever became of it.",
    source="protocol.md §3.7",
)
def replay(subject: NodeSubject) -> None:
    survey = heard(subject)
    draft, dues = _recorded(subject, survey)
    require(survey.send(draft), dues, "a new request")
    for time in ("the second", "the third"):
        require(survey.send(draft), survey.generation.due("replay"), f"the same request for {time} time")


@NODE_CHECKS.add(
    "replay-spelling",
    "It is the text of `Authorization` that a node remembers: the same signature in another spelling is new.",
    source="protocol.md §1.5, §3.7",
)
def replay_spelling(subject: NodeSubject) -> None:
    survey = heard(subject)
    draft, dues = _recorded(subject, survey)
    assert draft.authorization is not None
    require(survey.send(draft), dues, "a new request")
    again = replace(draft, authorization=with_other_padding_bits(draft.authorization))
    require(survey.send(again), dues, "the same signature with other spare bits")


@NODE_CHECKS.add(
    "replay-refused",
    "A request that was refused for its time is not remembered: it gets the same answer again.",
    source="protocol.md §3.2, row 16",
)
def replay_refused(subject: NodeSubject) -> None:
    survey = heard(subject)
    draft = survey.probe()
    spent = replace(draft, authorization=spelled(draft.developer.sign(draft.digest)))
    for time in ("first", "second"):
        require(survey.send(spent), survey.generation.past_signature, f"a stale request for the {time} time")
