"""The node checks as a pytest suite to subclass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

import pytest

from gonka_conformance.checks import Check
from gonka_conformance.judged import as_outcome
from gonka_conformance.runner import NO_KNOWN_FAILURES, require_declared, run_check

from .checks import NODE_CHECKS
from .subject import NodeSubject


class NodeSuite(ABC):
    """Every node check as a test of its own.

    `known_failures` maps the id of a check that fails for now to the reason; it is then an expected failure, and an
    error once it passes. Overriding a test is refused with TypeError: a failure is declared, not hidden.
    """

    known_failures: ClassVar[Mapping[str, str]] = NO_KNOWN_FAILURES

    @abstractmethod
    def make_subject(self) -> NodeSubject:
        """The node, and what the exam may do there. Return the same object each time: what it learned is kept there."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "test_node" in vars(cls):
            raise TypeError(f"{cls.__name__} overrides a check; declare it in known_failures, with the reason, instead")
        require_declared(NODE_CHECKS, cls.known_failures)

    @pytest.mark.parametrize("check", [pytest.param(check, id=check.id) for check in NODE_CHECKS])
    def test_node(self, check: Check[NodeSubject]) -> None:
        """The requirement of the check named in the brackets."""
        as_outcome(run_check(check, self.make_subject(), self.known_failures.get(check.id)))
