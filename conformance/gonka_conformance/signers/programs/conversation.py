"""Questions and answers with one run of a program."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any, Final

from gonka_conformance.checks import CheckFailed

from . import messages
from .process import Process, Tail

START_S: Final = 10.0
"""Seconds that the answer to `hello` may take in addition: the program starts first."""
_READS: Final = 64
"""More than two pipes hold; a program that never falls silent has no more of our time."""


class Conversation:
    """It lasts until the program does something else than answer; then every question fails with what that was.

    An answer that says `error` is an answer. Raises OSError where the program cannot be started.
    """

    def __init__(self, command: Sequence[str], timeout: float, stdout: Tail, stderr: Tail) -> None:
        self._process = Process(command, stdout, stderr)
        self._timeout = timeout
        self._turn = threading.Lock()
        self._asked = 0
        self._ended_by: CheckFailed | None = None

    @property
    def over(self) -> bool:
        return self._ended_by is not None

    def greet(self) -> messages.Hello:
        """Begin it. Raises `CheckFailed` where the program does not take part, which ends it."""
        try:
            return messages.hello(self._ask("hello", "hello", self._timeout + START_S, version=messages.VERSION))
        except CheckFailed as reason:
            self.end(reason)
            raise

    def ask(self, op: str, what: str, **fields: Any) -> dict[str, Any]:
        """The answer to a question, which `what` names in evidence. Raises `CheckFailed` where there is none."""
        return self._ask(op, what, self._timeout, **fields)

    def _ask(self, op: str, what: str, timeout: float, **fields: Any) -> dict[str, Any]:
        with self._turn:
            if self._ended_by is not None:
                raise CheckFailed(str(self._ended_by), self._ended_by.details)
            self._asked += 1
            try:
                line = self._process.exchange(messages.request(self._asked, op, fields), what, timeout)
                return messages.answer(line, self._asked, what)
            except CheckFailed as reason:
                self._end(reason, at_once=True)
                raise

    def listen(self) -> None:
        """Take in what the program has written so far beside its answers."""
        with self._turn:
            for _ in range(_READS):
                if self.over or not self._process.listen():
                    return

    def end(self, reason: CheckFailed) -> None:
        """End the program, which may take two seconds; one that is being asked something ends at once."""
        if not self._turn.acquire(blocking=False):
            self._process.kill()
            self._turn.acquire()
        try:
            self._end(reason)
        finally:
            self._turn.release()

    def _end(self, reason: CheckFailed, *, at_once: bool = False) -> None:
        if self.over:
            return
        self._ended_by = reason
        if at_once:
            self._process.kill()
        self._process.close()
