"""`llm` as a user has it: the command, and a folder of its own for what it keeps."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

Run: TypeAlias = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where `llm` keeps logs, keys and what plug-ins write."""
    monkeypatch.setenv("LLM_USER_PATH", str(tmp_path))
    return tmp_path


@pytest.fixture
def run(folder: Path) -> Run:
    """Runs `llm` with these words, as a process, and returns it when it has ended."""

    def command(*words: str, said: str = "") -> subprocess.CompletedProcess[str]:
        program = [str(Path(sys.executable).with_name("llm")), *words]
        return subprocess.run(program, input=said, capture_output=True, text=True, timeout=100, check=False)

    return command
