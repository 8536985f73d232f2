"""A program under test: a line goes in, a line comes out, and whatever it does instead is said in words.

Everything that is waited for or kept has a limit. The streams are read only while an answer is awaited, without
threads, so that nothing is left behind. POSIX only: a program is started in a process group and ended with it.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Sequence
from typing import IO, Final, NoReturn

from gonka_conformance.checks import CheckFailed

LONGEST_LINE: Final = 65536
"""Bytes of an answer; a longer one is not read to its end."""
_KEPT: Final = 2**20
_CHUNK: Final = 65536
_GRACE_S: Final = 2.0
_QUOTED: Final = 200
_LONGEST_DETAIL: Final = 4000


class Tail:
    """The newest mebibyte of what is written to a stream."""

    def __init__(self) -> None:
        self.data: bytearray = bytearray()

    def add(self, chunk: bytes) -> None:
        self.data += chunk
        del self.data[:-_KEPT]


def quoted(data: bytes) -> str:
    """What a program wrote, in quotes, at most 200 bytes of it."""
    text = repr(data[:_QUOTED].decode("utf-8", "backslashreplace"))
    return text if len(data) <= _QUOTED else f"{text} and {len(data) - _QUOTED} bytes more"


class Process:
    """One run of the program. Raises OSError where the system cannot start it."""

    def __init__(self, command: Sequence[str], stdout: Tail, stderr: Tail) -> None:
        if os.name != "posix":
            raise OSError("the exam of programs needs process groups, which are there on POSIX systems only")
        # The key of whoever runs the exam is none of the program's business.
        environ = {name: value for name, value in os.environ.items() if not name.startswith("GONKA_")}
        self._process = subprocess.Popen(  # noqa: S603 - the command is what is examined
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environ,
            bufsize=0,
            start_new_session=True,
        )
        self._stderr = stderr
        self._unread = bytearray()
        self._open = selectors.DefaultSelector()
        self._open.register(self._stream(self._process.stdout), selectors.EVENT_READ, (stdout, self._unread))
        self._open.register(self._stream(self._process.stderr), selectors.EVENT_READ, (stderr, None))

    def exchange(self, line: bytes, what: str, timeout: float) -> bytes:
        """Write a line; the line that comes back within `timeout` seconds, without its end.

        Raises `CheckFailed` where none does: it says what the program did instead of answering `what`.
        """
        deadline = time.monotonic() + timeout
        self._require_silence(what)
        self._write(line)
        while (end := self._unread.find(b"\n")) < 0:
            if len(self._unread) > LONGEST_LINE:
                self._fail(f"it answered {what} with {len(self._unread)} bytes and no end of the line")
            if self._stream(self._process.stdout) not in self._open.get_map():
                self._fail(self._ending(what))
            # Looked at in any case: one that writes to its stderr without end is always heard in time.
            remaining = deadline - time.monotonic()
            if remaining <= 0 or not self.listen(remaining):
                self._fail(f"it did not answer {what} within {timeout:g} seconds{self._half()}")
        answer = bytes(self._unread[:end])
        del self._unread[: end + 1]
        return answer

    def listen(self, seconds: float = 0) -> bool:
        """Take in what it writes within that time; False where it writes nothing."""
        if not self._open.get_map():
            return False
        ready = self._open.select(max(0.0, seconds))
        for key, _ in ready:
            chunk = os.read(key.fd, _CHUNK)
            tail, unread = key.data
            tail.add(chunk)
            if unread is not None:
                unread += chunk
            if not chunk:
                self._open.unregister(key.fileobj)
        return bool(ready)

    def kill(self) -> None:
        """End it, and what it has started, at once."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)

    def close(self) -> None:
        """Close its input and wait two seconds at most, which is when a program should end; then end it."""
        stdin = self._stream(self._process.stdin)
        with contextlib.suppress(BrokenPipeError):
            stdin.close()
        self._await_end()
        self.kill()
        self._process.wait()
        self._open.close()
        self._stream(self._process.stdout).close()
        self._stream(self._process.stderr).close()

    def _require_silence(self, what: str) -> None:
        self.listen()
        if self._unread:
            self._fail(f"before it was asked {what} it wrote {quoted(bytes(self._unread))}, which answers nothing")

    def _write(self, line: bytes) -> None:
        # No more than one request is ever unread, so that the pipe has room; one that has ended shows in its output.
        with contextlib.suppress(BrokenPipeError):
            self._stream(self._process.stdin).write(line + b"\n")

    def _ending(self, what: str) -> str:
        self._await_end()
        status = self._process.poll()
        how = f"it ended with status {status}"
        if status is None:
            how = "it closed its output"
        elif status < 0:
            how = f"it was ended by signal {-status} ({signal.strsignal(-status)})"
        return f"{how} instead of answering {what}{self._half()}"

    def _await_end(self) -> None:
        """Hear it out, for two seconds at most."""
        deadline = time.monotonic() + _GRACE_S
        while self._open.get_map() and self.listen(deadline - time.monotonic()):
            if time.monotonic() > deadline:
                break
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(max(0.0, deadline - time.monotonic()))

    def _half(self) -> str:
        return f", after half a line: {quoted(bytes(self._unread))}" if self._unread else ""

    def _fail(self, evidence: str) -> NoReturn:
        stderr = bytes(self._stderr.data[-_LONGEST_DETAIL:])
        lines = stderr.strip().splitlines()
        last = f"; the end of its stderr: {quoted(lines[-1])}" if lines else ""
        raise CheckFailed(evidence + last, {"stderr": stderr.decode("utf-8", "backslashreplace")} if lines else {})

    @staticmethod
    def _stream(stream: IO[bytes] | None) -> IO[bytes]:
        assert stream is not None
        return stream
