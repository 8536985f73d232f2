"""One request as it arrived, read from a socket by hand so that nothing tidies it up on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol


class Source(Protocol):
    """Where bytes come from. Both raise EOFError where they end too soon."""

    def until(self, mark: bytes) -> bytes:
        """Everything up to the mark, and the mark."""
        ...

    def exactly(self, count: int) -> bytes: ...

    def go_on(self) -> None:
        """Tell a client that waits for it to send the body."""
        ...


@dataclass(frozen=True, slots=True)
class Received:
    """Request line, header lines in their order, and the body after its transfer coding.

    `connection` is the number of the connection, from 0; outer blanks of a header's value are no part of it
    (RFC 9110 §5.5).
    """

    line: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    connection: int = 0

    @property
    def method(self) -> str:
        return self.line.partition(" ")[0]

    @property
    def target(self) -> str:
        return self.line.partition(" ")[2].rpartition(" ")[0]

    def values(self, name: str) -> list[str]:
        """The values of every header of that name, in order."""
        return [value for found, value in self.headers if found.lower() == name.lower()]


def read_request(source: Source, connection: int) -> Received:
    """The next request. Raises EOFError where there is none, ValueError where it is not HTTP/1.1."""
    line, *lines = source.until(b"\r\n\r\n").decode("latin-1").split("\r\n")[:-2]
    headers = tuple(_header(each) for each in lines)
    head = Received(line, headers, b"", connection)
    if head.values("expect"):
        source.go_on()
    return Received(line, headers, _body(source, head), connection)


def _header(line: str) -> tuple[str, str]:
    name, separator, value = line.partition(":")
    if not separator:
        raise ValueError(f"a header line without a colon: {line!r}")
    return name, value.strip(" \t")


def _body(source: Source, head: Received) -> bytes:
    if head.values("transfer-encoding"):
        return _chunks(source)
    lengths = head.values("content-length")
    return source.exactly(int(lengths[0])) if lengths else b""


def _chunks(source: Source) -> bytes:
    pieces: list[bytes] = []
    while size := int(source.until(b"\r\n").split(b";")[0], 16):
        pieces.append(source.exactly(size))
        source.exactly(2)
    while source.until(b"\r\n") != b"\r\n":
        continue
    return b"".join(pieces)
