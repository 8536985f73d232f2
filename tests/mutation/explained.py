"""Survivors that change nothing which could be observed, with the reason. Whatever else survives wants a test."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Final

from tests.mutation.session import ROOT, Mutant
from tests.mutation.subjects import SUBJECTS, Subject


@dataclass(frozen=True)
class Explained:
    """Mutants of one line of a subject by operators whose names begin like this, and why no test can tell."""

    subject: str
    line: str
    operators: tuple[str, ...]
    reason: str


EXPLAINED: Final = (
    Explained(
        "canonical",
        'head = body if checked(scheme) == "raw" else hashlib.sha256(body).hexdigest().encode("ascii")',
        ("ReplaceComparisonOperator_Eq_GtE",),
        "there are two schemes, and no other text is at or above the greater",
    ),
    Explained(
        "canonical",
        'if checked(scheme) == "hash":',
        ("ReplaceComparisonOperator_Eq_LtE",),
        "there are two schemes, and no other text is at or below the lesser",
    ),
)

_ANNOTATION: Final = "an annotation, which is never evaluated"


def reason_for(subject: Subject, mutant: Mutant) -> str | None:
    """Why the mutant cannot be noticed; None where it should be."""
    source = (ROOT / subject.path).read_text(encoding="utf-8")
    if _in_annotation(source, (mutant.line, mutant.column)):
        return _ANNOTATION
    line = source.splitlines()[mutant.line - 1].strip()
    return next((known.reason for known in EXPLAINED if _covers(known, subject, line, mutant.operator)), None)


def _covers(known: Explained, subject: Subject, line: str, operator: str) -> bool:
    return known.subject == subject.name and known.line == line and operator.startswith(known.operators)


def _in_annotation(source: str, place: tuple[int, int]) -> bool:
    """Whether a place (line, column) is inside of an annotation."""
    found = (
        annotation
        for node in ast.walk(ast.parse(source))
        for annotation in (getattr(node, "annotation", None), getattr(node, "returns", None))
        if isinstance(annotation, ast.expr)
    )
    return any(
        (each.lineno, each.col_offset) <= place <= (each.end_lineno or 0, each.end_col_offset or 0) for each in found
    )


def stale() -> list[str]:
    """Explanations of lines that are no longer there."""
    lines = {
        subject.name: {line.strip() for line in (ROOT / subject.path).read_text(encoding="utf-8").splitlines()}
        for subject in SUBJECTS
    }
    return [f"{known.subject}: {known.line}" for known in EXPLAINED if known.line not in lines[known.subject]]
