"""The parent's side: a worker is started with an interpreter, told its task, and asked for CPU seconds.

What goes over its stdin and stdout is told in `serving`.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import IO, Any, Final

from benchmarks.child import child
from benchmarks.peers.serving import Task

LIMIT_S: Final = 120.0
_LONGEST: Final = 300


class WorkerError(RuntimeError):
    """A worker refused a line, ended, or did not answer in time."""


class Worker:
    """A process that makes requests, by its id. `subjects` are the names it knows, `versions` those of its packages."""

    def __init__(
        self, process: subprocess.Popen[str], module: str, wrote: IO[bytes], task: Task, limit_s: float
    ) -> None:
        self.pid = process.pid
        self._process = process
        self._module = module
        self._wrote = wrote
        self._limit_s = limit_s
        self._was_late = False
        ready: dict[str, Any] = json.loads(self.asked(json.dumps(asdict(task))))
        self.subjects: tuple[str, ...] = tuple(ready["subjects"])
        self.versions: Mapping[str, str] = ready["versions"]

    def run(self, subject: str, times: int) -> float:
        """Seconds of the worker's CPU for so many requests. Raises WorkerError."""
        return float(self.asked(f"run {subject} {times}"))

    def asked(self, line: str) -> str:
        """The answer to a line. Raises WorkerError when it is a refusal, or there is none."""
        late = threading.Timer(self._limit_s, self._kill)
        late.start()
        try:
            answer = self._exchanged(line)
        finally:
            late.cancel()
        if not answer:
            raise WorkerError(f"the worker {self._module} {self._end()}; `make bench-peers` installs what it needs")
        if answer.startswith("error "):
            raise WorkerError(f"the worker {self._module} refused: {answer.removeprefix('error ').strip()}")
        return answer

    def _exchanged(self, line: str) -> str:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(line + "\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            return ""
        return self._process.stdout.readline()

    def _kill(self) -> None:
        self._was_late = True
        self._process.kill()

    def _end(self) -> str:
        """How it ended, in words: those of its own that came last."""
        status = self._process.wait(timeout=self._limit_s)
        if self._was_late:
            return f"did not answer within {self._limit_s:g} s and was ended"
        self._wrote.seek(0)
        lines = self._wrote.read().decode(errors="replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "nothing")
        return f"ended with status {status}, and wrote last: {last[:_LONGEST]}"


@contextmanager
def worker(python: Path, module: str, task: Task, *, limit_s: float = LIMIT_S) -> Iterator[Worker]:
    """`python -m MODULE`, ready to run. It has ended when the block is left. Raises WorkerError when it does not start.

    `limit_s` seconds are the longest that an answer is waited for.
    """
    with (
        tempfile.TemporaryFile() as wrote,
        child(module, python=python, environment=_environment(), stderr=wrote) as process,
    ):
        yield Worker(process, module, wrote, task, limit_s)


def _environment() -> dict[str, str]:
    """Ours without what an SDK would take for its settings: endpoints, keys, proxies."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("GONKA_", "OPENAI_")) and not name.lower().endswith("_proxy")
    }
