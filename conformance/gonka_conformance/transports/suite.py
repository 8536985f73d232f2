"""The transport checks as a pytest suite to subclass."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator, Mapping
from typing import Any, ClassVar

import pytest

from gonka_conformance.checks import Check
from gonka_conformance.judged import as_outcome
from gonka_conformance.runner import NO_KNOWN_FAILURES, require_declared, run_check
from gonka_conformance.signers.subject import claimed
from gonka_core.hookspecs import TransportOptions
from gonka_core.interfaces import AsyncTransport, Transport

from .checks import TRANSPORT_CHECKS
from .subject import MODES, Mode, TransportSubject


class TransportSuite(ABC):
    """Every transport check that applies to the mode as a test of its own.

    `mode` is `sync` or `async`. `claims` may hold `trusts-environment`: proxy variables are obeyed. `known_failures`
    maps the id of a check that fails for now to the reason; it is then an expected failure, and an error once it
    passes. Overriding a test is refused with TypeError: a failure is declared, not hidden.
    """

    mode: ClassVar[Mode] = "sync"
    claims: ClassVar[Collection[str]] = ()
    known_failures: ClassVar[Mapping[str, str]] = NO_KNOWN_FAILURES

    @abstractmethod
    def make_transport(self, options: TransportOptions) -> Transport | AsyncTransport:
        """A new transport of the mode; an async one is made outside of any event loop."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "test_transport" in vars(cls):
            raise TypeError(f"{cls.__name__} overrides a check; declare it in known_failures, with the reason, instead")
        require_declared(TRANSPORT_CHECKS, cls.known_failures)

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """A test for each check; pytest calls this, for the class itself."""
        if "check" in metafunc.fixturenames:
            metafunc.parametrize("check", [pytest.param(check, id=check.id) for check in applying(self.mode)])

    def test_transport(self, check: Check[TransportSubject]) -> None:
        """The requirement of the check named in the brackets."""
        subject = TransportSubject(type(self).__name__, self.make_transport, self.mode, claimed(self.claims))  # type: ignore[arg-type]
        as_outcome(run_check(check, subject, self.known_failures.get(check.id)))


def applying(mode: Mode) -> Iterator[Check[TransportSubject]]:
    """The checks without those of the other mode."""
    return (check for check in TRANSPORT_CHECKS if check.claim not in MODES or check.claim == mode)
