"""docs/tutorial.md from its first command to its last, in one folder, beside the mock node that it starts."""

from __future__ import annotations

import os
import re
import shlex
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.public import ROOT
from tests.docs.walking import Step, files, require_shown

PAGE = (ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8")
MADE_BY_HAND = ("mkdir first && cd first", "python3 -m venv .venv", ".venv/bin/pip install")
"""Steps that the environment of these tests stands in for. The wheel is installed into a new venv elsewhere."""


def steps() -> list[Step]:
    blocks = re.findall(r"^```console\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    split = [step.splitlines() for block in blocks for step in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]]
    return [Step(command, tuple(lines)) for command, *lines in split]


class Terminal:
    """A folder, and an environment that lasts from one command to the next."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self._port = port
        self._kept = folder / "environment"
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("GONKA_", "PYTHONPATH"))}
        self._environ = {**kept, "COLUMNS": "120"}
        self._kept.touch()
        (folder / ".venv").symlink_to(sys.prefix)
        for path, text in files(PAGE).items():
            (folder / path).write_text(text, encoding="utf-8")

    def run(self, command: str) -> str:
        line = f". ./environment\n{self._here(command)}\nexport -p > environment"
        done = subprocess.run(
            ["bash", "-ec", line],
            env=self._environ,
            cwd=self._folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return self.shown(done.stdout)

    def start(self, command: str) -> subprocess.Popen[str]:
        words = shlex.split(self._here(command))
        return subprocess.Popen(words, env=self._environ, cwd=self._folder, stdout=subprocess.PIPE, text=True)

    def shown(self, printed: str) -> str:
        return printed.replace(str(self._port), "8000")

    def _here(self, command: str) -> str:
        return command.replace("8000", str(self._port)).replace("-m pytest", "-m pytest -p no:cacheprovider")


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return Terminal(tmp_path, port)


@pytest.fixture
def second_terminal(terminal: Terminal) -> Iterator[subprocess.Popen[str]]:
    (command,) = [step.command for step in steps() if "gonka mock-node" in step.command]
    with terminal.start(command) as node:
        try:
            yield node
        finally:
            node.terminate()


def shown_by(node: subprocess.Popen[str], lines: int) -> str:
    assert node.stdout is not None
    return "".join(node.stdout.readline() for _ in range(lines))


def test_every_step_does_what_the_page_shows(terminal: Terminal, second_terminal: subprocess.Popen[str]) -> None:
    done = []
    for step in steps():
        if step.command.startswith(MADE_BY_HAND):
            continue
        if "gonka mock-node" in step.command:
            require_shown(step, terminal.shown(shown_by(second_terminal, len(step.shown))))
            continue
        printed = terminal.run(step.command)
        require_shown(step, printed)
        done.append((step.command, printed))
    told = dict(done)
    refused = next(printed for command, printed in told.items() if "ask.py Hello" in command)
    assert "invalid signature" in refused
    examined = next(printed for command, printed in told.items() if command.endswith("gonka doctor || true"))
    assert re.search(r"^wrong +provider", examined, re.MULTILINE)


def test_the_test_of_the_page_notices_a_broken_program(terminal: Terminal, tmp_path: Path) -> None:
    """The negative: a program that leaves a piece out turns the page's test red."""
    program = tmp_path / "ask.py"
    program.write_text(program.read_text().replace("words.append(chunk.text)", "words.append(chunk.text[1:])"))
    with pytest.raises(AssertionError, match="2 failed, 1 passed"):
        terminal.run(".venv/bin/python -m pytest -q test_ask.py")
