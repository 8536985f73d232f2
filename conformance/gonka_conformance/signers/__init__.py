"""Signers under test: `SignerSubject` says how to make one, `check_signer` runs every check on it."""

from __future__ import annotations

from collections.abc import Mapping

from gonka_conformance.report import Report
from gonka_conformance.runner import NO_KNOWN_FAILURES, Told, run_checks

from .programs import SignerProgram
from .subject import SignerSubject, installed_signer, installed_signers

__all__ = ["SignerProgram", "SignerSubject", "check_signer", "installed_signer", "installed_signers"]


def check_signer(
    subject: SignerSubject, known_failures: Mapping[str, str] = NO_KNOWN_FAILURES, told: Told | None = None
) -> Report:
    """Every signer check on the subject; `told` hears of each result.

    `known_failures` maps ids of checks that are known to fail to the reason; one that passes is reported, so that
    the declaration goes when its reason has gone. Raises ValueError for an id that does not exist or an empty
    reason, ModuleNotFoundError where `cryptography` is missing.
    """
    # Here and not above, so that the package can be imported, and say what is missing, without cryptography.
    from .checks import SIGNER_CHECKS

    return run_checks(SIGNER_CHECKS, subject, known_failures, told)
