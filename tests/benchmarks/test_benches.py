"""The benchmarks run: once each, without taking the time."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

from gonka_core.plugins import registry

ROOT: Final = Path(__file__).parents[2]
VERDICT: Final = re.compile(r"^benchmarks/(bench_\w+)\.py::(.+) (PASSED|SKIPPED)\b", re.MULTILINE)
SIZES: Final = ("200 B", "4 KB", "256 KB", "10 MB")


def test_every_benchmark_runs() -> None:
    # One test, because the run is for all that is asked of it.
    ended = outcomes()
    ran = {file for (file, _), outcome in ended.items() if outcome == "PASSED"}
    assert ran == {path.stem for path in ROOT.glob("benchmarks/bench_*.py")}
    for size in SIZES:
        assert ended["bench_signing", f"test_documented_program[{size}]"] == "PASSED"
        for name, entry in registry().of_kind("signer").items():
            for scheme in ("raw", "hash"):
                outcome = ended["bench_signing", f"test_sign_request[{name}-{scheme}-{size}]"]
                assert outcome == ("SKIPPED" if entry.missing else "PASSED"), (name, scheme, size)


def outcomes() -> dict[tuple[str, str], str]:
    """How each benchmark ended, by file and name. Fails where one fails."""
    command = [sys.executable, "-m", "pytest", "benchmarks", "-o", "python_files=bench_*.py", "-o", "addopts="]
    done = subprocess.run(
        [*command, "--import-mode=importlib", "-p", "no:cacheprovider", "--benchmark-disable", "-v"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return {(file, name): outcome for file, name, outcome in VERDICT.findall(done.stdout)}
