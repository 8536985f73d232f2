"""Run the tests of each group against the real libraries, in an environment of its own: `make test-ecosystem`.

A group is a file of requirements; `openai-2.txt` and `openai-3.txt` are two groups for the tests in `openai/`. An
environment is kept under a name made of all that decides what is in it, so that nothing is installed twice.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
ROOT: Final = HERE.parents[1]
PLACES: Final = Path(os.environ.get("GONKA_TESTS_ECOSYSTEM", ROOT / ".venv-ecosystem"))
COMMON: Final = HERE / "common.txt"
SECONDS: Final = 600


def groups() -> list[str]:
    """The names of all groups."""
    return sorted(path.stem for path in (HERE / "groups").glob("*.txt"))


def tests_of(group: str) -> Path:
    """The folder with the tests of a group: its name without the version at its end."""
    return HERE / re.sub(r"-\d+$", "", group)


def requirements(group: str) -> tuple[Path, Path]:
    return COMMON, HERE / "groups" / f"{group}.txt"


def environment(group: str) -> Path:
    """Where the environment of a group is, whether it is there or not."""
    told = [sys.version, (ROOT / "pyproject.toml").read_text(), *(path.read_text() for path in requirements(group))]
    return PLACES / f"{group}-{hashlib.sha256(chr(0).join(told).encode()).hexdigest()[:12]}"


def install(group: str) -> Path:
    """The interpreter of the environment of a group, which is made where it is missing."""
    place = environment(group)
    python = place / "bin" / "python"
    if (place / "ready").exists():
        return python
    for stale in (*PLACES.glob(f"{group}-{'[0-9a-f]' * 12}"), place):
        shutil.rmtree(stale, ignore_errors=True)
    files = [word for path in requirements(group) for word in ("--requirement", os.fspath(path))]
    uv = [sys.executable, "-m", "uv", "--quiet"]
    subprocess.run([*uv, "venv", "--python", sys.executable, os.fspath(place)], check=True, timeout=SECONDS)
    command = [*uv, "pip", "install", "--python", os.fspath(python), *files]
    subprocess.run(command, cwd=ROOT, check=True, timeout=SECONDS)
    (place / "ready").touch()
    return python


def run(group: str, options: list[str]) -> tuple[bool, str]:
    """Whether the tests of a group pass, and what they printed."""
    try:
        python = install(group)
    except subprocess.SubprocessError as error:
        return False, f"{group}: its libraries could not be installed: {error}\n"
    command = [os.fspath(python), "-m", "pytest", "-q", "-p", "no:cacheprovider", *options, os.fspath(tests_of(group))]
    done = subprocess.run(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=SECONDS, check=False
    )
    return done.returncode == 0, done.stdout


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.ecosystem", description=__doc__)
    parser.add_argument("group", nargs="*", help=f"default: all of them: {', '.join(groups())}")
    parser.add_argument("--jobs", type=int, default=2, help="groups at once")
    given, options = parser.parse_known_args()
    chosen = given.group or groups()
    if unknown := set(chosen) - set(groups()):
        parser.error(f"there is no group {', '.join(sorted(unknown))}; there are {', '.join(groups())}")
    well = True
    with ThreadPoolExecutor(given.jobs) as pool:
        for group, (passed, told) in zip(chosen, pool.map(lambda name: run(name, options), chosen), strict=True):
            print(f"=== {group}: {'passed' if passed else 'FAILED'}\n{told}", flush=True)
            well = well and passed
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
