"""What came out: frozen results, and which edition of the kit saw them. `reports` writes them down."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Final

from gonka_core import __version__

from . import vectors
from .checks import Kind

KIT_VERSION: Final[str] = __version__
"""The kit is released with the core."""


class Status(StrEnum):
    """How a check ended. `recovered`: it was declared to fail and passes."""

    PASSED = "passed"
    FAILED = "failed"
    SKIPPED = "skipped"
    KNOWN_FAILURE = "known-failure"
    RECOVERED = "recovered"


BLAMES: Final = frozenset({Status.FAILED, Status.RECOVERED})
"""A subject with one of these does not conform."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Which kit, and which vectors: `vectors_sha256` is the fingerprint of 64 hex digits."""

    kit_version: str
    vectors_schema: str
    vectors_sha256: str


@cache
def present_edition() -> Edition:
    """The edition that is running."""
    return Edition(KIT_VERSION, vectors.SCHEMA, vectors.fingerprint())


@dataclass(frozen=True, slots=True)
class Result:
    """One check on one subject. `evidence` says what was seen, or why it was not looked; `reason` is the adopter's.

    `details` are longer pieces of evidence with their names. `seconds` is how long it took, and no part of what a
    result is: the same exam gives equal results.
    """

    id: str
    requirement: str
    source: str
    status: Status
    evidence: str = ""
    reason: str = ""
    details: tuple[tuple[str, str], ...] = ()
    seconds: float = field(default=0.0, compare=False)


@dataclass(frozen=True, slots=True)
class Report:
    """Every check on one subject."""

    kind: Kind
    subject: str
    claims: tuple[str, ...]
    results: tuple[Result, ...]
    edition: Edition = field(default_factory=present_edition)

    @property
    def conforms(self) -> bool:
        """No check failed that was not declared, and none was declared that passes."""
        return not any(result.status in BLAMES for result in self.results)

    @property
    def verdict(self) -> str:
        """`conforms`, or `does not conform`."""
        return "conforms" if self.conforms else "does not conform"

    @property
    def counts(self) -> str:
        """Such as `14 passed, 2 skipped`."""
        return ", ".join(f"{self.count(status)} {status}" for status in Status if self.count(status))

    def count(self, status: Status) -> int:
        """How many checks ended like this."""
        return sum(result.status is status for result in self.results)
