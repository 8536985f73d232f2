"""Server-sent events: bytes in, events out, as the HTML standard has it (§9.2.6). No I/O.

Lines end in LF, CR or CRLF, wherever a piece of the stream happens to be cut. `data` lines of an event are joined by
line feeds, `event` names its type, `id` stays until there is another one, `retry` is a number of milliseconds; other
fields and comments are passed over. A blank line ends an event; without data it was none. A byte order mark at the
beginning is not data. Nothing is decoded before its line is complete, so a character may be cut in two.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from .limits import DEFAULT, Limits, OverLimitError

_BOM: Final = b"\xef\xbb\xbf"
_LINE_END: Final = re.compile(rb"\r\n|\r|\n")
_LONGEST_NUMBER: Final = 18


@dataclass(frozen=True, slots=True)
class Event:
    """One event: its data as it came, its type, and the id that was last given in the stream."""

    data: bytes = field(repr=False)
    type: str = "message"
    id: str = field(default="", repr=False)


class EventDecoder:
    """Feed it the pieces of a stream in order; each call yields the events that the piece completes.

    Takes time in proportion to the bytes, however small the pieces. `retry_ms` is what the stream last asked for.
    """

    def __init__(self, limits: Limits = DEFAULT) -> None:
        self._limits = limits
        self._start: bytes | None = b""
        self._after_cr = False
        self._line = bytearray()
        self._data = bytearray()
        self._type = ""
        self._id = ""
        self.retry_ms: int | None = None

    def feed(self, piece: bytes) -> Iterator[Event]:
        """The events that are now complete; to be taken to the end before the next piece.

        Raises `OverLimitError` for a line over `sse_line_bytes`, or the data of one event over `event_bytes`.
        """
        head, *tail = _LINE_END.split(self._without_line_feed(self._without_mark(piece)))
        self._extend(head)
        for following in tail:
            if event := self._end_line():
                yield event
            self._extend(following)

    def finish(self) -> Event | None:
        """The event that the end of the stream left without its blank line; the standard would drop it."""
        if self._line:
            self._end_line()
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

    def _extend(self, part: bytes) -> None:
        if len(self._line) + len(part) > self._limits.sse_line_bytes:
            raise OverLimitError("sse_line_bytes", self._limits.sse_line_bytes)
        self._line += part

    def _end_line(self) -> Event | None:
        line = bytes(self._line)
        self._line.clear()
        if not line:
            return self._dispatch()
        name, _, value = line.partition(b":")
        self._field(name, value.removeprefix(b" "))
        return None

    def _field(self, name: bytes, value: bytes) -> None:
        if name == b"data":
            self._add(value)
        elif name == b"event":
            self._type = value.decode("utf-8", "replace")
        elif name == b"id" and b"\0" not in value:
            self._id = value.decode("utf-8", "replace")
        elif name == b"retry" and value.isdigit() and len(value) <= _LONGEST_NUMBER:
            self.retry_ms = int(value)

    def _add(self, value: bytes) -> None:
        if len(self._data) + len(value) > self._limits.event_bytes:
            raise OverLimitError("event_bytes", self._limits.event_bytes)
        self._data += value + b"\n"

    def _dispatch(self) -> Event | None:
        data, kind = bytes(self._data[:-1]), self._type or "message"
        empty = not self._data
        self._data.clear()
        self._type = ""
        return None if empty else Event(data, kind, self._id)
