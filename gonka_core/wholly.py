"""Events handed on whole: what a stream breaks off within must not run into the error that is told behind it."""

from __future__ import annotations

from typing import Final

_ENDS: Final = (b"\n\n", b"\n\r\n", b"\r\r")
_LONGEST_END: Final = 4


class WholeEvents:
    """Give it the pieces of a stream of events; what it hands back ends where an event does.

    Nothing is delayed by that: nobody can use a part of an event. What is held back is bounded by the client's
    `Limits.event_bytes`.
    """

    def __init__(self) -> None:
        self._held = bytearray()

    def feed(self, piece: bytes) -> bytes:
        """All that is complete now; empty where nothing is."""
        if not self._held and piece.endswith(b"\n\n"):
            return piece
        searched = max(0, len(self._held) - _LONGEST_END)
        self._held += piece
        end = max(_behind(self._held, mark, searched) for mark in _ENDS)
        complete = bytes(self._held[:end])
        del self._held[:end]
        return complete

    def rest(self) -> bytes:
        """What is held back when a stream has ended well: `[DONE]` without the blank line behind it."""
        return bytes(self._held)


def _behind(held: bytearray, mark: bytes, start: int) -> int:
    found = held.rfind(mark, start)
    return 0 if found < 0 else found + len(mark)
