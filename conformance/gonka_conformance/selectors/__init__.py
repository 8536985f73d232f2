"""Selectors under test: `SelectorSubject` says how to make one, `check_selector` runs every check on it."""

from __future__ import annotations

from collections.abc import Mapping

from gonka_conformance.report import Report
from gonka_conformance.runner import NO_KNOWN_FAILURES, Told, run_checks

from .checks import SELECTOR_CHECKS
from .subject import SelectorSubject, installed_selector, installed_selectors

__all__ = ["SelectorSubject", "check_selector", "installed_selector", "installed_selectors"]


def check_selector(
    subject: SelectorSubject, known_failures: Mapping[str, str] = NO_KNOWN_FAILURES, told: Told | None = None
) -> Report:
    """Every selector check on the subject; `told` hears of each result.

    `known_failures` maps ids of checks that are known to fail to the reason; one that passes is reported. Raises
    ValueError for an id that does not exist or an empty reason.
    """
    return run_checks(SELECTOR_CHECKS, subject, known_failures, told)
