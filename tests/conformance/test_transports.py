"""Who checks the checks for transports: each catches one that is wrong on purpose, with the words meant."""

from __future__ import annotations

import gc
import os
import re
from collections.abc import Iterator

import pytest

from gonka_conformance import Status, TransportSubject, check_transport
from gonka_conformance.runner import run_check
from gonka_conformance.transports import checks_connections, script, server
from gonka_conformance.transports.checks import TRANSPORT_CHECKS
from sabotage.record import Sabotaged
from sabotage.transports import CORRECT, SABOTAGED
from sabotage.transports.correct import Sound

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")


@pytest.fixture(scope="module", autouse=True)
def what_is_left_open_ends_here() -> Iterator[None]:
    """Some are wrong in leaving connections open; no later test is to hear of it."""
    yield
    gc.collect()


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server gives in soon: a subject that is known to be wrong needs no benefit of the doubt."""
    monkeypatch.setattr(script, "HELD_S", 0.4)
    monkeypatch.setattr(checks_connections, "HELD_S", 0.4)
    monkeypatch.setattr(server, "ENDED_WITHIN_S", 0.4)


def ids(sabotage: Sabotaged[TransportSubject]) -> str:
    return f"{sabotage.name}-{sabotage.caught_by}"


@pytest.mark.usefixtures("brief")
@pytest.mark.parametrize("sabotage", SABOTAGED, ids=ids)
def test_a_sabotaged_transport_is_caught_for_the_reason_meant(sabotage: Sabotaged[TransportSubject]) -> None:
    result = run_check(sabotage.check, sabotage.make())
    assert result.status is Status.FAILED
    assert re.search(sabotage.words, result.evidence), result.evidence


def test_every_check_catches_somebody() -> None:
    assert {sabotage.caught_by for sabotage in SABOTAGED} == set(TRANSPORT_CHECKS.ids)


def test_what_all_are_made_from_is_blamed_by_none() -> None:
    """The transports of this distribution are judged in `tests/backends`, check by check."""
    (correct,) = (correct for correct in CORRECT if correct.name == "Sound")
    report = check_transport(correct.make())
    assert [result for result in report.results if result.status is Status.FAILED] == []
    assert [result.id for result in report.results if result.status is Status.SKIPPED] == ["transport.cancelled"]


def test_the_correct_ones_are_ours() -> None:
    assert {correct.make().name for correct in CORRECT} >= {
        "httpx (sync)",
        "httpx (async)",
        "httpx2 (sync)",
        "httpx2 (async)",
        "aiohttp (async)",
    }


def test_a_check_leaves_the_environment_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("no_proxy", "nowhere.invalid")
    before = dict(os.environ)
    check = next(check for check in TRANSPORT_CHECKS if check.id == "transport.proxies")
    result = run_check(check, TransportSubject("sound", Sound, "sync", frozenset({"trusts-environment"})))
    assert result.status is Status.PASSED, result.evidence
    assert dict(os.environ) == before
