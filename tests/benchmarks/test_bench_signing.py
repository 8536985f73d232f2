"""The benchmarks run: once each, without taking the time."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_every_benchmark_runs() -> None:
    command = [sys.executable, "-m", "pytest", "benchmarks", "-o", "python_files=bench_*.py", "-o", "addopts="]
    done = subprocess.run(
        [*command, "--import-mode=importlib", "-p", "no:cacheprovider", "--benchmark-disable", "-v"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert done.returncode == 0, done.stdout
    for signer in ("coincurve", "cryptography", "ecdsa"):
        for scheme in ("raw", "hash"):
            for size in ("200B", "4KB", "256KB"):
                assert f"test_sign_request[{signer}-{scheme}-{size}] PASSED" in done.stdout
    assert done.stdout.count("documented_program") == 5
