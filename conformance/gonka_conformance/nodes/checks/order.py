"""The order of the steps: of two defects in one request, the earlier step answers (`protocol.md` §3.2)."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

from gonka_conformance.checks import NotApplicable, fail
from gonka_conformance.nodes.asking import Answer
from gonka_conformance.nodes.developer import Developer
from gonka_conformance.nodes.drafts import Draft, chat_payload, encoded
from gonka_conformance.nodes.judging import classic
from gonka_conformance.nodes.subject import NodeSubject
from gonka_conformance.nodes.survey import NO_MODEL, Survey

from .accounts import escrow_of_most
from .listing import NODE_CHECKS

_MOST_TOKENS: Final = 2**31 - 1
_PATIENCE_S: Final = 600.0
"""Some sixty requests, one after the other: a node may be far away."""


@dataclass
class _Plan:
    """A request with defects, before it is written down. Old and for no model, so that nobody computes it."""

    survey: Survey
    payload: dict[str, Any]
    bytes_missing: int = 0
    changes: dict[str, Any] = field(default_factory=dict)

    def draft(self) -> Draft:
        body = encoded(self.payload)
        whole = self.survey.draft(body[: len(body) - self.bytes_missing], self.survey.stale_ns)
        return replace(whole, **self.changes)


def _break_json(plan: _Plan) -> None:
    plan.bytes_missing = 1


def _name_provider(plan: _Plan) -> None:
    other = Developer.unknown().address
    plan.changes |= {"provider": other, "more": (("X-Transfer-Address", other),)}


def _sign_other_bytes(plan: _Plan) -> None:
    plan.changes |= {"signed_body": b"other bytes"}


_DEFECTS: Final[Mapping[str, Callable[[_Plan], None]]] = {
    "json": _break_json,
    "messages": lambda plan: plan.payload.update(messages=[]),
    "provider-allowed": _name_provider,
    "authorization": lambda plan: plan.changes.update(authorization=""),
    "model": lambda plan: plan.payload.update(model=""),
    "message-shape": lambda plan: plan.payload.update(messages=[{"role": "user", "content": " "}]),
    "account": lambda plan: plan.changes.update(requester=Developer.unknown().address),
    "signature": _sign_other_bytes,
    "model-served": lambda plan: None,
    "balance": lambda plan: plan.payload.update(max_tokens=_MOST_TOKENS),
    "timestamp": lambda plan: None,
}
"""How a row is provoked; what every plan has already needs nothing."""


@NODE_CHECKS.add(
    "order",
    "Of two defects the earlier row of the generation's order answers, for every pair that can be provoked.",
    source="protocol.md §3.2, §3.11",
    patience=_PATIENCE_S,
)
def order(subject: NodeSubject) -> None:
    survey = classic(subject)
    if survey.closed is not None:
        raise NotApplicable(survey.closed)
    rows = _provokable(subject)
    disorders = [found for pair in itertools.combinations(rows, 2) for found in _disorder(survey, *pair)]
    if disorders:
        words = "; ".join(text for text, _ in disorders[:5])
        last = disorders[0][1]
        fail(f"{len(disorders)} pairs: {words}", request=last.request.shown, answer=last.shown)


def _disorder(survey: Survey, earlier: str, later: str) -> Iterator[tuple[str, Answer]]:
    """What is wrong about the answer to a request with both defects; nothing where the earlier one answers."""
    served = {"balance", "timestamp"} & {earlier, later} and "model-served" not in (earlier, later)
    model = survey.model if served and survey.model else NO_MODEL
    plan = _Plan(survey, chat_payload(model))
    # The wrong provider comes last, so that the signature is the one for it unless that is the other defect.
    for row in (later, earlier):
        _DEFECTS[row](plan)
    answer = survey.send(plan.draft())
    if not any(due.fits(answer) for due in survey.generation.due(earlier)):
        yield f"with a defect in {earlier} and one in {later} it answered {answer.words}", answer


def _provokable(subject: NodeSubject) -> list[str]:
    """The rows that a request to this node can provoke."""
    survey = subject.survey
    rows = [row for row in survey.generation.rows if row in _DEFECTS]
    if survey.unheard is not None:
        rows = rows[: rows.index("signature")]
    if not survey.allowed:
        rows = [row for row in rows if row != "provider-allowed"]
    if "balance" in rows and not _is_poor(subject):
        rows.remove("balance")
    if survey.model is None and "timestamp" in rows and survey.generation.serves_before_time:
        rows.remove("timestamp")
    return rows


def _is_poor(subject: NodeSubject) -> bool:
    """Whether the largest escrow is more than the account has."""
    escrow, owned = escrow_of_most(subject), subject.survey.balance
    return escrow is not None and owned is not None and owned < escrow


@NODE_CHECKS.add(
    "allow-list",
    "A provider that is not on the chain's list is refused with 403, also where nothing authorizes the request.",
    source="protocol.md §3.2, row 4, §3.9",
)
def allow_list(subject: NodeSubject) -> None:
    survey = classic(subject)
    if "provider-allowed" not in survey.generation.rows:
        raise NotApplicable(f"{survey.generation.name} has no allow-list")
    if not survey.allowed:
        raise NotApplicable("the chain's list is empty, or the node does not show it")
    for what, defects in {
        "a provider that is not on the list": ("provider-allowed",),
        "the same without Authorization": ("authorization", "provider-allowed"),
    }.items():
        plan = _Plan(survey, chat_payload(NO_MODEL))
        for row in defects:
            _DEFECTS[row](plan)
        answer = survey.send(plan.draft())
        if not any(due.fits(answer) for due in survey.generation.due("provider-allowed")):
            fail(f"{what}: it answered {answer.words}", request=answer.request.shown, answer=answer.shown)
