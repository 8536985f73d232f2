"""`make test-all`: which Pythons are found, what is read of their suites, and when it fails."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from tests import interpreters
from tests.interpreters import Outcome

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"


def test_this_python_is_found_and_one_that_cannot_be_is_not() -> None:
    place = interpreters.found(HERE)
    assert place is not None
    assert interpreters.full_version(place).startswith(f"{HERE}.")
    assert interpreters.found("3.99") is None


def test_what_does_not_run_has_no_version(tmp_path: Path) -> None:
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\nexit 1\n")
    broken.chmod(0o755)
    assert interpreters.full_version(broken) == ""
    assert interpreters.full_version(tmp_path / "nothing") == ""
    assert interpreters.full_version(Path(sys.executable)) == platform.python_version()


@pytest.mark.parametrize(
    ("line", "counts"),
    [
        ("412 passed in 8.10s", {"passed": 412}),
        (
            "= 1 failed, 411 passed, 2 skipped, 3 warnings in 98.61s (0:01:38) =",
            {"failed": 1, "passed": 411, "skipped": 2},
        ),
        ("2 errors in 0.31s", {"error": 2}),
        ("no tests ran in 0.01s", {}),
        ("ERROR: file or directory not found: tests/nothing", {}),
    ],
)
def test_the_last_line_is_read(line: str, counts: dict[str, int]) -> None:
    assert interpreters.counts(f"7 passed before that\n{line}\n") == counts


@pytest.mark.parametrize(
    ("outcome", "well"),
    [
        (Outcome("3.14", note="not found"), True),
        (Outcome("3.12", "3.12.1", {"passed": 5, "skipped": 1}), True),
        (Outcome("3.12", "3.12.1", {"passed": 5, "failed": 1}), False),
        (Outcome("3.12", "3.12.1", {"error": 2}), False),
        (Outcome("3.12", "3.12.1", {}), False),
        (Outcome("3.12", "3.12.1", note="its environment could not be made"), False),
    ],
)
def test_when_it_is_well(outcome: Outcome, well: bool) -> None:
    assert outcome.well is well


def test_the_table() -> None:
    rows = [
        Outcome("3.11", "3.11.7", {"passed": 412, "skipped": 2}),
        Outcome("3.12", "3.12.1", {"passed": 9, "failed": 13, "error": 1}),
        Outcome("3.14", note="not found"),
    ]
    assert interpreters.table(rows).splitlines() == [
        "python  passed  failed  skipped",
        "3.11.7     412       0        2",
        "3.12.1       9      13        0  1 errors",
        "3.14                             not found",
    ]


def test_nothing_found_is_a_failure(capsys: pytest.CaptureFixture[str]) -> None:
    assert interpreters.main(["--python", "3.99"]) == 1
    assert "3.99" in capsys.readouterr().out


def test_it_runs_a_suite_with_the_environment_that_is_there(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(interpreters, "environment", lambda version, interpreter: Path(sys.executable))
    (tmp_path / "test_one.py").write_text("def test_one():\n    pass\n")
    assert interpreters.main(["--python", HERE, str(tmp_path)]) == 0
    assert "1 passed" in capsys.readouterr().out
    (tmp_path / "test_two.py").write_text("def test_two():\n    assert False\n")
    assert interpreters.main(["--python", HERE, str(tmp_path)]) == 1
