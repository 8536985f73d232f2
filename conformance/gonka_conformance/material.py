"""What the checks sign with and what they sign. Fixed, so that a report can be had again to the letter.

The keys are made from published text and worth nothing. Most digests are plain hashes; the extreme ones are where
implementations that are right on those go wrong.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import cache
from types import MappingProxyType
from typing import Final

from . import vectors
from .reference import HALF_N, N


def _key(number: int) -> bytes:
    return hashlib.sha256(b"gonka conformance kit: signer key %d" % number).digest()


def _word(number: int) -> bytes:
    return number.to_bytes(32, "big")


KEY: Final = _key(1)
OTHER_KEY: Final = _key(2)

EXTREME_KEYS: Final[Mapping[str, bytes]] = MappingProxyType(
    {
        "1": _word(1),
        "2": _word(2),
        "3": _word(3),
        "2^128": _word(2**128),
        "2^255": _word(2**255),
        "(n-1)/2": _word(HALF_N),
        "(n+1)/2": _word(HALF_N + 1),
        "n-2": _word(N - 2),
        "n-1": _word(N - 1),
    }
)

EXTREME_DIGESTS: Final[Mapping[str, bytes]] = MappingProxyType(
    {
        "all zero": bytes(32),
        "1": _word(1),
        "2^255": _word(2**255),
        "(n-1)/2": _word(HALF_N),
        "n-1": _word(N - 1),
        "n": _word(N),
        "n+1": _word(N + 1),
        "all ff": b"\xff" * 32,
    }
)

SHORT: Final[Mapping[str, int]] = MappingProxyType(
    {
        "s begins with a zero byte": 26,
        "r begins with a zero byte": 289,
        "r begins and ends with a zero byte": 6117,
        "s begins with two zero bytes": 45222,
        "r begins with two zero bytes": 93836,
        "r and s begin with a zero byte": 163781,
    }
)
"""Numbers of digests for which RFC 6979 under `KEY` yields numbers shorter than 32 bytes."""


def digest(number: int) -> bytes:
    """32 bytes: the ordinary digest of that number."""
    return hashlib.sha256(b"gonka conformance kit: digest %d" % number).digest()


def digests(count: int, start: int = 0) -> Iterator[bytes]:
    """`count` ordinary digests in a row."""
    return map(digest, range(start, start + count))


@cache
def known_keys() -> tuple[bytes, ...]:
    """The keys of 32 bytes that checks hand to subjects, without those that are n or n/2 but for a little.

    Those hide nothing, and their bytes stand in honest evidence about digests around n.
    """
    of_addresses = {vector.private_key for vector in vectors.addresses()}
    of_signatures = {vector.private_key for vector in vectors.signatures()}
    constants = {_word(N)[:16], _word(HALF_N)[:16]}
    return (KEY, OTHER_KEY, *(key for key in sorted(of_addresses | of_signatures) if key[:16] not in constants))
