"""The walk-through of `backends/README.md`: its files and its commands, as they stand there, in a fresh venv."""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.test_packaging import ROOT, run

PAGE = (ROOT / "backends" / "README.md").read_text("utf-8")
FILE = re.compile(r"^`([\w./-]+)`\n\n```\w+\n(.*?)^```$", re.MULTILINE | re.DOTALL)
FILES: dict[str, str] = dict(FILE.findall(PAGE))
ELLIPSIS = "…"


@dataclass(frozen=True)
class Step:
    """A command, and the lines that the page shows beneath it."""

    command: str
    shown: tuple[str, ...]


def steps() -> list[Step]:
    block = re.search(r"^```console\n(\$ python3 -m venv .*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    assert block is not None
    found = [step.splitlines() for step in re.split(r"^\$ ", block[1], flags=re.MULTILINE)[1:]]
    return [Step(command, tuple(lines)) for command, *lines in found]


def require_shown(step: Step, output: str) -> None:
    """Every line that the page shows is printed, in that order; an ellipsis stands for any others."""
    printed = iter([line.split() for line in output.splitlines()])
    for line in step.shown:
        if line.strip() != ELLIPSIS:
            assert line.split() in printed, f"{step.command} does not print {line!r} there:\n{output}"


def test_the_page_has_the_whole_package() -> None:
    assert sorted(FILES) == [
        "gonka-pocket/gonka_pocket/__init__.py",
        "gonka-pocket/gonka_pocket/signer.py",
        "gonka-pocket/pyproject.toml",
        "gonka-pocket/tests/test_pocket.py",
    ]
    assert [step.command.split()[0] for step in steps()] == [
        "python3",
        ".venv/bin/pip",
        ".venv/bin/gonka",
        ".venv/bin/gonka",
        ".venv/bin/python",
    ]


def test_its_hook_module_imports_nothing_but_the_core() -> None:
    tree = ast.parse(FILES["gonka-pocket/gonka_pocket/__init__.py"])
    imported = [node.module for node in tree.body if isinstance(node, ast.ImportFrom)]
    assert imported == ["gonka_core"]
    assert not [node for node in tree.body if isinstance(node, ast.Import)]


@pytest.mark.packaging
@pytest.mark.timeout(300)
def test_its_steps_lead_to_a_certified_signer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    monkeypatch.setenv("COLUMNS", "120")
    for path, text in FILES.items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    for step in steps():
        command = step.command.replace("/path/to/gonka-core", str(ROOT))
        require_shown(step, run(["sh", "-c", command], cwd=tmp_path).stdout)
