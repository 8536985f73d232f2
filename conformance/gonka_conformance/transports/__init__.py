"""Transports under test: `TransportSubject` says how to make one, `check_transport` runs every check on it."""

from __future__ import annotations

from collections.abc import Mapping

from gonka_conformance.report import Report
from gonka_conformance.runner import NO_KNOWN_FAILURES, Told, run_checks

from .subject import Mode, TransportSubject, installed_modes, installed_transport, installed_transports

__all__ = [
    "Mode",
    "TransportSubject",
    "check_transport",
    "installed_modes",
    "installed_transport",
    "installed_transports",
]


def check_transport(
    subject: TransportSubject, known_failures: Mapping[str, str] = NO_KNOWN_FAILURES, told: Told | None = None
) -> Report:
    """Every transport check on the subject; `told` hears of each result.

    Raises ValueError for a known failure that names no check or has no reason, ModuleNotFoundError where
    `cryptography` is missing: the checks of TLS make a certificate.
    """
    # Here and not above, so that the package can be imported, and say what is missing, without cryptography.
    from .checks import TRANSPORT_CHECKS

    return run_checks(TRANSPORT_CHECKS, subject, known_failures, told)
