"""The signer checks as a pytest suite to subclass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping
from typing import Any, ClassVar

import pytest

from gonka_conformance.checks import Check
from gonka_conformance.judged import as_outcome
from gonka_conformance.runner import NO_KNOWN_FAILURES, require_declared, run_check
from gonka_core.interfaces import Signer
from gonka_core.keys import PrivateKey

from .checks import SIGNER_CHECKS
from .subject import SignerSubject, claimed


class SignerSuite(ABC):
    """Every signer check as a test of its own.

    `claims` are the capabilities that the signer has (`deterministic`, `constant-time`). `known_failures` maps the id
    of a check that fails for now to the reason; it is then an expected failure, and an error once it passes.
    Overriding a test is refused with TypeError: a failure is declared, not hidden.
    """

    claims: ClassVar[Collection[str]] = ()
    known_failures: ClassVar[Mapping[str, str]] = NO_KNOWN_FAILURES

    @abstractmethod
    def make_signer(self, key: PrivateKey) -> Signer:
        """A new signer that holds the key."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "test_signer" in vars(cls):
            raise TypeError(f"{cls.__name__} overrides a check; declare it in known_failures, with the reason, instead")
        require_declared(SIGNER_CHECKS, cls.known_failures)

    @pytest.mark.parametrize("check", [pytest.param(check, id=check.id) for check in SIGNER_CHECKS])
    def test_signer(self, check: Check[SignerSubject]) -> None:
        """The requirement of the check named in the brackets."""
        subject = SignerSubject(type(self).__name__, self.make_signer, claimed(self.claims))
        as_outcome(run_check(check, subject, self.known_failures.get(check.id)))
