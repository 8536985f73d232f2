"""Processes of a benchmark's own: each serves until its stdin is closed, by us or because we are gone."""

from __future__ import annotations

import contextlib
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

_TO_END_S: Final = 20


@contextmanager
def child(
    module: str,
    *,
    python: Path | str | None = None,
    folder: Path | None = None,
    environment: Mapping[str, str] | None = None,
    stderr: IO[bytes] | int | None = None,
) -> Iterator[subprocess.Popen[str]]:
    """`python -m MODULE`, by our interpreter and in our folder or by others, with pipes to and from it.

    When the block is left its stdin is closed, and it has ended; it is killed if it does not.
    """
    with subprocess.Popen(
        [python or sys.executable, "-m", module],
        cwd=folder,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=stderr,
        text=True,
        start_new_session=True,  # Ctrl-C is for the parent: a child ends when that is done
    ) as process:
        assert process.stdin is not None
        try:
            yield process
        finally:
            with contextlib.suppress(BrokenPipeError):  # what it did not read before it ended
                process.stdin.close()
            _end(process)


def _end(process: subprocess.Popen[str]) -> None:
    try:
        process.wait(timeout=_TO_END_S)
    except subprocess.TimeoutExpired:
        process.kill()
