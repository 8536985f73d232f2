"""The judge: which bytes are signed, and whether a signature over them is one.

Written from `protocol.md` §1.2 and §1.5, not from the core: a mistake there must not agree with itself here.
Verification is done by `cryptography` (OpenSSL); what a node demands beyond ECDSA is checked before it is asked.
The oracle is stricter than a node, which reads over line breaks in base64 and reduces r and s modulo n.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from .reference import HALF_N, N
from .vectors import Scheme

try:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        "the conformance kit verifies with cryptography, which is not installed; "
        "run: pip install 'gonka-core[conformance]' (from a checkout: pip install '.[conformance]')",
        name="cryptography",
    ) from _missing

_PREHASHED = ec.ECDSA(utils.Prehashed(hashes.SHA256()))


def message(scheme: Scheme, payload: bytes, timestamp_ns: int, provider_address: str) -> bytes:
    """The signed bytes (`protocol.md` §1.2). Raises ValueError for another scheme."""
    if scheme == "raw":
        head = payload
    elif scheme == "hash":
        head = hashlib.sha256(payload).hexdigest().encode("ascii")
    else:
        raise ValueError(f"unknown scheme {scheme!r}; there are: raw, hash")
    stamp = b"%d" % timestamp_ns if timestamp_ns > 0 else b""
    return b"".join((head, stamp, provider_address.encode("ascii")))


def digest(scheme: Scheme, payload: bytes, timestamp_ns: int, provider_address: str) -> bytes:
    """32 bytes: SHA-256 of `message`."""
    return hashlib.sha256(message(scheme, payload, timestamp_ns, provider_address)).digest()


def flaw(public_key: bytes, digest: bytes, signature: bytes) -> str | None:
    """What keeps a signature from being one over the digest (32 bytes) by the key (33 bytes); None when it is.

    64 bytes r‖s, 1 ≤ r, s < n, s ≤ n/2, and the equation of ECDSA (`protocol.md` §1.5). Raises ValueError for a
    public key that is no point.
    """
    if len(signature) != 64:
        return f"it has {len(signature)} bytes instead of 64"
    r, s = int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    if not 0 < r < N or not 0 < s < N:
        return "r or s is not between 1 and n - 1"
    if s > HALF_N:
        return "s is above n/2"
    try:
        point = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256K1(), public_key)
        point.verify(utils.encode_dss_signature(r, s), digest, _PREHASHED)
    except InvalidSignature:
        return "it does not verify"
    return None


def wire_flaw(public_key: bytes, digest: bytes, text: str) -> str | None:
    """The same for the value of `Authorization`: base64 in its one canonical spelling, 88 characters."""
    try:
        signature = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error):
        return "it is not standard base64"
    if base64.b64encode(signature).decode("ascii") != text:
        return "it is base64 in another spelling than the canonical one"
    return flaw(public_key, digest, signature)
