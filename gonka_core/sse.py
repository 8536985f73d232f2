"""Server-sent events: bytes in, data out (HTML standard, §9.2.6). No I/O.

Lines end in LF, CR or CRLF, wherever a piece of the stream happens to be cut. The data lines of an event are joined
by line feeds; comments and other fields are passed over; a byte order mark at the beginning is not data.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

LONGEST_EVENT: Final = 16 * 1024 * 1024
"""Bytes of one event after which it is refused; a node cuts its own lines at 1 MiB (`protocol.md` §5.3)."""

_BOM: Final = b"\xef\xbb\xbf"
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")


class EventTooLongError(ValueError):
    """An event went on past the limit without ending."""


class Decoder:
    """Feed it the pieces of a stream in order; each call yields the data of the events completed by that piece."""

    def __init__(self, longest_event: int = LONGEST_EVENT) -> None:
        self._longest = longest_event
        self._start: bytes | None = b""
        self._line: list[bytes] = []
        self._after_cr = False
        self._data: list[bytes] = []
        self._size = 0

    def feed(self, piece: bytes) -> Iterator[bytes]:
        """The data of every event that is now complete. Raises `EventTooLongError`."""
        piece = self._without_line_feed(self._without_mark(piece))
        self._size += len(piece)
        head, *tail = _LINE_END.split(piece)
        self._line.append(head)
        for following in tail:
            line = b"".join(self._line)
            self._line = [following]
            if line:
                self._field(line)
            elif self._data:
                yield self._dispatch(len(following))
        if self._size > self._longest:
            raise EventTooLongError(f"over {self._longest} bytes")

    def _without_mark(self, piece: bytes) -> bytes:
        """The piece without the byte order mark; nothing while it cannot be told yet whether there is one."""
        if self._start is None:
            return piece
        self._start += piece
        if len(self._start) < len(_BOM) and _BOM.startswith(self._start):
            return b""
        piece, self._start = self._start.removeprefix(_BOM), None
        return piece

    def _without_line_feed(self, piece: bytes) -> bytes:
        """The piece without the LF of a CRLF that was cut in two: its CR has ended the line already."""
        if not piece:
            return piece
        if self._after_cr:
            piece = piece.removeprefix(b"\n")
        self._after_cr = piece.endswith(b"\r")
        return piece

    def _field(self, line: bytes) -> None:
        name, _, value = line.partition(b":")
        if name == b"data":
            self._data.append(value.removeprefix(b" "))

    def _dispatch(self, begun: int) -> bytes:
        data = b"\n".join(self._data)
        self._data.clear()
        self._size = begun
        return data
