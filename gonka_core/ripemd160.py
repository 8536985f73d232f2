"""RIPEMD-160 where OpenSSL has none.

OpenSSL 3 keeps RIPEMD-160 in its legacy provider, which many systems do not load, so `hashlib` cannot be
relied on. The tables and constants are those of the function's definition (Dobbertin, Bosselaers, Preneel 1996;
ISO/IEC 10118-3). It hashes 32 bytes once for each address: speed does not matter here.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Callable, Sequence
from functools import cache

_MASK = 0xFFFFFFFF
_START = (0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476, 0xC3D2E1F0)

# The order in which each of the five rounds reads the sixteen words, and how far it rotates: rho repeated,
# starting from the identity on the left line and from pi on the right one.
_RHO = (7, 4, 13, 1, 10, 6, 15, 3, 12, 0, 9, 5, 2, 14, 11, 8)
_PI = tuple((9 * i + 5) % 16 for i in range(16))
_SHIFTS = (
    (11, 14, 15, 12, 5, 8, 7, 9, 11, 13, 14, 15, 6, 7, 9, 8),
    (12, 13, 11, 15, 6, 9, 9, 7, 12, 15, 11, 13, 7, 8, 7, 7),
    (13, 15, 14, 11, 7, 7, 6, 8, 13, 14, 13, 12, 5, 5, 6, 9),
    (14, 11, 12, 14, 8, 6, 5, 5, 15, 12, 15, 14, 9, 9, 8, 6),
    (15, 12, 13, 13, 9, 5, 8, 6, 14, 11, 12, 11, 8, 6, 5, 5),
)
_LEFT_ADD = (0x00000000, 0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xA953FD4E)
_RIGHT_ADD = (0x50A28BE6, 0x5C4DD124, 0x6D703EF3, 0x7A6D76E9, 0x00000000)
_MIX: tuple[Callable[[int, int, int], int], ...] = (
    lambda x, y, z: x ^ y ^ z,
    lambda x, y, z: (x & y) | (~x & z),
    lambda x, y, z: (x | ~y) ^ z,
    lambda x, y, z: (x & z) | (y & ~z),
    lambda x, y, z: x ^ (y | ~z),
)


def ripemd160(data: bytes) -> bytes:
    """20 bytes: RIPEMD-160 of `data`, by `hashlib` where it can and by `ripemd160_pure` where it cannot."""
    if _hashlib_has_it():
        return hashlib.new("ripemd160", data, usedforsecurity=False).digest()
    return ripemd160_pure(data)


@cache
def _hashlib_has_it() -> bool:
    try:
        hashlib.new("ripemd160", usedforsecurity=False)
    except ValueError:
        return False
    return True


def ripemd160_pure(data: bytes) -> bytes:
    """20 bytes: RIPEMD-160 of `data`, in Python alone."""
    padded = data + b"\x80" + bytes(-(len(data) + 9) % 64) + struct.pack("<Q", 8 * len(data))
    state: Sequence[int] = _START
    for offset in range(0, len(padded), 64):
        state = _compress(state, struct.unpack_from("<16I", padded, offset))
    return struct.pack("<5I", *state)


def _compress(state: Sequence[int], words: Sequence[int]) -> Sequence[int]:
    left = _line(state, words, tuple(range(16)), _LEFT_ADD, _MIX)
    right = _line(state, words, _PI, _RIGHT_ADD, _MIX[::-1])
    return [(state[(i + 1) % 5] + left[(i + 2) % 5] + right[(i + 3) % 5]) & _MASK for i in range(5)]


def _line(
    state: Sequence[int],
    words: Sequence[int],
    order: tuple[int, ...],
    add: Sequence[int],
    mix: Sequence[Callable[[int, int, int], int]],
) -> Sequence[int]:
    a, b, c, d, e = state
    for turn in range(5):
        for index in order:
            total = a + mix[turn](b, c, d) + words[index] + add[turn]
            a, b, c, d, e = e, (_rotate(total, _SHIFTS[turn][index]) + e) & _MASK, b, _rotate(c, 10), d
        order = tuple(_RHO[index] for index in order)
    return a, b, c, d, e


def _rotate(value: int, bits: int) -> int:
    value &= _MASK
    return (value << bits | value >> (32 - bits)) & _MASK
