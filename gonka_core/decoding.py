"""Content codings of answers: undone here and nowhere else, piece by piece and within a limit.

We ask for none (`Accept-Encoding: identity`), because a few bytes of gzip can be gigabytes of zeros and the HTTP
libraries undo it without a limit. A node or proxy that compresses all the same is understood.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Protocol

_PIECE: Final = 64 * 1024
_GZIP: Final = 31
_ZLIB: Final = 15
_BARE: Final = -15
"""`zlib`'s numbers for the formats."""


class CodingError(ValueError):
    """The body is not what its coding says, or its coding is unknown."""


class Decoder(Protocol):
    """Undoes a coding."""

    def feed(self, piece: bytes) -> Iterable[bytes]:
        """What a piece comes to, in pieces of bounded size. Raises `CodingError`."""
        ...

    def finish(self) -> None:
        """The body is over. Raises `CodingError` when its coding is not."""
        ...


class Plain:
    """No coding."""

    def feed(self, piece: bytes) -> Iterable[bytes]:
        return (piece,)

    def finish(self) -> None:
        """A body without a coding may end anywhere."""


class Inflating:
    """gzip, and `deflate`, which is sent with zlib's header as well as without."""

    def __init__(self, window: int | None) -> None:
        self._inflate = None if window is None else zlib.decompressobj(window)
        self._start = b""

    def feed(self, piece: bytes) -> Iterator[bytes]:
        if self._inflate is None:
            self._start += piece
            if len(self._start) < 2:
                return
            piece, self._inflate = self._start, zlib.decompressobj(_window(self._start))
        try:
            while piece and not self._inflate.eof:
                yield self._inflate.decompress(piece, _PIECE)
                piece = self._inflate.unconsumed_tail
        except zlib.error as error:
            raise CodingError(f"its compressed body is damaged ({error})") from None

    def finish(self) -> None:
        if self._inflate is None or not self._inflate.eof:
            raise CodingError("its compressed body ends too early")


def _window(start: bytes) -> int:
    """Which of the two a `deflate` body is: zlib's header is a multiple of 31 that names method 8 (RFC 1950 §2.2)."""
    return _ZLIB if start[0] & 15 == 8 and int.from_bytes(start[:2], "big") % 31 == 0 else _BARE


def decoder(headers: Mapping[str, str]) -> Decoder:
    """For an answer with these headers (names in lower case). Raises `CodingError` for a coding that is unknown."""
    coding = headers.get("content-encoding")
    if coding is None:
        return Plain()
    coding = coding.strip().lower()
    if coding in ("", "identity"):
        return Plain()
    if coding in ("gzip", "x-gzip"):
        return Inflating(_GZIP)
    if coding == "deflate":
        return Inflating(None)
    raise CodingError(f"its body is encoded as {coding[:40]!r}, which was not asked for")
