"""One subject under callgrind: instructions for each time that it is done.

Callgrind counts what a process executes, whatever else the machine does, so a busy machine changes nothing. The subject
is done so many times and then more often in one process (`worker`), and the difference is divided: what is the same in
both, the loop and the marks around it, cancels out.

The processor that valgrind shows to a program has no instructions for SHA-256, so hashing counts for more than it takes
in life, on both sides of a ratio. That is why ratios for large payloads are by time.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from .subjects import Subject

MARK: Final = "getsid"
"""The function of libc that `worker.mark` calls."""

AT_ONCE: Final = 2
_PATIENCE_S: Final = 300
_WORKER: Final = Path(__file__).with_name("worker.py")
_ROOT: Final = Path(__file__).parents[2]
_TOTALS: Final = re.compile(r"^totals: (\d+)$", re.MULTILINE)
_SSSE3_AT_MOST: Final = "~0x1000000000000000:~0x20"
"""libcrypto picks its SHA-256 by processor; without AVX and AVX2 that is the same one nearly everywhere."""


class CountingError(Exception):
    """Nothing was counted: one sentence that says why, and what to do."""


def counted(subjects: Iterable[Subject], keep: Path | None = None) -> Iterator[tuple[Subject, int]]:
    """Each subject with its `count`, two at a time. Raises `CountingError`."""
    chosen = list(subjects)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            yield from zip(chosen, pool.map(lambda subject: count(subject, keep), chosen), strict=True)
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise


def count(subject: Subject, keep: Path | None = None) -> int:
    """Instructions for each time. What callgrind wrote is left in `keep`, as `SUBJECT.3` for the longer run.

    Raises `CountingError`.
    """
    python = [sys.executable, "-s", "-P", str(_WORKER), subject.name, str(subject.shorter), str(subject.longer)]
    # Once without: what has to be compiled is compiled, and what cannot work says so at once.
    _run(python, subject)
    with nullcontext(keep) if keep else TemporaryDirectory(prefix="gonka-instructions-") as directory:
        out = Path(directory, subject.name)
        _run([valgrind(), "--tool=callgrind", f"--dump-before={MARK}", f"--callgrind-out-file={out}", *python], subject)
        shorter, longer = (_totals(Path(f"{out}.{part}")) for part in (2, 3))
    return round((longer - shorter) / (subject.longer - subject.shorter))


def valgrind() -> str:
    """Where it is. Raises `CountingError` where it is not installed."""
    found = shutil.which("valgrind")
    if found is None:
        raise CountingError("valgrind, which counts instructions, is not installed; on Debian: apt install valgrind")
    return found


def valgrind_version() -> str:
    """Such as `valgrind-3.19.0`. Raises `CountingError`."""
    done = subprocess.run([valgrind(), "--version"], capture_output=True, text=True, check=False)
    return done.stdout.strip()


def _run(command: list[str], subject: Subject) -> None:
    try:
        done = subprocess.run(
            command, cwd=_ROOT, env=_environment(), capture_output=True, text=True, check=False, timeout=_PATIENCE_S
        )
    except subprocess.TimeoutExpired:
        raise CountingError(
            f"{subject.name} was not done after {_PATIENCE_S} seconds; run it by hand: {' '.join(command)}"
        ) from None
    if done.returncode:
        said = done.stderr.strip().splitlines()
        raise CountingError(
            f"{subject.name} failed ({said[-1] if said else done.returncode}); run it by hand: {' '.join(command)}"
        )


def _environment() -> dict[str, str]:
    """Nothing of whoever runs it that could change what is executed."""
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    return kept | {
        "LC_ALL": "C.UTF-8",
        "OPENSSL_ia32cap": _SSSE3_AT_MOST,
        "PYTHONHASHSEED": "0",
        "PYTHONPATH": str(_ROOT),
    }


def _totals(part: Path) -> int:
    try:
        found = _TOTALS.search(part.read_text())
    except OSError:
        found = None
    if found is None:
        raise CountingError(
            f"valgrind wrote no count at {MARK}; see whether the symbols of libc are there: apt install libc6-dbg"
        )
    return int(found[1])
