"""Nodes under test: `NodeSubject` says where one is and what the exam may do, `check_node` runs every check on it."""

from __future__ import annotations

from collections.abc import Mapping

from gonka_conformance.report import Report
from gonka_conformance.runner import NO_KNOWN_FAILURES, Told, run_checks

from .asking import UnreachableError
from .subject import NodeSubject

__all__ = ["NodeSubject", "UnreachableError", "check_node"]


def check_node(
    subject: NodeSubject, known_failures: Mapping[str, str] = NO_KNOWN_FAILURES, told: Told | None = None
) -> Report:
    """Every node check on the subject; `told` hears of each result.

    Without the subject's `paid` and `rude` it sends only what a conforming node refuses before anything is computed,
    and reads. `known_failures` maps ids of checks that are known to fail to the reason. Raises `UnreachableError`
    where nobody answers, ValueError for an id that does not exist or an empty reason, ModuleNotFoundError where
    `cryptography` is missing.
    """
    # Here and not above, as with the survey.
    from .checks import NODE_CHECKS

    subject.survey.reach()
    return run_checks(NODE_CHECKS, subject, known_failures, told)
