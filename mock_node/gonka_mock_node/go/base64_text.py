"""Standard base64 as Go's `encoding/base64` reads it, with the offset that its error names (`protocol.md` §1.5).

It differs from Python's: line breaks are skipped wherever they stand, unused bits of the last character may be set,
padding is required, and the first byte that does not fit is named. Clients see that number in the node's answer.
"""

from __future__ import annotations

import binascii
import re
from typing import Final

_ALPHABET: Final = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_VALUES: Final = {byte: value for value, byte in enumerate(_ALPHABET)}
_BREAKS: Final = b"\r\n"
_PAD: Final = ord("=")
_ORDINARY: Final = re.compile(rb"[A-Za-z0-9+/]*={0,2}")
"""Text on which both languages agree, where its length is a multiple of four."""


class IllegalBase64Error(ValueError):
    """`offset` is the byte that Go names."""

    def __init__(self, offset: int) -> None:
        super().__init__(f"illegal base64 data at input byte {offset}")
        self.offset = offset


def decode(data: bytes) -> bytes:
    """The decoded bytes. Raises `IllegalBase64Error`."""
    if len(data) % 4 == 0 and _ORDINARY.fullmatch(data):
        return binascii.a2b_base64(data)
    out = bytearray()
    position = 0
    while position < len(data):
        symbols, position, finished = _quantum(data, position)
        if symbols:
            out += _bytes_of(symbols)
        if finished:
            break
    return bytes(out)


def _quantum(data: bytes, position: int) -> tuple[list[int], int, bool]:
    """Up to four symbols from a position, the position behind them, and whether padding ended the text."""
    symbols: list[int] = []
    while len(symbols) < 4:
        if position == len(data):
            if symbols:
                raise IllegalBase64Error(position - len(symbols))
            return symbols, position, True
        byte = data[position]
        if byte in _VALUES:
            symbols.append(_VALUES[byte])
        elif byte == _PAD:
            return symbols, _after_padding(data, position, len(symbols)), True
        elif byte not in _BREAKS:
            raise IllegalBase64Error(position)
        position += 1
    return symbols, position, False


def _after_padding(data: bytes, position: int, symbols: int) -> int:
    """The end of the text behind the padding that begins at a position."""
    if symbols < 2:
        raise IllegalBase64Error(position)
    position = _skip_breaks(data, position + 1)
    if symbols == 2:
        if position == len(data):
            raise IllegalBase64Error(len(data))
        if data[position] != _PAD:
            raise IllegalBase64Error(position - 1)
        position = _skip_breaks(data, position + 1)
    if position < len(data):
        raise IllegalBase64Error(position)
    return position


def _skip_breaks(data: bytes, position: int) -> int:
    while position < len(data) and data[position] in _BREAKS:
        position += 1
    return position


def _bytes_of(symbols: list[int]) -> bytes:
    value = 0
    for symbol in symbols + [0] * (4 - len(symbols)):
        value = value << 6 | symbol
    return value.to_bytes(3, "big")[: len(symbols) - 1]
