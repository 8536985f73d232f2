"""What became of a subject: which checks failed on it, and whether that is what was meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from gonka_conformance.checks import Check
from gonka_conformance.report import Result, Status
from gonka_conformance.runner import Subject, run_check

from .record import Correct, Sabotaged

SubjectT = TypeVar("SubjectT", bound=Subject)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One subject. `flaw` says what is wrong with the checks, None where they did what they are meant to.

    `meant` is the id of the check that is meant to fail, empty for a correct subject; `also` are others that failed.
    """

    kind: str
    subject: str
    bug: str
    meant: str
    evidence: str
    also: tuple[str, ...]
    flaw: str | None

    def to_json(self) -> dict[str, Any]:
        """The verdict as plain JSON values."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "bug": self.bug or None,
            "caught_by": self.meant or None,
            "evidence": self.evidence,
            "also_failed": list(self.also),
            "flaw": self.flaw,
        }


def on_sabotaged(broken: Sabotaged[SubjectT], only_meant: bool = False) -> Verdict:
    """Run all checks, or the one that is meant, on a sabotaged subject."""
    others = () if only_meant else tuple(check for check in broken.checks if check.id != broken.caught_by)
    with _made(broken.make) as subject:
        meant = run_check(broken.check, subject)
        also = tuple(_failures(others, subject))
    flaw = _flaw(broken, meant, also)
    return Verdict(broken.checks.kind, broken.name, broken.bug, broken.caught_by, meant.evidence, also, flaw)


def on_correct(correct: Correct[SubjectT]) -> Verdict:
    """Run all checks on a subject without a bug."""
    with _made(correct.make) as subject:
        blamed = _failures(tuple(correct.checks), subject)
    evidence = "; ".join(f"{identity}: {words}" for identity, words in blamed.items())
    flaw = f"a correct subject is blamed: {evidence}" if blamed else None
    return Verdict(correct.checks.kind, correct.name, "", "", evidence, tuple(blamed), flaw)


@contextmanager
def _made(make: Callable[[], SubjectT]) -> Iterator[SubjectT]:
    """A subject, closed behind its checks where it can be: a broken node changes the mock node's modules until then."""
    subject = make()
    try:
        yield subject
    finally:
        close = getattr(subject, "close", None)
        if callable(close):
            close()


def _failures(checks: tuple[Check[SubjectT], ...], subject: SubjectT) -> Mapping[str, str]:
    """The evidence of each check that fails."""
    results = (run_check(check, subject) for check in checks)
    return {result.id: result.evidence for result in results if result.status is Status.FAILED}


def _flaw(broken: Sabotaged[SubjectT], meant: Result, also: tuple[str, ...]) -> str | None:
    if meant.status is not Status.FAILED:
        return f"missed: {meant.id} ended as {meant.status} {meant.evidence}".strip()
    if not re.search(broken.words, meant.evidence):
        return f"caught with other words than {broken.words!r}: {meant.evidence}"
    if broken.alone and also:
        return f"{', '.join(also)} failed as well, where {meant.id} alone is meant to"
    return None
