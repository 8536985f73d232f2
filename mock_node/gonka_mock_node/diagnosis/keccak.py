"""Keccak-256, the hash of Ethereum: the sponge of FIPS 202 with the padding that came before the standard.

Python's `hashlib` has SHA-3 only, which pads with 0x06 where Keccak pads with 0x01, so that the two share no digest.
A node never uses this; it is here to recognise clients that do.

Plain integers take 0.3 ms a block of 136 bytes. Hence the state holds many messages side by side, 64 bits of each
integer for each of them: a hundred messages cost little more than one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

RATE: Final = 136
"""Bytes that each call of the permutation takes in, for digests of 32 bytes."""

_WORD: Final = 2**64 - 1
_ROUNDS: Final = 24


def keccak_256(data: bytes, *, suffix: int = 0x01) -> bytes:
    """32 bytes. A `suffix` of 0x06 instead gives SHA3-256 (FIPS 202 §6.1)."""
    return keccak_256_each([data], suffix=suffix)[0]


def keccak_256_each(messages: Sequence[bytes], *, suffix: int = 0x01) -> list[bytes]:
    """The digests of several messages, in their order."""
    found: dict[int, bytes] = {}
    by_length: dict[int, list[int]] = {}
    for index, message in enumerate(messages):
        by_length.setdefault(blocks(len(message)), []).append(index)
    for indices in by_length.values():
        padded = [_padded(messages[index], suffix) for index in indices]
        found.update(zip(indices, _sponge(padded), strict=True))
    return [found[index] for index in range(len(messages))]


def blocks(size: int) -> int:
    """How many times the permutation runs for data of so many bytes."""
    return size // RATE + 1


def _padded(data: bytes, suffix: int) -> bytes:
    padded = bytearray(data)
    padded.extend(bytes(RATE - len(data) % RATE))
    padded[len(data)] = suffix
    padded[-1] |= 0x80
    return bytes(padded)


def _sponge(padded: Sequence[bytes]) -> Iterator[bytes]:
    """Digests of messages of one length, a multiple of the rate."""
    tables = _tables(len(padded))
    lanes = [0] * 25
    for start in range(0, len(padded[0]), RATE):
        for lane in range(RATE // 8):
            at = start + 8 * lane
            lanes[lane] ^= int.from_bytes(b"".join(data[at : at + 8] for data in padded), "little")
        lanes = _permuted(lanes, tables)
    words = [lane.to_bytes(8 * len(padded), "little") for lane in lanes[:4]]
    for at in range(0, 8 * len(padded), 8):
        yield b"".join(word[at : at + 8] for word in words)


@dataclass(frozen=True, slots=True)
class _Tables:
    """Masks for so many words side by side: all bits, round constants, and for each lane in its new place (π) where it
    stood, its column (θ), by how many bits it turns (ρ), and which bits of a word come from which side of that turn."""

    full: int
    constants: tuple[int, ...]
    moves: tuple[tuple[int, int, int, int, int], ...]
    turned: tuple[int, int]


@lru_cache(maxsize=64)
def _tables(width: int) -> _Tables:
    each = sum(1 << 64 * index for index in range(width))
    moves = tuple(
        (source, source % 5, turn, each * (_WORD << turn & _WORD), each * ((1 << turn) - 1)) for source, turn in _MOVES
    )
    constants = tuple(each * constant for constant in _CONSTANTS)
    return _Tables(each * _WORD, constants, moves, (each * (_WORD - 1), each))


def _permuted(lanes: list[int], tables: _Tables) -> list[int]:
    """Keccak-f[1600] (FIPS 202 §3.3): lane x + 5y is the column x of row y."""
    full, (above, below) = tables.full, tables.turned
    for constant in tables.constants:
        c = [lanes[x] ^ lanes[x + 5] ^ lanes[x + 10] ^ lanes[x + 15] ^ lanes[x + 20] for x in range(5)]
        d = [c[x - 1] ^ (c[x - 4] << 1 & above) ^ (c[x - 4] >> 63 & below) for x in range(5)]
        moved = [
            (lane := lanes[source] ^ d[column]) << turn & high | lane >> 64 - turn & low
            for source, column, turn, high, low in tables.moves
        ]
        lanes = [moved[i] ^ ((full ^ moved[j]) & moved[k]) for i, j, k in _ROWS]
        lanes[0] ^= constant
    return lanes


def _moves() -> tuple[tuple[int, int], ...]:
    """For each lane in its new place: where it stood, and by how many bits it turns."""
    turns = {0: 0}
    x, y = 1, 0
    for step in range(24):
        turns[x + 5 * y] = (step + 1) * (step + 2) // 2 % 64
        x, y = y, (2 * x + 3 * y) % 5
    places = {y + 5 * ((2 * x + 3 * y) % 5): x + 5 * y for x in range(5) for y in range(5)}
    return tuple((places[new], turns[places[new]]) for new in range(25))


def _constants() -> tuple[int, ...]:
    """What ι adds in each round: bits 2^j - 1 come from a shift register of eight bits (FIPS 202 §3.2.5)."""
    register = 1
    found = []
    for _ in range(_ROUNDS):
        constant = 0
        for j in range(7):
            constant |= (register & 1) << (2**j - 1)
            register = register << 1 ^ (0x171 if register & 0x80 else 0)
        found.append(constant)
    return tuple(found)


_MOVES: Final = _moves()
_CONSTANTS: Final = _constants()
_ROWS: Final = tuple((x + 5 * y, (x + 1) % 5 + 5 * y, (x + 2) % 5 + 5 * y) for y in range(5) for x in range(5))
"""χ: each lane with its two neighbours to the right."""
