"""The selector checks as a pytest suite to subclass."""

from __future__ import annotations

import random
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import pytest

from gonka_conformance.checks import Check
from gonka_conformance.judged import as_outcome
from gonka_conformance.runner import NO_KNOWN_FAILURES, require_declared, run_check
from gonka_conformance.signers.subject import claimed
from gonka_core.interfaces import Selector

from .checks import SELECTOR_CHECKS
from .subject import SelectorSubject


class SelectorSuite(ABC):
    """Every selector check as a test of its own.

    `claims` are what the selector promises beyond the contract (`fair`, `round-robin`, `weighted`, `sticky`,
    `learns`). `known_failures` maps the id of a check that fails for now to the reason; it is then an expected failure,
    and an error once it passes. Overriding a test is refused with TypeError: a failure is declared, not hidden.
    """

    claims: ClassVar[Collection[str]] = ()
    known_failures: ClassVar[Mapping[str, str]] = NO_KNOWN_FAILURES

    @abstractmethod
    def make_selector(self) -> Selector:
        """A new selector, as a client makes one."""

    def make_seeded(self, chance: random.Random) -> Selector:
        """A new selector that draws from `chance`. Override it where that can be had: the tests are then repeatable."""
        return self.make_selector()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "test_selector" in vars(cls):
            raise TypeError(f"{cls.__name__} overrides a check; declare it in known_failures, with the reason, instead")
        require_declared(SELECTOR_CHECKS, cls.known_failures)

    @pytest.mark.parametrize("check", [pytest.param(check, id=check.id) for check in SELECTOR_CHECKS])
    def test_selector(self, check: Check[SelectorSubject]) -> None:
        """The requirement of the check named in the brackets."""
        subject = SelectorSubject(type(self).__name__, self.make_selector, claimed(self.claims), self.make_seeded)
        as_outcome(run_check(check, subject, self.known_failures.get(check.id)))
