"""The walk-through of `backends/README.md`: its files and its commands, as they stand there, in a fresh venv."""

from __future__ import annotations

import ast
import sys
from pathlib import Path

import pytest

from tests.docs.walking import files, require_shown, steps
from tests.test_packaging import ROOT, run

PAGE = (ROOT / "backends" / "README.md").read_text("utf-8")
FILES = files(PAGE)


def test_the_page_has_the_whole_package() -> None:
    assert sorted(FILES) == [
        "gonka-pocket/gonka_pocket/__init__.py",
        "gonka-pocket/gonka_pocket/signer.py",
        "gonka-pocket/pyproject.toml",
        "gonka-pocket/tests/test_pocket.py",
    ]
    assert [step.command.split()[0] for step in steps(PAGE)] == [
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
    for step in steps(PAGE):
        command = step.command.replace("/path/to/gonka-core", str(ROOT))
        require_shown(step, run(["sh", "-c", command], cwd=tmp_path).stdout)
