"""What a node does with a signature, from the header's text to a verdict (`protocol.md` §1.2–1.5).

Own code from the message up: nothing of the core's `canonical` and no signer is used, so that a mistake there cannot
agree with itself here. The elliptic curve is that of `curve`.
"""

from __future__ import annotations

import hashlib
from typing import Final, Literal, TypeAlias

from .curve import CURVE, ORDER
from .go import base64_text as go_base64

Scheme: TypeAlias = Literal["raw", "hash"]

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
    if not CURVE.verifies(public_key, digest, compact):
        raise SignatureError(INVALID)
