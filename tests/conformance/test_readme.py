"""What the README says is so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gonka_conformance.signers.checks import SIGNER_CHECKS

README = (Path(__file__).parents[2] / "conformance" / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"```python\n(.*?)```", README, re.DOTALL)


def test_its_table_is_the_list_of_checks() -> None:
    rows = re.findall(r"^\| `(\w+\.[\w-]+)` \| (.*) \|$", README, re.MULTILINE)
    assert rows == [(check.id, check.requirement) for check in SIGNER_CHECKS]


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
