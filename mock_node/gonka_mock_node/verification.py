"""What a node does with a signature, from the header's text to a verdict (`protocol.md` §1.2–1.5).

Own code from the message up: nothing of the core's `canonical` and no signer is used, so that a mistake there cannot
agree with itself here. The elliptic curve is libsecp256k1's, through coincurve.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal, TypeAlias

import coincurve
from coincurve._libsecp256k1 import lib
from coincurve.ecdsa import deserialize_compact

from .go import base64_text as go_base64

Scheme: TypeAlias = Literal["raw", "hash"]

FIELD: Final = 2**256 - 2**32 - 977
ORDER: Final = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141
_ORDER: Final = ORDER.to_bytes(32, "big")
INVALID: Final = "invalid signature"


class SignatureError(ValueError):
    """Why a node does not take a signature; `str()` is its own reason."""


def message_digest(scheme: Scheme, body: bytes, timestamp_ns: int, provider_address: str) -> bytes:
    """32 bytes: SHA-256 of what a developer signs. A timestamp that is not above zero adds nothing."""
    return digest_behind(scheme, hashlib.sha256(body), timestamp_ns, provider_address)


def digest_behind(scheme: Scheme, body: hashlib._Hash, timestamp_ns: int, provider_address: str) -> bytes:
    """The same for a body that was hashed already; its hash object is used up."""
    whole = body if scheme == "raw" else hashlib.sha256(body.hexdigest().encode())
    if timestamp_ns > 0:
        whole.update(b"%d" % timestamp_ns)
    whole.update(provider_address.encode("utf-8", "surrogateescape"))
    return whole.digest()


def read_signature(authorization: str) -> tuple[int, int]:
    """r and s, reduced modulo n, from the value of `Authorization`.

    Raises `SignatureError` with Go's words for bad base64, and `invalid signature` for another length, a zero or an
    s above n/2.
    """
    raw = _decoded(authorization)
    r, s = (int.from_bytes(half, "big") % ORDER for half in (raw[:32], raw[32:]))
    if not r or not s or s > ORDER // 2:
        raise SignatureError(INVALID)
    return r, s


def _decoded(authorization: str) -> bytes:
    """The 64 bytes in the header's value. Raises `SignatureError`."""
    try:
        raw = go_base64.decode(authorization.encode("utf-8", "surrogateescape"))
    except go_base64.IllegalBase64Error as error:
        raise SignatureError(str(error)) from None
    if len(raw) != 64:
        raise SignatureError(INVALID)
    return raw


def require_signature(public_key: bytes, digest: bytes, authorization: str) -> None:
    """Raise `SignatureError` unless the header's value is a signature over the digest by the key (33 bytes)."""
    compact = _decoded(authorization)
    if compact[:32] >= _ORDER or compact[32:] >= _ORDER:
        r, s = read_signature(authorization)
        compact = r.to_bytes(32, "big") + s.to_bytes(32, "big")
    if not _verifies(public_key, digest, compact):
        raise SignatureError(INVALID)


def _verifies(public_key: bytes, digest: bytes, compact: bytes) -> bool:
    """libsecp256k1 itself refuses a zero and an s above n/2. coincurve's own call wants the signature in DER."""
    try:
        key = _key(public_key)
        return bool(lib.secp256k1_ecdsa_verify(key.context.ctx, deserialize_compact(compact), digest, key.public_key))
    except ValueError:
        return False


_key: Final = lru_cache(maxsize=4096)(coincurve.PublicKey)
"""The key in 33 bytes, which takes an eighth of a verification to read. Raises ValueError for what is none."""


def recovered_keys(digest: bytes, r: int, s: int) -> Iterator[bytes]:
    """The public keys (33 bytes, up to four) under which r and s are a signature over the digest."""
    body = r.to_bytes(32, "big") + s.to_bytes(32, "big")
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
