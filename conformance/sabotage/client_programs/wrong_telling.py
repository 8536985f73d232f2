"""Clients that do not tell what happened: by what they print, or by how they end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

from .honest import Program


class EmptyIsFine(Program):
    def give_up(self, error: Exception) -> int:
        return super().give_up(error) if self.payload() else 0


class AlwaysZero(Program):
    def give_up(self, error: Exception) -> int:
        super().give_up(error)
        return 0


class Latin1(Program):
    """Prints what it got as if it were Latin-1, as programs do on systems that are set up so."""

    def whole(self, answer: bytes) -> str:
        return super().whole(answer.decode("latin-1").encode())


class Crashes(Program):
    def run(self) -> int:
        os.kill(os.getpid(), signal.SIGSEGV)
        return 0


class Hangs(Program):
    """Waits for something that never comes, and so does a child of its own."""

    def run(self) -> int:
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
        time.sleep(600)
        return 0


class ExitsEarly(Program):
    def run(self) -> int:
        return 0


class SaysNothing(Program):
    def say(self, text: str) -> None:
        """Keeps it to itself."""


class Garbage(Program):
    """Prints megabytes of bytes that are no text."""

    def say(self, text: str) -> None:
        sys.stdout.buffer.write(b"\xff\xfe\0" * 4_000_000)


class HalfALine(Program):
    def say(self, text: str) -> None:
        print(f'{{"ok": true, "text": "{text}', end="")


class PlainText(Program):
    """Claims lines of JSON and prints the text."""
