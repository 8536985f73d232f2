# ruff: noqa: T201 - a command, whose output is its purpose
"""The suite on every Python that is supported and found: `make test-all`.

    python -m tests.interpreters [--python 3.12 …] [options of pytest, such as tests/core]

Each has an environment of its own under `.venv-all/`, made by uv; the tree's `.venv` is left alone. A Python is looked
for on PATH, and where uv and pyenv keep theirs; none is downloaded.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]
PLACES: Final = Path(os.environ.get("GONKA_TESTS_INTERPRETERS", ROOT / ".venv-all"))
VERSIONS: Final = ("3.11", "3.12", "3.13", "3.14")
INSTALL_S: Final = 900
RUN_S: Final = 5400
UV: Final = (sys.executable, "-m", "uv", "--quiet")
COUNTED: Final = ("passed", "failed", "skipped", "error")
SLOW_ELSEWHERE: Final = "not packaging and not peers"
"""What installs into new environments does not depend on the Python that asks for it."""


@dataclass(frozen=True)
class Outcome:
    """How the suite ended on one Python; `version` is the full one, `counts` by pytest's words, `note` why not."""

    wanted: str
    version: str = ""
    counts: dict[str, int] | None = None
    note: str = ""

    @property
    def well(self) -> bool:
        """Whether nothing went wrong. A Python that is not there is no failure."""
        if self.counts is None:
            return not self.version
        return self.counts.get("passed", 0) > 0 and not (self.counts.get("failed") or self.counts.get("error"))


def found(version: str) -> Path | None:
    """The interpreter of that version, None where there is none that runs."""
    told = _output([*UV, "python", "find", "--no-project", "--no-python-downloads", "--system", version])
    kept = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(f"versions/{version}.*/bin/python"))
    for place in filter(None, [told, shutil.which(f"python{version}"), *map(str, reversed(kept))]):
        if full_version(Path(place)).startswith(f"{version}."):
            return Path(place)
    return None


def full_version(interpreter: Path) -> str:
    """Such as `3.12.1`; empty where it does not run."""
    program = "import ensurepip, platform; print(platform.python_version())"
    return _output([os.fspath(interpreter), "-c", program])


def environment(version: str, interpreter: Path) -> Path:
    """The interpreter of an environment with this checkout and its development tools, made where it is missing."""
    told = f"{full_version(interpreter)}\0{(ROOT / 'pyproject.toml').read_text(encoding='utf-8')}"
    place = PLACES / version
    mark = place / "made-of"
    made_of = hashlib.sha256(told.encode()).hexdigest()
    if not mark.exists() or mark.read_text() != made_of:
        shutil.rmtree(place, ignore_errors=True)
        subprocess.run([*UV, "venv", "--python", interpreter, place], check=True, timeout=INSTALL_S)
        interpreter = place / "bin" / "python"
        command = [*UV, "pip", "install", "--python", os.fspath(interpreter), "--editable", f"{ROOT}[dev]"]
        subprocess.run(command, check=True, timeout=INSTALL_S)
        mark.write_text(made_of)
    return place / "bin" / "python"


def counts(printed: str) -> dict[str, int]:
    """The figures of pytest's last line; `errors` and `error` are one."""
    lines = [line for line in printed.splitlines() if re.search(r"\bin [\d.]+s\b", line)]
    pairs = re.findall(r"(\d+) (passed|failed|skipped|error)", lines[-1] if lines else "")
    return {word: int(number) for number, word in pairs}


def run(version: str, options: Sequence[str]) -> Outcome:
    """Run the suite on that Python; what it prints is shown as it comes."""
    interpreter = found(version)
    if interpreter is None:
        return Outcome(version, note="not found")
    full = full_version(interpreter)
    try:
        python = environment(version, interpreter)
    except subprocess.SubprocessError as error:
        return Outcome(version, full, note=f"its environment could not be made ({type(error).__name__})")
    command = [os.fspath(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", "-m", SLOW_ELSEWHERE, *options]
    print(f"=== Python {full}", flush=True)
    lines = []
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as suite:
        assert suite.stdout is not None
        for line in suite.stdout:
            print(line, end="", flush=True)
            lines.append(line)
        suite.wait(RUN_S)
    told = counts("".join(lines))
    return Outcome(version, full, told, "" if told else f"pytest ended with status {suite.returncode}")


def table(outcomes: Sequence[Outcome]) -> str:
    """A line for each Python."""
    rows: list[tuple[str, ...]] = [("python", *COUNTED[:3], "")]
    for each in outcomes:
        figures = [str(each.counts.get(word, 0)) if each.counts else "" for word in COUNTED[:3]]
        errors = (each.counts or {}).get("error", 0)
        rows.append((each.version or each.wanted, *figures, each.note or (f"{errors} errors" if errors else "")))
    widths = [max(len(row[column]) for row in rows) for column in range(4)]
    return "\n".join(
        "  ".join([row[0].ljust(widths[0]), *_right(row[1:4], widths[1:]), row[4]]).rstrip() for row in rows
    )


def _right(cells: Sequence[str], widths: Sequence[int]) -> list[str]:
    return [cell.rjust(width) for cell, width in zip(cells, widths, strict=True)]


def _output(command: Sequence[str]) -> str:
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.interpreters", description="The suite on every Python that is found."
    )
    parser.add_argument("--python", action="append", metavar="3.X", help=f"default: {', '.join(VERSIONS)}")
    given, options = parser.parse_known_args(arguments)
    outcomes = [run(version, options) for version in given.python or VERSIONS]
    print(f"\n{table(outcomes)}")
    anywhere = any(outcome.counts for outcome in outcomes)
    return 0 if anywhere and all(outcome.well for outcome in outcomes) else 1


if __name__ == "__main__":
    sys.exit(main())
