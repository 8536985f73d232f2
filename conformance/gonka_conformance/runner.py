"""Running checks. One that fails, and one whose subject falls over, stops no other."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Protocol, TypeVar

from .checks import Check, CheckFailed, CheckList
from .leaks import guarded
from .report import Report, Result, Status
from .subjects import SignerSubject


class Subject(Protocol):
    """What every kind of subject has."""

    @property
    def name(self) -> str: ...

    @property
    def claims(self) -> frozenset[str]: ...


SubjectT = TypeVar("SubjectT", bound=Subject)

NO_KNOWN_FAILURES: Final[Mapping[str, str]] = MappingProxyType({})
_LONGEST_WORDS: Final = 300


def check_signer(subject: SignerSubject, known_failures: Mapping[str, str] = NO_KNOWN_FAILURES) -> Report:
    """Every signer check on the subject.

    `known_failures` maps ids of checks that are known to fail to the reason; one that passes is reported, so that
    the declaration goes when its reason has gone. Raises ValueError for an id that does not exist or an empty
    reason, ModuleNotFoundError where `cryptography` is missing.
    """
    # Here and not above, so that the package can be imported, and say what is missing, without cryptography.
    from .checks_signer import SIGNER_CHECKS

    return run_checks(SIGNER_CHECKS, subject, known_failures)


def run_checks(checks: CheckList[SubjectT], subject: SubjectT, known_failures: Mapping[str, str]) -> Report:
    """All checks of a list on one subject."""
    require_declared(checks, known_failures)
    results = tuple(run_check(check, subject, known_failures.get(check.id)) for check in checks)
    return Report(checks.kind, subject.name, tuple(sorted(subject.claims)), results)


def require_declared(checks: CheckList[SubjectT], known_failures: Mapping[str, str]) -> None:
    """Raise ValueError for a known failure without a reason, or of a check that does not exist."""
    checks.require_known(known_failures)
    unexplained = [identity for identity, reason in known_failures.items() if not reason.strip()]
    if unexplained:
        raise ValueError(f"the known failure {unexplained[0]!r} has no reason; say why it fails")


def run_check(check: Check[SubjectT], subject: SubjectT, known: str | None = None) -> Result:
    """One check; `known` is the reason why it is known to fail."""
    if check.claim and check.claim not in subject.claims:
        return _result(check, Status.SKIPPED, f"{subject.name} does not claim to be {check.claim}")
    evidence = _evidence(check, subject)
    if known is None:
        return _result(check, Status.PASSED if evidence is None else Status.FAILED, evidence or "")
    if evidence is None:
        return _result(check, Status.RECOVERED, "it passes: remove it from the known failures", known)
    return _result(check, Status.KNOWN_FAILURE, evidence, known)


def _evidence(check: Check[SubjectT], subject: SubjectT) -> str | None:
    """What speaks against the subject; None where nothing does."""
    try:
        check.run(subject)
    except CheckFailed as failure:
        return guarded(str(failure))
    except KeyboardInterrupt:
        raise
    # Not Exception: what a signer written in another language raises (a panic, an exit) need not be one.
    except BaseException as error:  # noqa: BLE001
        return guarded(f"it raised {type(error).__name__}: {_words(error)}")
    return None


def _words(error: BaseException) -> str:
    try:
        return " ".join(str(error).split())[:_LONGEST_WORDS]
    except Exception:  # noqa: BLE001 - the words are the subject's
        return "(an error that cannot be shown)"


def _result(check: Check[SubjectT], status: Status, evidence: str = "", reason: str = "") -> Result:
    return Result(check.id, check.requirement, check.source, status, evidence, reason)
