"""Bech32 (BIP-173), the text form of addresses: a readable prefix, `1`, data in 5-bit symbols, a checksum.

Classic bech32 only: the network does not use bech32m (`protocol.md` §8). As in Cosmos the 90-character limit of
BIP-173 does not apply, and text is all lower or all upper case.
"""

from __future__ import annotations

from collections.abc import Iterable

_ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_VALUES = {symbol: value for value, symbol in enumerate(_ALPHABET)}
_GENERATOR = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_CHECKSUM_SYMBOLS = 6


class Bech32Error(ValueError):
    """The text is not bech32; the message says what is wrong with it."""


def encode(prefix: str, data: bytes) -> str:
    """The text of `data` under a lower-case `prefix`."""
    symbols = _regroup(data, 8, 5, pad=True)
    checksum = _polymod([*_expand(prefix), *symbols, *([0] * _CHECKSUM_SYMBOLS)]) ^ 1
    symbols += [checksum >> 5 * (_CHECKSUM_SYMBOLS - 1 - i) & 31 for i in range(_CHECKSUM_SYMBOLS)]
    return prefix + "1" + "".join(_ALPHABET[symbol] for symbol in symbols)


def decode(text: str) -> tuple[str, bytes]:
    """The prefix, in lower case, and the data of `text`.

    Raises `Bech32Error` for mixed case, a missing separator, a symbol outside the alphabet, a wrong checksum or
    padding that is not zero bits.
    """
    lowered = text.lower() if text.isascii() else text
    if text not in (lowered, text.upper()):
        raise Bech32Error("it mixes capitals and small letters")
    prefix, separator, tail = lowered.rpartition("1")
    if not separator or not prefix:
        raise Bech32Error("it has no prefix followed by '1'")
    if any(not 33 <= ord(character) <= 126 for character in prefix):
        raise Bech32Error("its prefix has a character that is not printable ASCII")
    if len(tail) < _CHECKSUM_SYMBOLS:
        raise Bech32Error("it is too short to carry a checksum")
    return prefix, _data(prefix, tail)


def _data(prefix: str, tail: str) -> bytes:
    unknown = next((symbol for symbol in tail if symbol not in _VALUES), None)
    if unknown is not None:
        raise Bech32Error(f"{unknown!r} is not a bech32 character")
    symbols = [_VALUES[symbol] for symbol in tail]
    if _polymod([*_expand(prefix), *symbols]) != 1:
        raise Bech32Error("its checksum is wrong, so a character was changed, lost or added")
    return bytes(_regroup(symbols[:-_CHECKSUM_SYMBOLS], 5, 8, pad=False))


def _polymod(symbols: Iterable[int]) -> int:
    checksum = 1
    for symbol in symbols:
        top = checksum >> 25
        checksum = (checksum & 0x1FFFFFF) << 5 ^ symbol
        for bit, factor in enumerate(_GENERATOR):
            if top >> bit & 1:
                checksum ^= factor
    return checksum


def _expand(prefix: str) -> list[int]:
    return [*(ord(character) >> 5 for character in prefix), 0, *(ord(character) & 31 for character in prefix)]


def _regroup(groups: Iterable[int], width_in: int, width_out: int, *, pad: bool) -> list[int]:
    """The same bits in groups of another width; without `pad` the rest must be fewer than `width_in` zero bits."""
    buffer = bits = 0
    out: list[int] = []
    for group in groups:
        buffer = buffer << width_in | group
        bits += width_in
        while bits >= width_out:
            bits -= width_out
            out.append(buffer >> bits & ((1 << width_out) - 1))
        buffer &= (1 << bits) - 1
    if pad and bits:
        out.append(buffer << (width_out - bits) & ((1 << width_out) - 1))
    elif not pad and (bits >= width_in or buffer):
        raise Bech32Error("the bits that fill up its last character are not zero")
    return out
