# ruff: noqa: S603 - the programs that are started are named here
"""Build the docs as a site: `make docs`. The tools have an environment of their own, made at the first use.

python docs/tooling/build.py [--out FOLDER] [--serve]
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
REQUIREMENTS: Final = Path(__file__).with_name("requirements.txt")
PLACE: Final = ROOT / ".venv-docs"
SECONDS: Final = 600


def python() -> Path:
    """The interpreter that has the tools. Several processes may ask at once: one makes it, the others wait."""
    told = f"{sys.version}\0{REQUIREMENTS.read_text(encoding='utf-8')}"
    place = PLACE / hashlib.sha256(told.encode()).hexdigest()[:12]
    PLACE.mkdir(exist_ok=True)
    with (PLACE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (place / "ready").exists():
            _make(place)
    return place / "bin" / "python"


def _make(place: Path) -> None:
    for stale in PLACE.iterdir():
        if stale.is_dir():
            shutil.rmtree(stale)
    uv = [sys.executable, "-m", "uv", "--quiet"]
    subprocess.run([*uv, "venv", "--python", sys.executable, os.fspath(place)], check=True, timeout=SECONDS)
    command = [*uv, "pip", "install", "--python", os.fspath(place / "bin" / "python")]
    subprocess.run([*command, "--requirement", os.fspath(REQUIREMENTS)], check=True, timeout=SECONDS)
    (place / "ready").touch()


def mkdocs(*words: str) -> int:
    """Run MkDocs at the root of the repository; its exit status. `--quiet` would hide warnings from `--strict`."""
    runner = python()
    environ = {
        **os.environ,
        "PATH": f"{runner.parent}{os.pathsep}{os.environ.get('PATH', '')}",  # signatures are formatted by ruff
        "NO_MKDOCS_2_WARNING": "1",  # an advertisement, which --strict would count
    }
    command = [os.fspath(runner), "-m", "mkdocs", *words]
    return subprocess.run(command, cwd=ROOT, env=environ, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=ROOT / "site", help="where to, by default site/")
    parser.add_argument("--serve", action="store_true", help="show it on loopback, and build again what changes")
    given = parser.parse_args()
    if given.serve:
        return mkdocs("serve")
    return mkdocs("build", "--strict", "--site-dir", os.fspath(given.out.absolute()))


if __name__ == "__main__":
    sys.exit(main())
