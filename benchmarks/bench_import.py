"""What a process pays for `import gonka_core`: a fresh interpreter each time, its whole CPU, from start to end."""

from __future__ import annotations

import resource
import subprocess
import sys
from typing import Final

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.measuring import Role, describe

ROUNDS: Final = 20

STATEMENTS: Final[dict[str, Role]] = {
    "import json, hashlib, dataclasses, pluggy": "baseline",
    "pass": "limit",
    "import gonka_core": "subject",
    "import gonka_core, ecdsa": "subject",
    "import gonka_core, httpx": "subject",
}
"""The baseline is what a signed request needs of the standard library, and pluggy. The last two show what a client adds
that signs and sends with what the base install brings.
"""


def children_s() -> float:
    """Seconds of CPU of the processes that we started and that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.benchmark(timer=children_s)
@pytest.mark.parametrize("statement", STATEMENTS)
def test_process(benchmark: BenchmarkFixture, statement: str) -> None:
    """`python -c STATEMENT`, compiled modules in place."""
    describe(benchmark, "1. a process that ends at once", statement, role=STATEMENTS[statement])
    command = [sys.executable, "-c", statement]
    benchmark.pedantic(  # type: ignore[no-untyped-call]
        subprocess.run, (command,), {"check": True}, rounds=ROUNDS, warmup_rounds=2
    )
