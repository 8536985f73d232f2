"""A second opinion on secp256k1 in plain integers: public keys and RFC 6979 signatures.

Textbook arithmetic on affine points (SEC 1 §2.2.1), slow and plain on purpose, from no signer package and no
library: what it shares with the subjects of the kit is the standard. It knows published test keys only; its running
time depends on the key, so it must never hold one that is worth something.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterator
from functools import cache
from typing import Final, TypeAlias

P: Final = 2**256 - 2**32 - 977
"""The prime of the field (SEC 2 §2.4.1)."""
N: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
"""The order of the group."""
HALF_N: Final = N // 2
"""The largest s that a node accepts (`protocol.md` §1.5)."""

_G: Final = (
    0x79BE667EF9DCBBAC55A06295CE870B07029BFCDB2DCE28D959F2815B16F81798,
    0x483ADA7726A3C4655DA4FBFC0E1108A8FD17B448A68554199C47D08FFB10D4B8,
)
Point: TypeAlias = tuple[int, int] | None
"""Affine coordinates; None is the point at infinity."""


def public_key(secret: bytes) -> bytes:
    """33 bytes: the compressed point (SEC 1 §2.3.3) of a key of 32 bytes. Raises ValueError for 0 and from n on."""
    point = _multiple_of_g(_checked(secret))
    assert point is not None
    x, y = point
    return bytes([2 + (y & 1)]) + x.to_bytes(32, "big")


def signature(secret: bytes, digest: bytes) -> bytes:
    """64 bytes r‖s with low s, nonce by RFC 6979 §3.2 with HMAC-SHA-256, for a digest of 32 bytes."""
    if len(digest) != 32:
        raise ValueError(f"a digest has 32 bytes, not {len(digest)}")
    d = _checked(secret)
    z = int.from_bytes(digest, "big")
    for k in _nonces(secret, digest):
        point = _multiple_of_g(k)
        assert point is not None
        r = point[0] % N
        s = pow(k, -1, N) * (z + r * d) % N
        if r and s:
            return r.to_bytes(32, "big") + min(s, N - s).to_bytes(32, "big")
    raise AssertionError("RFC 6979 runs out of no nonces")


def _nonces(secret: bytes, digest: bytes) -> Iterator[int]:
    """RFC 6979 §3.2, steps b to h; its names. The digest enters reduced modulo n (bits2octets, §2.3.4)."""
    seed = secret + (int.from_bytes(digest, "big") % N).to_bytes(32, "big")
    k, v = bytes(32), b"\x01" * 32
    for separator in (b"\x00", b"\x01"):
        k = _hmac(k, v + separator + seed)
        v = _hmac(k, v)
    while True:
        v = _hmac(k, v)
        candidate = int.from_bytes(v, "big")
        if 0 < candidate < N:
            yield candidate
        k = _hmac(k, v + b"\x00")
        v = _hmac(k, v)


def _hmac(key: bytes, data: bytes) -> bytes:
    return hmac.digest(key, data, hashlib.sha256)


def _checked(secret: bytes) -> int:
    number = int.from_bytes(secret, "big")
    if len(secret) != 32 or not 0 < number < N:
        raise ValueError("a private key is an integer from 1 to n - 1 in 32 bytes")
    return number


def _multiple_of_g(factor: int) -> Point:
    total: Point = None
    for bit, power in enumerate(_doublings()):
        if factor >> bit & 1:
            total = _sum(total, power)
    return total


@cache
def _doublings() -> tuple[Point, ...]:
    """G, 2G, 4G, … 2²⁵⁵G."""
    points: list[Point] = [_G]
    while len(points) < 256:
        points.append(_sum(points[-1], points[-1]))
    return tuple(points)


def _sum(left: Point, right: Point) -> Point:
    if left is None or right is None:
        return right if left is None else left
    (x1, y1), (x2, y2) = left, right
    if x1 == x2 and (y1 + y2) % P == 0:
        return None
    slope = 3 * x1 * x1 * pow(2 * y1, -1, P) if left == right else (y2 - y1) * pow(x2 - x1, -1, P)
    x3 = (slope * slope - x1 - x2) % P
    return x3, (slope * (x1 - x3) - y1) % P
