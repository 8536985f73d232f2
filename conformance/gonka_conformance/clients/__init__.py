"""Clients under test, in any language: `ClientSubject` runs one, `check_client` walks it through the exam."""

from __future__ import annotations

from collections.abc import Mapping

from gonka_conformance.report import Report
from gonka_conformance.runner import NO_KNOWN_FAILURES, Told, run_checks

from .scenario import CLIENT_CLAIMS
from .subject import ALL_CLAIMS, ClientSubject, ExamLimits

__all__ = ["ALL_CLAIMS", "CLIENT_CLAIMS", "ClientSubject", "ExamLimits", "check_client"]


def check_client(
    subject: ClientSubject, known_failures: Mapping[str, str] = NO_KNOWN_FAILURES, told: Told | None = None
) -> Report:
    """Every client check on the subject; `told` hears of each result.

    `known_failures` maps ids of checks that are known to fail to the reason. Raises ValueError for an id that does
    not exist or an empty reason, ModuleNotFoundError where `cryptography` or the mock node's libraries are missing.
    """
    # Here and not above, so that the package can be imported, and say what is missing, without cryptography.
    from .checks import CLIENT_CHECKS

    return run_checks(CLIENT_CHECKS, subject, known_failures, told)
