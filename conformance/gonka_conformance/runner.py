"""Running checks. One that fails, and one whose subject falls over or hangs, stops no other."""

from __future__ import annotations

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from types import MappingProxyType
from typing import Final, Protocol, TypeAlias, TypeVar

from .checks import Check, CheckFailed, CheckList, NotApplicable
from .leaks import guarded
from .report import Report, Result, Status


class Subject(Protocol):
    """What every kind of subject has."""

    @property
    def name(self) -> str: ...

    @property
    def claims(self) -> frozenset[str]: ...


SubjectT = TypeVar("SubjectT", bound=Subject)

NO_KNOWN_FAILURES: Final[Mapping[str, str]] = MappingProxyType({})
_LONGEST_WORDS: Final = 300


Told: TypeAlias = Callable[[Result], None]
"""Hears of each result as it is there."""


class Audience(ABC):
    """A `Told` that wants to hear as well which checks are about to be made on which subject."""

    @abstractmethod
    def begins(self, subject: str, ids: Sequence[str]) -> None: ...

    @abstractmethod
    def __call__(self, result: Result) -> None: ...


def run_checks(
    checks: CheckList[SubjectT],
    subject: SubjectT,
    known_failures: Mapping[str, str] = NO_KNOWN_FAILURES,
    told: Told | None = None,
) -> Report:
    """All checks of a list on one subject. Raises ValueError as `require_declared` does."""
    require_declared(checks, known_failures)
    if isinstance(told, Audience):
        told.begins(guarded(subject.name), checks.ids)
    results: list[Result] = []
    for check in checks:
        results.append(run_check(check, subject, known_failures.get(check.id)))
        if told is not None:
            told(results[-1])
    return Report(checks.kind, guarded(subject.name), tuple(sorted(subject.claims)), tuple(results))


def require_declared(checks: CheckList[SubjectT], known_failures: Mapping[str, str]) -> None:
    """Raise ValueError for a known failure without a reason, or of a check that does not exist."""
    checks.require_known(known_failures)
    unexplained = [identity for identity, reason in known_failures.items() if not reason.strip()]
    if unexplained:
        raise ValueError(f"the known failure {unexplained[0]!r} has no reason; say why it fails")


def run_check(check: Check[SubjectT], subject: SubjectT, known: str | None = None) -> Result:
    """One check; `known` is the reason why it is known to fail."""
    started = time.monotonic()
    result = _judged(check, subject, known)
    return replace(result, seconds=time.monotonic() - started)


def _judged(check: Check[SubjectT], subject: SubjectT, known: str | None) -> Result:
    if check.claim and check.claim not in subject.claims:
        return _result(check, Status.SKIPPED, guarded(f"{subject.name} does not claim to be {check.claim}"))
    try:
        failure = _failure(check, subject)
    except NotApplicable as reason:
        return _result(check, Status.SKIPPED, guarded(str(reason)))
    if failure is None:
        if known is None:
            return _result(check, Status.PASSED)
        return _result(check, Status.RECOVERED, "it passes: remove it from the known failures", known)
    status = Status.FAILED if known is None else Status.KNOWN_FAILURE
    details = tuple((name, guarded(text)) for name, text in failure.details.items())
    return _result(check, status, guarded(str(failure)), known or "", details)


def _failure(check: Check[SubjectT], subject: SubjectT) -> CheckFailed | None:
    """What speaks against the subject; None where nothing does. Raises `NotApplicable`."""
    ended: list[BaseException | None] = []

    def judge() -> None:
        try:
            check.run(subject)
        # Not Exception: what a signer written in another language raises (a panic, an exit) need not be one.
        except BaseException as error:  # noqa: BLE001
            ended.append(error)
        else:
            ended.append(None)

    # A thread can be left behind, which is the only way to go on from one that hangs.
    thread = threading.Thread(target=judge, name=check.id, daemon=True)
    thread.start()
    thread.join(check.patience)
    if not ended:
        return CheckFailed(f"it did not come to an end within {check.patience:g} seconds")
    if isinstance(ended[0], KeyboardInterrupt | NotApplicable):
        raise ended[0]
    return _as_failure(ended[0])


def _as_failure(error: BaseException | None) -> CheckFailed | None:
    if error is None or isinstance(error, CheckFailed):
        return error
    return CheckFailed(f"it raised {type(error).__name__}: {_words(error)}")


def _words(error: BaseException) -> str:
    try:
        return " ".join(str(error).split())[:_LONGEST_WORDS]
    except Exception:  # noqa: BLE001 - the words are the subject's
        return "(an error that cannot be shown)"


def _result(
    check: Check[SubjectT],
    status: Status,
    evidence: str = "",
    reason: str = "",
    details: tuple[tuple[str, str], ...] = (),
) -> Result:
    return Result(check.id, check.requirement, check.source, status, evidence, reason, details)
