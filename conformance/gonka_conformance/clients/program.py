"""Running a client: by itself, in an environment of its own, for so long, and leaving nothing behind."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from typing import IO, Final

from .transcript import Ending, Run

KEPT_BYTES: Final = 8 * 1024 * 1024
"""Of each output; what comes after that is read and dropped."""
_INHERITED: Final = ("PATH", "LD_LIBRARY_PATH")
_LAST_WORDS_S: Final = 2.0


def run(argv: Sequence[str], environment: Mapping[str, str], seconds: float) -> Run:
    """Run the program to its end, or until its time is up; then whatever is left of its process group is killed.

    It sees `environment`, the search paths, a home directory that is empty and goes afterwards, and nothing else;
    its standard input is at its end.
    """
    home = tempfile.mkdtemp(prefix="gonka-exam-")
    began = time.monotonic()
    try:
        process = subprocess.Popen(  # noqa: S603 - running what the author names is the purpose
            argv,
            env=_surroundings(environment, home),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return Run(tuple(argv), "not started", None, 0.0, trouble=str(error))
    else:
        return _watched(process, tuple(argv), seconds, began)
    finally:
        shutil.rmtree(home, ignore_errors=True)


def _surroundings(environment: Mapping[str, str], home: str) -> dict[str, str]:
    inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
    return {**inherited, "HOME": home, "TMPDIR": home, "LANG": "C.UTF-8", **environment}


def _watched(process: subprocess.Popen[bytes], argv: tuple[str, ...], seconds: float, began: float) -> Run:
    kept = [_Kept(stream) for stream in (process.stdout, process.stderr) if stream is not None]
    in_time = True
    try:
        process.wait(seconds)
    except subprocess.TimeoutExpired:
        in_time = False
    finally:
        _kill_group(process)
    took = time.monotonic() - began
    status = process.returncode
    ended: Ending = "out of time" if not in_time else "signal" if status < 0 else "exited"
    stdout, stderr = (output.text() for output in kept)
    trouble = f"signal {-status}" if ended == "signal" else ""
    return Run(argv, ended, status if ended == "exited" else None, took, stdout, stderr, trouble)


def _kill_group(process: subprocess.Popen[bytes]) -> None:
    # The group outlives its leader where the program started others; where it did not, there is none any more.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(_LAST_WORDS_S)


class _Kept:
    """Reads an output to its end in a thread, so that the program never waits for a reader."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._data = bytearray()
        self._thread = threading.Thread(target=self._read, name="gonka-exam-output", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        with contextlib.suppress(OSError, ValueError):
            while piece := os.read(self._stream.fileno(), 65536):
                self._data += piece[: max(KEPT_BYTES - len(self._data), 0)]

    def text(self) -> bytes:
        """What was kept. Somebody who left the process group may hold the pipe: that is not waited for."""
        self._thread.join(_LAST_WORDS_S)
        if not self._thread.is_alive():
            self._stream.close()
        return bytes(self._data)
