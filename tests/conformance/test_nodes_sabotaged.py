"""The node exam, tested: every sabotaged node is caught for the reason meant, and no correct one is blamed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import cast

import pytest

from gonka_conformance.nodes import NodeSubject, check_node
from gonka_conformance.nodes.checks import NODE_CHECKS
from gonka_conformance.report import Status
from gonka_conformance.runner import run_check
from sabotage.nodes import CORRECT, SABOTAGED
from sabotage.nodes.stage import StagedNode
from sabotage.record import Correct, Sabotaged


@contextmanager
def on_stage(entry: Sabotaged[NodeSubject] | Correct[NodeSubject]) -> Iterator[NodeSubject]:
    with closing(cast(StagedNode, entry.make())) as subject:
        yield subject


@pytest.mark.parametrize("entry", [pytest.param(entry, id=entry.name) for entry in SABOTAGED])
def test_a_sabotaged_node_is_caught_for_the_reason_meant(entry: Sabotaged[NodeSubject]) -> None:
    with on_stage(entry) as subject:
        result = run_check(entry.check, subject)
    assert result.status is Status.FAILED, result
    assert re.search(entry.words, result.evidence), result.evidence


def test_every_check_catches_somebody() -> None:
    assert {entry.caught_by for entry in SABOTAGED} == set(NODE_CHECKS.ids)


def test_names_are_taken_once() -> None:
    names = [entry.name for entry in SABOTAGED]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("entry", [pytest.param(entry, id=entry.name) for entry in CORRECT])
def test_no_check_blames_a_correct_node(entry: Correct[NodeSubject]) -> None:
    with on_stage(entry) as subject:
        report = check_node(subject)
    blamed = {result.id: result.evidence for result in report.results if result.status is not Status.PASSED}
    unfit = re.compile("^(v0|seed|gateway|a gateway).* (does not|takes no|is no|has no|reads a|announces|have this)")
    assert not {name: evidence for name, evidence in blamed.items() if not unfit.search(evidence)}
