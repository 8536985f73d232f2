"""The client exam as a pytest suite to subclass."""

from __future__ import annotations

from abc import ABC
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar

import pytest

from gonka_conformance.checks import Check
from gonka_conformance.judged import as_outcome
from gonka_conformance.runner import NO_KNOWN_FAILURES, require_declared, run_check
from gonka_conformance.signers.subject import claimed

from .checks import CLIENT_CHECKS
from .subject import ALL_CLAIMS, DEFAULT_PROFILE, ClientSubject, ExamLimits


class ClientSuite(ABC):
    """Every client check as a test of its own; a scenario is run when the first check asks for it.

    `command` is the program with its placeholders, as text or words. `claims` are what the client does
    (`CLIENT_CLAIMS`). `known_failures` maps the id of a check that fails for now to the reason; it is then an expected
    failure, and an error once it passes. Overriding a test is refused with TypeError: a failure is declared, not
    hidden.
    """

    command: ClassVar[str | Sequence[str]]
    claims: ClassVar[Collection[str]] = ALL_CLAIMS
    profile: ClassVar[str] = DEFAULT_PROFILE
    limits: ClassVar[ExamLimits] = ExamLimits()
    environment: ClassVar[Mapping[str, str]] = {}
    known_failures: ClassVar[Mapping[str, str]] = NO_KNOWN_FAILURES
    _subject: ClassVar[ClientSubject | None] = None

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if "test_client" in vars(cls):
            raise TypeError(f"{cls.__name__} overrides a check; declare it in known_failures, with the reason, instead")
        if not hasattr(cls, "command"):
            raise TypeError(f"{cls.__name__} names no command; set command = './my-client {{base_url}}'")
        require_declared(CLIENT_CHECKS, cls.known_failures)
        cls._subject = None

    @classmethod
    def subject(cls) -> ClientSubject:
        """The client, the same one for all checks."""
        if cls._subject is None:
            cls._subject = ClientSubject.running(
                cls.command,
                name=cls.__name__,
                claims=claimed(cls.claims),
                profile=cls.profile,
                limits=cls.limits,
                environment=cls.environment,
            )
        return cls._subject

    @pytest.mark.parametrize("check", [pytest.param(check, id=check.id) for check in CLIENT_CHECKS])
    def test_client(self, check: Check[ClientSubject]) -> None:
        """The requirement of the check named in the brackets."""
        as_outcome(run_check(check, self.subject(), self.known_failures.get(check.id)))
