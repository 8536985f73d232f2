"""What the README says is so."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from gonka_conformance.checks import CheckList
from gonka_conformance.clients.checks import CLIENT_CHECKS
from gonka_conformance.nodes.checks import NODE_CHECKS
from gonka_conformance.selectors.checks import SELECTOR_CHECKS
from gonka_conformance.signers.checks import SIGNER_CHECKS
from gonka_conformance.transports.checks import TRANSPORT_CHECKS

README = (Path(__file__).parents[2] / "conformance" / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


LISTS = (SIGNER_CHECKS, TRANSPORT_CHECKS, SELECTOR_CHECKS, CLIENT_CHECKS, NODE_CHECKS)


@pytest.mark.parametrize("checks", LISTS, ids=lambda checks: checks.kind)
def test_its_tables_are_the_lists_of_checks(checks: CheckList[Any]) -> None:
    rows = re.findall(r"^\| `(\w+\.[\w-]+)` \| (.*) \|$", README, re.MULTILINE)
    wanted = [(check.id, check.requirement) for check in checks]
    assert [row for row in rows if row[0].startswith(f"{checks.kind}.")] == wanted


def test_its_count_of_checks_is_right() -> None:
    assert f"coincurve conforms: {len(SIGNER_CHECKS)} passed" in README


@pytest.mark.parametrize("block", BLOCKS, ids=range(len(BLOCKS)))
def test_its_code_runs(block: str) -> None:
    exec(compile(block, "README.md", "exec"), {"__name__": "readme"})


def test_its_signer_is_certified_by_its_suite() -> None:
    space: dict[str, object] = {"__name__": "readme"}
    exec(compile(BLOCKS[0], "README.md", "exec"), space)
    suite = space["TestMySigner"]
    assert isinstance(suite, type)
    for check in SIGNER_CHECKS:
        suite().test_signer(check)
