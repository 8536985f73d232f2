"""What importing the library costs: CPU of a fresh interpreter."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile

from benchmarks.rows.row import Measured, Row, Rows, Target
from gonka_bench.paired import Run, measure, repeated

_NOTHING = "pass"
_BASE = "import json, hashlib, dataclasses, pluggy"
_OURS = "import gonka_core"
_CLIENT = "from gonka_core import Client"


def _import() -> Measured:
    with tempfile.TemporaryDirectory() as folder:
        subjects = {code: _interpreter(code, folder) for code in (_NOTHING, _BASE, _OURS, _CLIENT)}
        timings = measure(subjects, rounds=15, sample_s=0.02, clock=_children)
    base, ours, client = (timings[code].best_s for code in (_BASE, _OURS, _CLIENT))
    told = f"`{_BASE}` {base * 1e3:.0f} ms, `{_OURS}` {ours * 1e3:.0f} ms, `{_CLIENT}` {client * 1e3:.0f} ms, "
    return Measured(ours / base, told + f"a bare interpreter {timings[_NOTHING].best_s * 1e3:.0f} ms")


def _interpreter(code: str, folder: str) -> Run:
    """A fresh interpreter that finds everything compiled, as after an installation."""
    environment = os.environ | {"PYTHONPYCACHEPREFIX": folder}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    return repeated(lambda: subprocess.run([sys.executable, "-c", code], check=True, env=environment))


def _children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


ROWS: Rows = (Row(Target("import", f"CPU of `{_OURS}` against `{_BASE}`", "at most", 1.5), _import),)
