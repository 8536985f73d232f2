"""`make` on a machine that lacks something: one clear message."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """What the first command needs, in a folder without `.venv`."""
    for name in ("Makefile", "bootstrap.py", "pyproject.toml"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def make(checkout: Path, python: str) -> subprocess.CompletedProcess[str]:
    command = ["make", f"PYTHON={python}", "demo"]
    environ = {**os.environ, "LC_ALL": "C"}
    return subprocess.run(command, cwd=checkout, env=environ, capture_output=True, text=True, timeout=60, check=False)


def interpreter(checkout: Path, preamble: str) -> str:
    """A Python that runs a preamble first, then whatever it is given."""
    script = checkout / "python"
    script.write_text(
        f"#!{sys.executable}\nimport sys, runpy\n{preamble}\nrunpy.run_path(sys.argv[1], run_name='__main__')\n"
    )
    script.chmod(0o755)
    return str(script)


def test_no_python_at_all(checkout: Path) -> None:
    done = make(checkout, "no-such-python")
    assert done.returncode == 2
    assert "install Python 3.11 or newer" in done.stderr


def test_too_old_a_python(checkout: Path) -> None:
    done = make(checkout, interpreter(checkout, "sys.version_info = (3, 9, 18)"))
    assert done.returncode == 2
    assert "needs Python 3.11 or newer; this is 3.9" in done.stderr
    assert "make PYTHON=" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (checkout / ".venv").exists()


@pytest.mark.parametrize("module", ["venv", "ensurepip"])
def test_a_python_without_venv(checkout: Path, module: str) -> None:
    done = make(checkout, interpreter(checkout, f"sys.modules[{module!r}] = None"))
    assert done.returncode == 2
    assert "apt install python3-venv" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("version", ["python2.7", "python3.6", "python3.8"])
def test_an_old_python_can_read_the_message(checkout: Path, version: str) -> None:
    source = (ROOT / "bootstrap.py").read_text()
    assert 'f"' not in source
    found = shutil.which(version)
    if found is None or subprocess.run([found, "-c", ""], capture_output=True, check=False).returncode:
        return
    done = make(checkout, found)
    assert done.returncode == 2
    assert "needs Python 3.11 or newer" in done.stderr


def test_help_lists_every_target(checkout: Path) -> None:
    done = subprocess.run(["make"], cwd=checkout, capture_output=True, text=True, timeout=60, check=True)
    for target in ("demo", "test", "bench", "lint", "types", "unit", "format", "clean"):
        assert f"make {target}" in done.stdout
