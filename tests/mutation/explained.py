"""Survivors that change nothing which could be observed, with the reason. Whatever else survives wants a test."""

from __future__ import annotations

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
    Explained(
        "canonical",
        'head = self._body if scheme == "raw" else self._state("raw").hexdigest().encode("ascii")',
        ("ReplaceComparisonOperator_Eq_GtE",),
        "there are two schemes, and no other text is at or above the greater",
    ),
    Explained(
        "keys",
        'return cls((secrets.randbelow(ORDER - 1) + 1).to_bytes(32, "big"))',
        ("ReplaceBinaryOperator_Sub_BitXor",),
        "the order is odd: without its last bit it is one less",
    ),
    Explained(
        "keys",
        "if text != text.strip():",
        ("ReplaceComparisonOperator_NotEq_IsNot",),
        "a str with nothing to strip is its own strip()",
    ),
    Explained(
        "keys",
        "if number == 0:",
        ("ReplaceComparisonOperator_Eq_LtE",),
        "a number read from bytes is not negative",
    ),
    Explained(
        "keys",
        'if os.name == "posix" and mode & stat.S_IROTH:',
        ("ReplaceComparisonOperator_Eq_GtE",),
        "no other name of a system is at or above this one",
    ),
    Explained(
        "sse",
        "self._after_cr = False",
        ("ReplaceFalseWithTrue",),
        "a line feed that begins the stream ends an empty event, of which nothing comes",
    ),
    Explained(
        "rules",
        'if case.profile.account_query == "participant":',
        ("ReplaceComparisonOperator_Eq_GtE",),
        "there are two kinds of query, and this is the greater text",
    ),
    Explained(
        "rules",
        'if case.profile.executor_errors == "raw":',
        ("ReplaceComparisonOperator_Eq_GtE",),
        "there are two ways, and this is the greater text",
    ),
    Explained(
        "rules",
        'if case.profile.json_errors == "raw":',
        ("ReplaceComparisonOperator_Eq_GtE",),
        "there are two ways, and this is the greater text",
    ),
    Explained(
        "rules",
        "return (*COMPLETIONS_RULES, *chat) if case.arrived.route == COMPLETIONS else chat",
        ("ReplaceComparisonOperator_Eq_GtE",),
        "there are two routes, and this is the greater text",
    ),
    Explained(
        "rules",
        "def freshness(block_time_ns: int, timestamp_ns: int, *, expiration_s: int, advance_s: int) -> str | None:",
        ("ReplaceBinaryOperator_Mul_Div",),
        "what has to be passed by its name changes no call that does",
    ),
    Explained(
        "rules",
        "return number - _UNSIGNED if number >= _UNSIGNED // 2 else number",
        ("ReplaceBinaryOperator_FloorDiv_Div",),
        "half of a power of two is the same number as a float",
    ),
    Explained(
        "rules",
        'def _rpc(code: str, text: str, *, rule: str = "account", wrapped: bool = True) -> Refusal:',
        ("ReplaceBinaryOperator_Mul_Div",),
        "what has to be passed by its name changes no call that does",
    ),
)


def reason_for(subject: Subject, mutant: Mutant) -> str | None:
    """Why the mutant cannot be noticed; None where it should be."""
    source = (ROOT / subject.path).read_text(encoding="utf-8")
    line = source.splitlines()[mutant.line - 1].strip()
    return next((known.reason for known in EXPLAINED if _covers(known, subject, line, mutant.operator)), None)


def _covers(known: Explained, subject: Subject, line: str, operator: str) -> bool:
    return known.subject == subject.name and known.line == line and operator.startswith(known.operators)


def stale() -> list[str]:
    """Explanations of lines that are no longer there."""
    lines = {
        subject.name: {line.strip() for line in (ROOT / subject.path).read_text(encoding="utf-8").splitlines()}
        for subject in SUBJECTS
    }
    return [f"{known.subject}: {known.line}" for known in EXPLAINED if known.line not in lines[known.subject]]
