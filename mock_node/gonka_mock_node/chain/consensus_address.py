"""The address of a validator as the SDK writes it: `gonkavalcons1…`, bech32 (BIP-173) over 20 bytes.

Written here once more, as the node takes nothing from the core but what reads and writes accounts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

_PREFIX: Final = "gonkavalcons"
_ALPHABET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def consensus_address(address: bytes) -> str:
    """The text of a validator's address (20 bytes; of none, where nobody proposes, the empty text)."""
    if not address:
        return ""
    symbols = _in_fives(address)
    head = [*(ord(each) >> 5 for each in _PREFIX), 0, *(ord(each) & 31 for each in _PREFIX)]
    rest = _remainder([*head, *symbols, *([0] * 6)]) ^ 1
    checksum = [rest >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{_PREFIX}1" + "".join(_ALPHABET[symbol] for symbol in (*symbols, *checksum))


def _in_fives(data: bytes) -> list[int]:
    """The bits in groups of five, the last filled up with zeros."""
    bits = "".join(f"{byte:08b}" for byte in data)
    return [int(bits[at : at + 5].ljust(5, "0"), 2) for at in range(0, len(bits), 5)]


def _remainder(symbols: Iterable[int]) -> int:
    rest = 1
    for symbol in symbols:
        top = rest >> 25
        rest = (rest & 0x1FFFFFF) << 5 ^ symbol
        for place, generator in enumerate(_GENERATOR):
            rest ^= generator if top >> place & 1 else 0
    return rest
