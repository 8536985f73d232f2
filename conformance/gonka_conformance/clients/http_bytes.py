"""HTTP/1.1 as it went by on one connection, taken apart: RFC 9112, as far as clients and nodes use it.

Written for looking, not for serving: what is no HTTP is kept as what it is, an incomplete message.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from .tap import Piece

_BODILESS: Final = re.compile(r"HTTP/1\.\d (1\d\d|204|304)\b")
"""Answers that end with their head (RFC 9112 §6.3)."""


@dataclass(frozen=True, slots=True)
class Message:
    """One request or answer. `began_ns` and `ended_ns` are when its first and last byte went by."""

    line: str
    headers: tuple[tuple[str, str], ...]
    body: bytes = field(repr=False)
    head: bytes = field(repr=False)
    complete: bool
    began_ns: int
    ended_ns: int

    def first(self, name: str) -> str:
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def status(self) -> int | None:
        """Of an answer: the number in its first line."""
        number = self.line.split(" ")[1:2]
        return int(number[0]) if number and number[0].isdecimal() else None


def requests(pieces: Sequence[Piece]) -> Iterator[Message]:
    """What a client sent."""
    return _messages(pieces, ends_with_connection=False)


def answers(pieces: Sequence[Piece]) -> Iterator[Message]:
    """What it was sent, without interim answers (1xx)."""
    found = _messages(pieces, ends_with_connection=True)
    return (message for message in found if message.status is None or message.status >= 200)


def _messages(pieces: Sequence[Piece], *, ends_with_connection: bool) -> Iterator[Message]:
    data = b"".join(piece for _, piece in pieces)
    ends = list(accumulate(len(piece) for _, piece in pieces))

    def time_at(offset: int) -> int:
        return pieces[min(bisect_right(ends, offset), len(pieces) - 1)][0]

    position = 0
    while position < len(data):
        head_end = data.find(b"\r\n\r\n", position)
        head = data[position:] if head_end < 0 else data[position : head_end + 4]
        line, headers = _head(head)
        unbounded = ends_with_connection and not _BODILESS.match(line)
        body, end = (b"", None) if head_end < 0 else _body(data, head_end + 4, headers, unbounded)
        complete = end is not None and line.count(" ") >= 2
        until = len(data) if not complete or end is None else end
        yield Message(line, headers, body, head, complete, time_at(position), time_at(until - 1))
        position = until


def _head(head: bytes) -> tuple[str, tuple[tuple[str, str], ...]]:
    line, *fields = head.decode("latin-1").rstrip("\r\n").split("\r\n")
    pairs = (field.partition(":") for field in fields)
    return line, tuple((name, value.strip()) for name, _, value in pairs)


def _body(
    data: bytes, start: int, headers: tuple[tuple[str, str], ...], ends_with_connection: bool
) -> tuple[bytes, int | None]:
    """The body after its transfer coding, and where it ends; None where it broke off."""
    named = {name.lower(): value for name, value in headers}
    if "chunked" in named.get("transfer-encoding", "").lower():
        return _dechunked(data, start)
    length = named.get("content-length", "")
    if not length.isdecimal():
        return (data[start:], len(data)) if ends_with_connection else (b"", start)
    end = start + int(length)
    return data[start:end], end if end <= len(data) else None


def _dechunked(data: bytes, position: int) -> tuple[bytes, int | None]:
    body = bytearray()
    while (line_end := data.find(b"\r\n", position)) >= 0:
        try:
            size = int(data[position:line_end].partition(b";")[0], 16)
        except ValueError:
            break
        start = line_end + 2
        body += data[start : start + size]
        position = start + size + 2
        if not size:
            end = data.find(b"\r\n", start)
            return bytes(body), end + 2 if end >= 0 else None
    return bytes(body), None
