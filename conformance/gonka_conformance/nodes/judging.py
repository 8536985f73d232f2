"""What checks say with: whether one applies, and whether an answer is the one that is due."""

from __future__ import annotations

from typing import Any, NoReturn

from gonka_conformance.checks import NotApplicable, fail

from .asking import Answer
from .generations import Dues
from .subject import NodeSubject
from .survey import Survey


def classic(subject: NodeSubject, *, wants: bool = True, what: str = "this") -> Survey:
    """The survey of a node that takes signed requests. Raises `NotApplicable` for another, and where not `wants`."""
    survey = subject.survey
    if survey.generation.kind != "classic":
        raise NotApplicable(f"{survey.generation.name} takes no signed requests")
    if not wants:
        raise NotApplicable(f"{survey.generation.name} does not have {what}")
    return survey


def with_row(subject: NodeSubject, row: str) -> Survey:
    """The survey of a node whose generation has that row and gets as far as it."""
    survey = classic(subject)
    if row not in survey.generation.rows:
        raise NotApplicable(f"{survey.generation.name} does not make this check")
    if survey.closed is not None and _behind_gates(survey, row):
        raise NotApplicable(survey.closed)
    return survey


def _behind_gates(survey: Survey, row: str) -> bool:
    rows = survey.generation.rows
    return rows.index(row) >= rows.index("authorization")


def heard(subject: NodeSubject) -> Survey:
    """The survey of a node that can judge the signatures of the developer."""
    survey = classic(subject)
    if survey.unheard is not None:
        raise NotApplicable(survey.unheard)
    return survey


def billed(subject: NodeSubject) -> None:
    """Raise `NotApplicable` unless requests may be computed and billed."""
    if not subject.paid:
        raise NotApplicable("it would be computed and billed; allow that with --paid")


def rude(subject: NodeSubject) -> None:
    """Raise `NotApplicable` unless the node may be treated roughly."""
    if not subject.rude:
        raise NotApplicable("it is rough on the node and its network; allow that with --rude")


def served_model(survey: Survey) -> str:
    """A model that is served. Raises `NotApplicable` where none is known."""
    if survey.model is None:
        raise NotApplicable("no model is known; name one that the node serves with --model")
    return survey.model


def wrong(answer: Answer, evidence: str) -> NoReturn:
    """Fail with what was seen; request and answer go into the details."""
    fail(evidence, request=answer.request.shown, answer=answer.shown)


def require(answer: Answer, dues: Dues, what: str) -> None:
    """Fail unless the answer is one of those that are due."""
    if not any(due.fits(answer) for due in dues):
        wrong(answer, f"{what}: it answered {answer.words} where {' or '.join(map(str, dues))} is due")


def require_document(answer: Answer, what: str, status: int = 200) -> dict[str, Any]:
    """The JSON object of an answer with that status; fails for any other."""
    document = answer.json()
    if answer.status != status or not isinstance(document, dict):
        wrong(answer, f"{what}: it answered {answer.words} where {status} with a JSON object is due")
    return document


def require_field(answer: Answer, document: Any, name: str, kind: type | tuple[type, ...], where: str) -> Any:
    """The value under a name, of that type; fails where it is not there or of another."""
    value = document.get(name) if isinstance(document, dict) else None
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is int):
        wrong(answer, f"{where}: {name!r} is {_spoken(value)}")
    return value


def _spoken(value: object) -> str:
    return "missing or null" if value is None else f"{type(value).__name__} {str(value)[:60]!r}"
