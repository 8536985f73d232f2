"""What came out: frozen results, as JSON and as text to read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

from gonka_core import __version__

from . import vectors
from .checks import Kind

KIT_VERSION: Final = __version__
"""The kit is released with the core."""


class Status(StrEnum):
    """How a check ended. `recovered`: it was declared to fail and passes."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    KNOWN_FAILURE = "known-failure"
    RECOVERED = "recovered"


@dataclass(frozen=True, slots=True)
class Result:
    """One check on one subject. `evidence` says what was seen, or why it was not looked; `reason` is the adopter's.

    `details` are longer pieces of evidence with their names.
    """

    id: str
    requirement: str
    source: str
    status: Status
    evidence: str = ""
    reason: str = ""
    details: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """Every check on one subject."""

    kind: Kind
    subject: str
    claims: tuple[str, ...]
    results: tuple[Result, ...]

    @property
    def conforms(self) -> bool:
        """No check failed that was not declared, and none was declared that passes."""
        return not self.count(Status.FAILED) and not self.count(Status.RECOVERED)

    def count(self, status: Status) -> int:
        return sum(result.status is status for result in self.results)

    def to_json(self) -> dict[str, Any]:
        """The report as plain JSON values."""
        return {
            "kind": self.kind,
            "subject": self.subject,
            "claims": list(self.claims),
            "conforms": self.conforms,
            "results": [_result_to_json(result) for result in self.results],
        }


def document(reports: Iterable[Report]) -> dict[str, Any]:
    """Several reports under the versions that made them."""
    return {
        "kit_version": KIT_VERSION,
        "vectors": {"schema": vectors.SCHEMA, "sha256": vectors.fingerprint()},
        "reports": [report.to_json() for report in reports],
    }


def text(reports: Iterable[Report]) -> str:
    """The same to read: a line for each check, and what was seen where one did not pass."""
    lines = [line for report in reports for line in _report_lines(report)]
    versions = f"kit {KIT_VERSION}, vectors {vectors.SCHEMA} (sha256 {vectors.fingerprint()[:12]}…)"
    return "\n".join([*lines, versions])


def _result_to_json(result: Result) -> dict[str, Any]:
    return {
        "id": result.id,
        "requirement": result.requirement,
        "source": result.source,
        "status": str(result.status),
        "evidence": result.evidence,
        "reason": result.reason,
        "details": dict(result.details),
    }


def _report_lines(report: Report) -> Iterator[str]:
    yield f"{report.kind} {report.subject} (claims: {', '.join(report.claims) or 'nothing'})"
    for result in report.results:
        yield from _result_lines(result)
    counts = ", ".join(f"{report.count(status)} {status}" for status in Status if report.count(status))
    yield f"  {report.subject} {'conforms' if report.conforms else 'does not conform'}: {counts}"
    yield ""


def _result_lines(result: Result) -> Iterator[str]:
    yield f"  {result.status:<15}  {result.id}"
    details = {"requirement": result.requirement, "seen": result.evidence, "declared": result.reason}
    if result.status is Status.PASSED:
        return
    if result.status is Status.SKIPPED:
        details.pop("requirement")
    for name, value in details.items():
        if value:
            yield f"      {name}: {value}"
    if result.status is not Status.SKIPPED:
        yield f"      source: {result.source}"
