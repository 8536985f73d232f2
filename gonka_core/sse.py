"""Server-sent events: bytes in, events out, as the HTML standard has it (§9.2.6). No I/O.

Lines end in LF, CR or CRLF, wherever a piece of the stream happens to be cut. `data` lines of an event are joined by
line feeds, `event` names its type, `id` stays until there is another one, `retry` is a number of milliseconds; other
fields and comments are passed over. A blank line ends an event; without data it was none. A byte order mark at the
beginning is not data. Nothing is decoded before its line is complete, so a character may be cut in two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from .limits import DEFAULT, Limits, OverLimitError

_BOM: Final = b"\xef\xbb\xbf"
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_LONGEST_NUMBER: Final = 18


class Event(NamedTuple):
    """One event: its data as it came, its type, and the id that was last given in the stream."""

    data: bytes
    type: str = "message"
    id: str = ""

    def __repr__(self) -> str:
        return f"Event(type={self.type!r})"


class EventDecoder:
    """Feed it the pieces of a stream in order; each call yields the events that the piece completes.

    Takes time in proportion to the bytes, however small the pieces. `retry_ms` is what the stream last asked for.
    """

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self._limits = limits
        self._limit = limits.sse_line_bytes
        self._start: bytes | None = b""
        self._after_cr = False
        self._line = bytearray()
        self._data: bytes | bytearray | None = None
        self._type = ""
        self._id = ""
        self.retry_ms: int | None = None

    def feed(self, piece: bytes) -> Iterator[Event]:
        """The events that are now complete; to be taken to the end before the next piece.

        Raises `OverLimitError` for a line over `sse_line_bytes`, or the data of one event over `event_bytes`.
        """
        *ended, rest = _lines(self._without_line_feed(self._without_mark(piece)))
        for line in ended:
            if self._line:
                line = self._begun(line)
            if line:
                self._read(line)
            elif event := self._dispatch():
                yield event
        self._keep(rest)

    def finish(self) -> Event | None:
        """The event that the end of the stream left without its blank line; the standard would drop it."""
        if self._line:
            self._read(self._begun(b""))
        return self._dispatch()

    def _without_mark(self, piece: bytes) -> bytes:
        """The piece without the byte order mark; nothing while all of it may belong to the mark."""
        if self._start is None:
            return piece
        self._start += piece
        if _BOM.startswith(self._start):
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

    def _keep(self, part: bytes) -> None:
        """The beginning of a line whose end is still to come."""
        if len(self._line) + len(part) > self._limit:
            raise OverLimitError("sse_line_bytes", self._limit)
        self._line += part

    def _begun(self, rest: bytes) -> bytes:
        """The whole line of which the beginning was kept."""
        self._keep(rest)
        line = bytes(self._line)
        self._line.clear()
        return line

    def _read(self, line: bytes) -> None:
        if len(line) > self._limit:
            raise OverLimitError("sse_line_bytes", self._limit)
        if line.startswith(b"data: "):  # as nearly all do
            self._add(line[6:])
            return
        name, _, value = line.partition(b":")
        value = value.removeprefix(b" ")
        if name == b"data":
            self._add(value)
        elif name == b"event":
            self._type = value.decode("utf-8", "replace")
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")
        elif name == b"retry" and value.isdigit() and len(value) <= _LONGEST_NUMBER:
            self.retry_ms = int(value)

    def _add(self, value: bytes) -> None:
        held = self._data
        if (0 if held is None else len(held) + 1) + len(value) > self._limits.event_bytes:
            raise OverLimitError("event_bytes", self._limits.event_bytes)
        if held is None:
            self._data = value
            return
        if isinstance(held, bytes):  # a second line, which few events have
            held = self._data = bytearray(held)
        held += b"\n" + value

    def _dispatch(self) -> Event | None:
        data, kind = self._data, self._type
        self._data, self._type = None, ""
        return None if data is None else Event(bytes(data), kind or "message", self._id)


def _lines(piece: bytes) -> list[bytes]:
    # Nodes end lines with LF, for which there is something faster than a regular expression.
    return _LINE_END.split(piece) if b"\r" in piece else piece.split(b"\n")
