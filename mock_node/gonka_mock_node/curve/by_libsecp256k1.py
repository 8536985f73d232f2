"""By libsecp256k1, through coincurve. It refuses a zero and an s above n/2 by itself."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import coincurve
from coincurve._libsecp256k1 import lib
from coincurve.ecdsa import deserialize_compact

from .numbers import FIELD, ORDER, scalar

_key: Final = lru_cache(maxsize=4096)(coincurve.PublicKey)
"""The key in 33 bytes, which takes an eighth of a verification to read. Raises ValueError for what is none."""


def verifies(public_key: bytes, digest: bytes, compact: bytes) -> bool:
    try:
        key = _key(public_key)
        # coincurve's own call wants the signature in DER.
        return bool(lib.secp256k1_ecdsa_verify(key.context.ctx, deserialize_compact(compact), digest, key.public_key))
    except ValueError:
        return False


def recovered_keys(digest: bytes, r: int, s: int) -> Iterator[bytes]:
    body = scalar(r) + scalar(s)
    for recovery_id in range(4 if r + ORDER < FIELD else 2):
        try:
            yield coincurve.PublicKey.from_signature_and_message(
                body + bytes([recovery_id]), digest, hasher=None
            ).format(compressed=True)
        except ValueError:
            continue
        except Exception as error:
            if type(error) is not Exception:
                raise


class _Recovery:
    def __init__(self, r: int, s: int) -> None:
        nonce = coincurve.PublicKey(b"\x02" + scalar(r))
        inverse = pow(r, -1, ORDER)
        factor = s * inverse % ORDER
        self._minus_inverse = ORDER - inverse
        self._halves = (nonce.multiply(scalar(factor)), nonce.multiply(scalar(ORDER - factor)))

    def keys(self, digest: bytes) -> Iterator[bytes]:
        shift = int.from_bytes(digest, "big") * self._minus_inverse % ORDER
        if not shift:
            yield from (half.format() for half in self._halves)
            return
        point = coincurve.PublicKey.from_valid_secret(scalar(shift))
        for half in self._halves:
            try:
                yield coincurve.PublicKey.combine_keys([half, point]).format()
            except ValueError:
                continue


def recovery(r: int, s: int) -> _Recovery:
    return _Recovery(r, s)


def compressed(public_key: bytes) -> bytes:
    return coincurve.PublicKey(public_key).format(compressed=True)


def uncompressed(public_key: bytes) -> bytes:
    return coincurve.PublicKey(public_key).format(compressed=False)


def public_key_of(secret: bytes) -> bytes:
    return coincurve.PrivateKey(secret).public_key.format(compressed=True)


def signature(secret: bytes, digest: bytes) -> bytes:
    return coincurve.PrivateKey(secret).sign_recoverable(digest, hasher=None)[:64]
