"""The tests of one group in its environment, and how they ended."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from xml.etree import ElementTree

from tests.ecosystem.checkout import Checkout, Group
from tests.ecosystem.environments import InstallationError, environment
from tests.ecosystem.ours import environ

SECONDS: Final = 900
"""What a group may take. One test that hangs ends sooner, by pytest-timeout."""


@dataclass(frozen=True)
class Counts:
    """How many tests ended how; one that could not begin has failed."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(self.passed + other.passed, self.failed + other.failed, self.skipped + other.skipped)

    def __str__(self) -> str:
        skipped = f", {self.skipped} skipped" if self.skipped else ""
        return f"{self.passed} passed, {self.failed} failed{skipped}"


@dataclass(frozen=True)
class Outcome:
    """What became of a group: `problem` is empty where all is well, `output` what pytest or the installer said."""

    group: Group
    problem: str
    output: str
    seconds: float
    counts: Counts = field(default_factory=Counts)


def run(checkout: Checkout, group: Group, options: Sequence[str]) -> Outcome:
    """Run the tests of a group with pytest's `options`."""
    begun = time.monotonic()
    try:
        with environment(checkout, group) as python, TemporaryDirectory() as scratch:
            problem, output, counts = _tested(checkout, group, python, Path(scratch), options)
    except InstallationError as error:
        problem, output, counts = "its libraries could not be installed", str(error), Counts()
    return Outcome(group, problem, output, time.monotonic() - begun, counts)


def _tested(
    checkout: Checkout, group: Group, python: Path, scratch: Path, options: Sequence[str]
) -> tuple[str, str, Counts]:
    report, output = scratch / "report.xml", scratch / "output.txt"
    ours = scratch / "ours"
    ours.mkdir()
    words = ["-q", "-p", "no:cacheprovider", "-o", "junit_family=xunit2", f"--junitxml={report}", *options]
    command = [os.fspath(python), "-m", "pytest", *words, os.fspath(group.tests)]
    # A file rather than a pipe: a server that a test left behind would hold a pipe open, and the runner with it.
    with output.open("wb") as sink:
        try:
            code = subprocess.run(
                command,
                cwd=checkout.root,
                env=environ(checkout, ours),
                stdin=subprocess.DEVNULL,
                stdout=sink,
                stderr=subprocess.STDOUT,
                timeout=SECONDS,
                check=False,
            ).returncode
        except subprocess.TimeoutExpired:
            code = None
    counts = _counted(report)
    return _problem(code, counts), output.read_text(encoding="utf-8", errors="replace"), counts


def _counted(report: Path) -> Counts:
    """What pytest's report says; nothing where it did not come to write one."""
    try:
        suites = ElementTree.parse(report).getroot().iter("testsuite")
    except (OSError, ElementTree.ParseError):
        return Counts()
    return sum((_of_suite(suite) for suite in suites), Counts())


def _of_suite(suite: ElementTree.Element) -> Counts:
    told = {name: int(suite.get(name, "0")) for name in ("tests", "failures", "errors", "skipped")}
    failed = told["failures"] + told["errors"]
    return Counts(max(told["tests"] - failed - told["skipped"], 0), failed, told["skipped"])


def _problem(code: int | None, counts: Counts) -> str:
    if code is None:
        return f"it was stopped after {SECONDS} s"
    if counts.failed:
        return f"{counts.failed} failed"
    if not counts.passed:
        return "no test of it ran"
    return "" if code == 0 else f"pytest ended with {code}"
