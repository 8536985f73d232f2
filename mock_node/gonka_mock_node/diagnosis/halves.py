"""r and s out of the bytes of a signature: every layout that client libraries are known to give."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from gonka_mock_node.curve import ORDER

_HALF: Final = 32


@dataclass(frozen=True, slots=True)
class Reading:
    """r and s, modulo n and not zero, with the ids of what is wrong with their layout.

    `rank` is 0 for what the length alone suggests and 1 for what a right length may hide.
    """

    mistakes: tuple[str, ...]
    r: int
    s: int
    rank: int = 0

    def behind(self, mistakes: tuple[str, ...]) -> Reading:
        return replace(self, mistakes=(*mistakes, *self.mistakes))


@dataclass(frozen=True, slots=True)
class Readings:
    """`visible` is the mistake that the layout shows by itself, None for the right length."""

    visible: str | None
    readings: tuple[Reading, ...]


def readings(signature: bytes | str) -> Readings:
    """The possible r and s in bytes, or in a text of hex digits."""
    if isinstance(signature, str) and len(signature) not in (128, 130) and 120 <= len(signature) < 128:
        splits = ((int(signature[:at], 16), int(signature[at:], 16)) for at in range(len(signature) - 64, 65))
        return Readings("unpadded", tuple(_kept((("unpadded",), 0, r, s) for r, s in splits)))
    raw = bytes.fromhex(signature + "0" * (len(signature) % 2)) if isinstance(signature, str) else signature
    found = tuple(_kept(_layouts(raw)))
    return Readings(_visible(raw), found)


def _visible(raw: bytes) -> str | None:
    if _der(raw) is not None:
        return "der"
    if len(raw) == 2 * _HALF:
        return None if any(raw[:_HALF]) and any(raw[_HALF:]) else "signature-zero"
    if 60 <= len(raw) < 64:
        return "unpadded"
    return "recovery-id" if len(raw) == 65 else "signature-length"


_Layout = tuple[tuple[str, ...], int, int, int]


def _kept(layouts: Iterator[_Layout]) -> Iterator[Reading]:
    for mistakes, rank, r, s in layouts:
        if r % ORDER and s % ORDER and max(r, s) < 2**256:
            high = ("high-s",) if s % ORDER > ORDER // 2 else ()
            yield Reading((*mistakes, *high), r % ORDER, s % ORDER, rank)


def _layouts(raw: bytes) -> Iterator[_Layout]:
    der = _der(raw)
    if der is not None:
        yield ("der",), 0, *der
    if len(raw) == 64:
        yield from _of_right_length(raw)
    elif 60 <= len(raw) < 64:
        for at in range(len(raw) - _HALF, _HALF + 1):
            yield ("unpadded",), 0, _big(raw[:at]), _big(raw[at:])
    elif len(raw) in (65, 66):
        yield from _too_long(raw)


def _of_right_length(raw: bytes) -> Iterator[_Layout]:
    first, second = raw[:_HALF], raw[_HALF:]
    yield (), 0, _big(first), _big(second)
    yield ("halves-swapped",), 1, _big(second), _big(first)
    yield ("little-endian",), 1, _little(first), _little(second)
    yield ("reversed",), 1, _little(second), _little(first)


def _too_long(raw: bytes) -> Iterator[_Layout]:
    """A recovery id in front or behind, or the sign byte that big integers of some languages bring."""
    if len(raw) == 66:
        if not raw[0] and not raw[33]:
            yield ("sign-byte",), 0, _big(raw[:33]), _big(raw[33:])
        return
    yield ("recovery-id",), 0, _big(raw[:32]), _big(raw[32:64])
    yield ("recovery-id",), 0, _big(raw[1:33]), _big(raw[33:])
    if not raw[32]:
        yield ("sign-byte",), 0, _big(raw[:32]), _big(raw[33:])


def _der(raw: bytes) -> tuple[int, int] | None:
    """r and s of a DER sequence of two integers; a hash-type byte behind it, as in Bitcoin, is read over."""
    if len(raw) < 8 or raw[0] != 0x30 or len(raw) - raw[1] not in (2, 3):
        return None
    body = raw[2 : 2 + raw[1]]
    r, rest = _integer(body)
    s, rest = _integer(rest)
    return (r, s) if r and s and not rest else None


def _integer(data: bytes) -> tuple[int, bytes]:
    """The integer at the beginning and what follows it; 0 where there is none."""
    if len(data) < 3 or data[0] != 0x02 or not 1 <= data[1] <= min(33, len(data) - 2):
        return 0, b""
    return _big(data[2 : 2 + data[1]]), data[2 + data[1] :]


def _big(data: bytes) -> int:
    return int.from_bytes(data, "big")


def _little(data: bytes) -> int:
    return int.from_bytes(data, "little")
