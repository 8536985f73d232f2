"""Small clones with groups of their own, for trying the runner of `make test-ecosystem` with the real installer."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.ecosystem.checkout import Checkout

HERE: Final = Path(__file__).parent
PACKAGES: Final = sysconfig.get_path("purelib")
TITLE: Final = re.compile(r"^(\S+) +(\d+ passed, \d+ failed(?:, \d+ skipped)?) +\d+\.\d s(?:  FAILED: (.*))?$", re.M)

# pytest comes from the environment that this test runs in: a folder of the project like its own, so that nothing has to
# be downloaded. The builder, too, finds hatchling there.
PYPROJECT: Final = f"""
[build-system]
requires = []
build-backend = "builder"
backend-path = ["."]

[project]
name = "gonka-core"
version = "1"

[project.scripts]
gonka = "gonka_core:main"

[project.entry-points.tiny]
word = "gonka_core:WORD"

[tool.hatch.build.targets.wheel]
packages = ["gonka_core"]
dev-mode-dirs = [".", {json.dumps(PACKAGES)}]

[tool.pytest.ini_options]
addopts = ["--import-mode=importlib"]
"""
BUILDER: Final = f"""
import os, sys

sys.path.append({PACKAGES!r})
from hatchling.build import build_editable as real

def build_editable(*words):
    with open(os.environ["TINY_BUILDS"], "a") as log:
        print(os.getcwd(), file=log)
    if gate := os.environ.get("TINY_GATE"):
        open(gate).read()
    return real(*words)
"""
USES: Final = """
import subprocess, sys
from importlib.metadata import entry_points, version
from pathlib import Path

import gonka_core


def test_whose_code_this_is():
    assert gonka_core.WORD == {word!r}


def test_whose_entry_points_these_are():
    (point,) = entry_points(group="tiny")
    assert point.load() == {word!r}


def test_whose_code_the_command_runs():
    command = Path(sys.executable).with_name("gonka")
    assert subprocess.check_output([command], text=True).strip() == {word!r}
"""


@dataclass(frozen=True)
class Clone:
    """A clone of a small project, and a way to run its ecosystem as a shell does."""

    root: Path
    environ: Mapping[str, str]

    @property
    def places(self) -> Path:
        return Path(self.environ["GONKA_TESTS_ECOSYSTEM"])

    @property
    def checkout(self) -> Checkout:
        return Checkout(self.root, self.places)

    @property
    def builds(self) -> list[str]:
        log = Path(self.environ["TINY_BUILDS"])
        return log.read_text().splitlines() if log.exists() else []

    def group(self, name: str, requirements: str = "", **tests: str) -> None:
        folder = self.root / "tests" / "ecosystem"
        (folder / "groups" / f"{name}.txt").write_text(requirements)
        (folder / name).mkdir(exist_ok=True)
        for test, text in tests.items():
            (folder / name / f"test_{test}.py").write_text(text)

    def begin(self, *words: str, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "tests.ecosystem", *words],
            cwd=self.root,
            env={**self.environ, **more},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *words: str, **more: str) -> Ended:
        return ended(self.begin(*words, **more))


@dataclass(frozen=True)
class Ended:
    code: int
    output: str

    @property
    def groups(self) -> dict[str, tuple[str, str]]:
        """Of each group the counts, and the problem or nothing."""
        return {name: (counts, problem) for name, counts, problem in TITLE.findall(self.output)}

    @property
    def total(self) -> str:
        return self.output.splitlines()[-1]


def ended(process: subprocess.Popen[str]) -> Ended:
    output, _ = process.communicate(timeout=100)
    return Ended(process.returncode, output)


def clone(folder: Path, word: str, common: str = "--editable .\n") -> Clone:
    root = folder / word
    ecosystem = root / "tests" / "ecosystem"
    (ecosystem / "groups").mkdir(parents=True)
    for path in (HERE / "ecosystem").glob("*.py"):
        if path.name != "conftest.py":
            shutil.copy(path, ecosystem)
    (ecosystem / "common.txt").write_text(common)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "builder.py").write_text(BUILDER)
    (root / "gonka_core").mkdir()
    (root / "gonka_core" / "__init__.py").write_text(f"WORD = {word!r}\n\n\ndef main():\n    print(WORD)\n")
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("GONKA_", "PYTEST_", "PYTHON"))},
        "GONKA_TESTS_ECOSYSTEM": os.fspath(folder / "places"),
        "TINY_BUILDS": os.fspath(folder / "builds"),
        "UV_OFFLINE": "1",
    }
    made = Clone(root, environ)
    made.group("tiny", uses=USES.format(word=word))
    return made
