"""Whether a signature verifies, strictly, and what may have gone wrong where it does not.

Stricter than a node, which reads over line breaks in base64 and reduces r and s modulo n (`protocol.md` §1.5): no
client should rely on either. The curve is python-ecdsa's, which the base install brings.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from ecdsa import BadSignatureError, SECP256k1, VerifyingKey
from ecdsa.ellipticcurve import INFINITY
from ecdsa.errors import MalformedPointError
from ecdsa.util import sigdecode_string

from gonka_core.address import address_of
from gonka_core.canonical import SCHEMES, Scheme, digest
from gonka_core.keys import ORDER

_UNITS: Final = {"seconds": 10**9, "milliseconds": 10**6, "microseconds": 10**3}


@dataclass(frozen=True, slots=True)
class Claim:
    """What is said to have been signed, and by whom: a public key (33 bytes) or an account address."""

    body: bytes
    scheme: Scheme
    timestamp_ns: int
    provider_address: str
    signature: str
    signer: bytes | str


@dataclass(frozen=True, slots=True)
class Verdict:
    """`reason` where it does not verify; `hint` where a known mistake explains that."""

    verified: bool
    reason: str | None = None
    hint: str | None = None


def judge(claim: Claim) -> Verdict:
    """The strict verdict."""
    try:
        raw = base64.b64decode(claim.signature.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error, ValueError):
        return Verdict(False, "the signature is not standard base64 with padding", _shape_hint(claim.signature))
    if len(raw) != 64:
        return Verdict(False, f"the signature has {len(raw)} bytes instead of 64", _length_hint(raw))
    if base64.b64encode(raw).decode() != claim.signature:
        return Verdict(False, "the signature is not in the one canonical spelling of base64")
    r, s = int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big")
    if not 0 < r < ORDER or not 0 < s < ORDER:
        return Verdict(False, "r or s is not between 1 and n - 1")
    if s > ORDER // 2:
        return Verdict(False, "s is above n/2", "replace s by n - s: nodes accept low s only")
    if _verifies(claim, raw, digest(claim.scheme, claim.body, claim.timestamp_ns, claim.provider_address)):
        return Verdict(True)
    return Verdict(False, "the signature does not belong to these bytes and this signer", _message_hint(claim, raw))


def _verifies(claim: Claim, raw: bytes, digest: bytes) -> bool:
    if isinstance(claim.signer, str):
        return any(address_of(key) == claim.signer.lower() for key in _recovered(raw, digest))
    try:
        key: Any = VerifyingKey.from_string(claim.signer, curve=SECP256k1)
        key.verify_digest(raw, digest, sigdecode=sigdecode_string)
    except (BadSignatureError, MalformedPointError):
        return False
    return True


def _recovered(raw: bytes, digest: bytes) -> Iterator[bytes]:
    """The public keys (33 bytes) under which the signature would be one: SEC 1 §4.1.6."""
    r, s, z = (int.from_bytes(part, "big") for part in (raw[:32], raw[32:], digest))
    generator: Any = SECP256k1.generator
    for nonce_point in _points_with_x(r):
        point = (nonce_point * s + generator * (-z % ORDER)) * pow(r, -1, ORDER)
        if point != INFINITY:
            key: Any = VerifyingKey.from_public_point(point, SECP256k1)
            yield key.to_string("compressed")


def _points_with_x(r: int) -> Iterator[Any]:
    """The points whose x is r modulo n: r itself, and r + n where that is still below the prime of the field."""
    for x in (r, r + ORDER):
        for prefix in (b"\x02", b"\x03"):
            try:
                key: Any = VerifyingKey.from_string(prefix + x.to_bytes(33, "big")[-32:], curve=SECP256k1)
            except MalformedPointError:
                continue
            if key.pubkey.point.x() == x:
                yield key.pubkey.point


def _message_hint(claim: Claim, raw: bytes) -> str | None:
    for mistake, signed in _mistakes(claim):
        if _verifies(claim, raw, signed):
            return mistake
    return None


def _mistakes(claim: Claim) -> Iterator[tuple[str, bytes]]:
    """Digests that clients sign by mistake, each with what to change."""
    provider, stamp, body = claim.provider_address, claim.timestamp_ns, claim.body
    requester = claim.signer if isinstance(claim.signer, str) else address_of(claim.signer)
    for scheme in sorted(SCHEMES, key=lambda scheme: scheme != claim.scheme):
        under = "" if scheme == claim.scheme else f" (under the scheme {scheme})"
        if under:
            yield f"it verifies under the scheme {scheme}", digest(scheme, body, stamp, provider)
        yield f"the timestamp was not signed{under}", digest(scheme, body, 0, provider)
        yield f"the provider address was not signed{under}", digest(scheme, body, stamp, "")
        yield f"only the body was signed{under}", digest(scheme, body, 0, "")
        yield f"the requester's address was signed as the provider's{under}", digest(scheme, body, stamp, requester)
        for unit, factor in _UNITS.items():
            yield f"the timestamp was signed in {unit}{under}", digest(scheme, body, stamp // factor, provider)


def _shape_hint(text: str) -> str | None:
    if text.startswith("Bearer "):
        return "leave out 'Bearer '"
    if "-" in text or "_" in text:
        return "use the standard alphabet of base64, with + and /"
    return "use padding: 64 bytes are 88 characters that end in ==" if len(text) == 86 else None


def _length_hint(raw: bytes) -> str | None:
    if raw[:1] == b"\x30" and 68 <= len(raw) <= 72:
        return "it looks like DER: send r and s as 32 bytes each, one behind the other"
    if len(raw) == 65:
        return "leave out the recovery id"
    return "pad r and s with zero bytes on the left to 32 bytes each" if len(raw) in (62, 63) else None
