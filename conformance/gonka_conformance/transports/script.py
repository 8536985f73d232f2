"""What the loopback server is told to play: answers of several steps, each bytes to send or something to do.

A gate holds a connection back until the check opens it. Nothing sleeps, but for `pause`, where silence itself is meant.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from http import HTTPStatus
from typing import Final, Protocol, TypeAlias

from .received import Received

HELD_S: Final = 6.0
"""Seconds after which a gate opens by itself: what a subject that waits for ever is measured by."""


class Line(Protocol):
    """The server's end of a connection, as far as a step may use it."""

    def hang_up(self) -> None:
        """End it, as a server does that has said everything."""
        ...

    def reset(self) -> None:
        """Tear it down."""
        ...


Step: TypeAlias = bytes | Callable[[Line], None]
Answer: TypeAlias = Sequence[Step]
Script: TypeAlias = Callable[[Received], Answer]


class Gate:
    """A step that waits until the gate is opened."""

    def __init__(self) -> None:
        self._opened = threading.Event()
        self.by_itself: bool = False

    def __call__(self, line: Line) -> None:
        if not self._opened.wait(HELD_S):
            self.by_itself = True

    def open(self) -> None:
        self._opened.set()


def hang_up(line: Line) -> None:
    """End the connection here."""
    line.hang_up()


def reset(line: Line) -> None:
    """Reset the connection here."""
    line.reset()


def pause(seconds: float) -> Step:
    """Be silent for so long, or until the exam is over."""
    never = threading.Event()

    def wait(line: Line) -> None:
        never.wait(seconds)

    return wait


def head(status: int, *headers: str) -> bytes:
    """Status line and headers, as they stand."""
    phrases = {each.value: each.phrase for each in HTTPStatus}
    return "\r\n".join([f"HTTP/1.1 {status} {phrases.get(status, 'Unheard Of')}", *headers, "", ""]).encode("latin-1")


def http(status: int, body: bytes = b"", *headers: str) -> bytes:
    """A whole answer with its length; 204 and 304 have no body and no length (RFC 9112 §6.3)."""
    if status in (204, 304):
        return head(status, *headers)
    return head(status, f"Content-Length: {len(body)}", *headers) + body


def chunk(piece: bytes) -> bytes:
    """A piece in chunked coding; the empty one ends the body."""
    return b"%x\r\n%b\r\n" % (len(piece), piece)


def always(*steps: Step) -> Script:
    """The same answer to each request."""
    return lambda received: steps


def in_turn(*answers: Answer) -> Script:
    """One answer after the other, over all connections; the last one again and again."""
    left = list(answers)
    lock = threading.Lock()

    def play(received: Received) -> Answer:
        with lock:
            return left.pop(0) if len(left) > 1 else left[0]

    return play


def by_target(answer: Callable[[str], Answer]) -> Script:
    """An answer that depends on the last part of the path."""
    return lambda received: answer(received.target.rpartition("/")[2])
