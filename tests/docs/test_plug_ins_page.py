"""The package of docs/plug-ins.md: its files as they stand there, found by name, and its commands."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.public import ROOT
from tests.docs.walking import Step, files, lay_out, require_shown, steps

PAGE = (ROOT / "docs" / "plug-ins.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent
STEPS = steps(PAGE)


@pytest.fixture(scope="module")
def laid_out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page")
    lay_out(PAGE, folder)
    return folder


def carry_out(command: str, folder: Path) -> str:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GONKA_")}
    environ |= {"PYTHONPATH": str(folder / "gonka-paced"), "COLUMNS": "120"}
    line = command.replace(".venv/bin", str(BIN)).replace("-m pytest", "-m pytest -p no:cacheprovider")
    done = subprocess.run(
        ["sh", "-c", line], env=environ, cwd=folder, capture_output=True, text=True, timeout=100, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_page_has_the_whole_package() -> None:
    assert sorted(files(PAGE)) == [
        "gonka-paced/gonka_paced/__init__.py",
        "gonka-paced/gonka_paced/selector.py",
        "gonka-paced/gonka_paced/transport.py",
        "gonka-paced/pyproject.toml",
        "gonka-paced/tests/test_paced.py",
    ]
    programs = ["python3", ".venv/bin/pip", ".venv/bin/gonka", ".venv/bin/gonka", ".venv/bin/gonka", ".venv/bin/python"]
    assert [step.command.split()[0] for step in STEPS] == programs


@pytest.mark.parametrize("step", STEPS[2:], ids=lambda step: step.command)
def test_its_commands_print_what_the_page_shows(step: Step, laid_out: Path) -> None:
    require_shown(step, carry_out(step.command, laid_out))


def test_a_client_takes_both_by_their_names(laid_out: Path) -> None:
    program = """
from gonka_core import Client, PrivateKey
from gonka_mock_node import MockNetwork
with MockNetwork(2) as nodes:
    places = [f"{node.url};{node.provider_address}" for node in nodes.nodes]
    with Client(places, private_key=PrivateKey.generate(), transport="paced", selector="least-busy") as client:
        print(client.chat({"model": "test", "messages": [{"role": "user", "content": "hello"}]}).text)
"""
    (laid_out / "program.py").write_text(program)
    assert "hello" in carry_out(".venv/bin/python program.py", laid_out)


def test_the_package_breaks_where_the_page_does(tmp_path: Path) -> None:
    """The negative: with a transport that waits for nobody, the page's own test fails."""
    broken = PAGE.replace("turn = max(now, self._free_at.get(host, now))", "turn = now")
    assert broken != PAGE
    lay_out(broken, tmp_path)
    with pytest.raises(AssertionError, match="1 failed"):
        carry_out(f"{STEPS[-1].command} -k pause", tmp_path)
