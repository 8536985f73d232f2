"""By python-ecdsa, which is pure Python and installed with the library. For where coincurve has no wheels."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from ecdsa import SECP256k1, SigningKey, VerifyingKey
from ecdsa.ecdsa import Signature
from ecdsa.ellipticcurve import INFINITY, PointJacobi
from ecdsa.errors import MalformedPointError
from ecdsa.util import sigencode_string_canonize

from .numbers import FIELD, ORDER, scalar


@lru_cache(maxsize=256)
def _key(public_key: bytes) -> Any:
    """The key in 33 bytes or 65. Raises ValueError for what is none."""
    if len(public_key) not in (33, 65):
        raise ValueError("a public key has 33 bytes or 65")
    try:
        return VerifyingKey.from_string(public_key, curve=SECP256k1)
    except MalformedPointError:
        raise ValueError("no point of the curve") from None


def verifies(public_key: bytes, digest: bytes, compact: bytes) -> bool:
    r, s = int.from_bytes(compact[:32], "big"), int.from_bytes(compact[32:], "big")
    if not 0 < r < ORDER or not 0 < s <= ORDER // 2:
        return False
    try:
        return bool(_key(public_key).pubkey.verifies(int.from_bytes(digest, "big"), Signature(r, s)))
    except ValueError:
        return False


def recovered_keys(digest: bytes, r: int, s: int) -> Iterator[bytes]:
    if not r or not s:
        return
    for x in (r, r + ORDER) if r + ORDER < FIELD else (r,):
        try:
            yield from _Recovery(r, s, x).keys(digest)
        except ValueError:
            continue


class _Recovery:
    def __init__(self, r: int, s: int, x: int) -> None:
        nonce = _key(b"\x02" + scalar(x)).pubkey.point
        inverse = pow(r, -1, ORDER)
        self._minus_inverse = ORDER - inverse
        half = nonce * (s * inverse % ORDER)
        self._halves = (half, -half)

    def keys(self, digest: bytes) -> Iterator[bytes]:
        shift = int.from_bytes(digest, "big") * self._minus_inverse % ORDER
        point = SECP256k1.generator * shift
        for half in self._halves:
            total = half + point
            if total != INFINITY:
                yield _encoded(total)


def _encoded(point: PointJacobi) -> bytes:
    affine = point.to_affine()
    # The y of a point that was negated is a negative number.
    return bytes([2 + affine.y() % FIELD % 2]) + scalar(affine.x() % FIELD)


def recovery(r: int, s: int) -> _Recovery:
    return _Recovery(r, s, r)


def compressed(public_key: bytes) -> bytes:
    encoded: bytes = _key(public_key).to_string("compressed")
    return encoded


def uncompressed(public_key: bytes) -> bytes:
    encoded: bytes = _key(public_key).to_string("uncompressed")
    return encoded


def public_key_of(secret: bytes) -> bytes:
    encoded: bytes = _signing_key(secret).verifying_key.to_string("compressed")
    return encoded


def signature(secret: bytes, digest: bytes) -> bytes:
    signed: bytes = _signing_key(secret).sign_digest_deterministic(
        digest, hashfunc=hashlib.sha256, sigencode=sigencode_string_canonize
    )
    return signed


def _signing_key(secret: bytes) -> Any:
    if not 0 < int.from_bytes(secret, "big") < ORDER or len(secret) != 32:
        raise ValueError("a private key is 32 bytes, a number from 1 to n - 1")
    return SigningKey.from_string(secret, curve=SECP256k1)
