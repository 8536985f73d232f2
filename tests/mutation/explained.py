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
        'head = self.body if scheme == "raw" else self._state("raw").hexdigest().encode("ascii")',
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
        "keys",
        "content = file.read(_LONGEST_FILE + 1)",
        ("ReplaceBinaryOperator_Add_BitOr", "ReplaceBinaryOperator_Add_LShift", "NumberReplacer"),
        "a file that is too long is refused, however much more than the longest was read of it",
    ),
    Explained(
        "ecdsa",
        'self.public_key = bytes([2 + (y & 1)]) + int(x).to_bytes(32, "big")',
        (
            "ReplaceBinaryOperator_Add_BitOr",
            "ReplaceBinaryOperator_Add_BitXor",
        ),
        "2 has no bit in common with 0 or 1",
    ),
    Explained(
        "ecdsa",
        'blind = int.from_bytes(urandom(31), "big") + 1',
        (
            "ReplaceBinaryOperator_Add_BitOr",
            "NumberReplacer",
        ),
        "a factor blinds as long as it is not 0",
    ),
    Explained(
        "ecdsa-nonces",
        'k, v = _stirred(bytes(32), b"\\x01" * 32, b"\\x00" + seed)',
        ("NumberReplacer",),
        "HMAC fills a key of less than 64 bytes up with zeros, so one zero more or less is the same key",
    ),
    Explained(
        "ecdsa-nonces",
        "if 0 < candidate < order:",
        ("ReplaceComparisonOperator_Lt_NotEq",),
        "a number read from bytes is not negative",
    ),
    Explained(
        "ecdsa-table",
        "points = [row[place] for row, place in zip(rows, _places(k if k & 1 else N - k), strict=True)]",
        ("ReplaceTrueWithFalse",),
        "there are 32 rows, and 32 bytes of places",
    ),
    Explained(
        "ecdsa-table",
        "x, y = affine(found if found[3] else doubled((*points[-1], 1, 1)))",
        ("NumberReplacer",),
        "ZZ is 0 where ZZZ is",
    ),
    Explained(
        "ecdsa-table",
        'return int(odd // 2 + 2**255).to_bytes(_ROWS, "little")',
        (
            "ReplaceBinaryOperator_Add_BitOr",
            "ReplaceBinaryOperator_Add_BitXor",
        ),
        "half of a number below 2²⁵⁶ has no bit in common with 2²⁵⁵",
    ),
    Explained(
        "ecdsa-table",
        "sums = pairwise([(point, powers[i * _BITS + m]) for i, row in enumerate(rows) for point in row])",
        (
            "ReplaceBinaryOperator_Add_BitOr",
            "ReplaceBinaryOperator_Add_BitXor",
        ),
        "m is below 8, and has no bit in common with a multiple of 8",
    ),
    Explained(
        "ecdsa-points",
        "return [_over(*each) for each in zip(sums, _inverses([point[3] for point in sums]), strict=True)]",
        ("ReplaceTrueWithFalse",),
        "there is an inverse for each number",
    ),
    Explained(
        "ecdsa-points",
        "for ((x1, y1), (x2, y2)), inverse in zip(pairs, inverses, strict=True):",
        ("ReplaceTrueWithFalse",),
        "there is an inverse for each number",
    ),
    Explained(
        "ecdsa-points",
        "for number, before in zip(reversed(numbers), reversed(products), strict=True):",
        ("ReplaceTrueWithFalse",),
        "there was one product more than numbers, and the last is taken away",
    ),
    Explained(
        "ecdsa-points",
        "products = [1]",
        ("NumberReplacer",),
        "what every product has as a factor, the inverse of the last takes out again, unless it is 0",
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
        "return [*COMPLETIONS_RULES, *chat] if case.arrived.route == COMPLETIONS else chat",
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
