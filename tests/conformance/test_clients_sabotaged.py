"""The client exam, tested: every sabotaged client is caught for the reason meant, and no correct one is blamed."""

from __future__ import annotations

import re

import pytest

from gonka_conformance.clients import ClientSubject, check_client
from gonka_conformance.clients.checks import CLIENT_CHECKS
from gonka_conformance.clients.material import SECRET
from gonka_conformance.leaks import spelling
from gonka_conformance.report import Status
from gonka_conformance.runner import run_check
from sabotage.clients import CORRECT, SABOTAGED
from sabotage.record import Correct, Sabotaged


@pytest.mark.parametrize("entry", [pytest.param(entry, id=entry.name) for entry in SABOTAGED])
def test_a_sabotaged_client_is_caught_for_the_reason_meant(entry: Sabotaged[ClientSubject]) -> None:
    result = run_check(entry.check, entry.make())
    assert result.status is Status.FAILED, result
    assert re.search(entry.words, result.evidence), result.evidence
    assert spelling(repr(result), SECRET) is None


def test_every_check_catches_somebody() -> None:
    assert {entry.caught_by for entry in SABOTAGED} == set(CLIENT_CHECKS.ids)


def test_names_are_taken_once() -> None:
    names = [entry.name for entry in SABOTAGED]
    assert len(names) == len(set(names)) >= 20


@pytest.mark.parametrize("entry", [pytest.param(entry, id=entry.name) for entry in CORRECT])
def test_no_check_blames_a_correct_client(entry: Correct[ClientSubject]) -> None:
    subject = entry.make()
    report = check_client(subject)
    failed = {result.id: result.evidence for result in report.results if result.status is Status.FAILED}
    assert failed == {}
    unexpected = re.compile("is for clients that claim|does not claim|was not asked for|signatures has a short")
    skipped = [result for result in report.results if result.status is Status.SKIPPED]
    assert all(unexpected.search(result.evidence) for result in skipped)


def test_what_is_claimed_is_examined() -> None:
    """The honest client claims everything: only the lines that it does not print are left out."""
    honest = next(entry for entry in CORRECT if entry.name == "honest").make()
    assert not [
        check.id for check in CLIENT_CHECKS if check.claim and check.claim not in honest.claims | {"json-lines"}
    ]
