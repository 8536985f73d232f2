"""Whether a signature is that of a key, where speed does not matter: by python-ecdsa, which is always installed."""

from __future__ import annotations

from typing import Any


def verifies(public_key: bytes, digest: bytes, signature: bytes) -> bool:
    """For a compressed key of 33 bytes, a digest of 32 and a signature of 64, r‖s (`protocol.md` §1.5).

    A high s is none, as for a node; what is no key or no signature verifies nothing.
    """
    from ecdsa import BadSignatureError, SECP256k1, VerifyingKey
    from ecdsa.errors import MalformedPointError
    from ecdsa.util import sigdecode_string

    if int.from_bytes(signature[32:], "big") > SECP256k1.order // 2:
        return False
    try:
        key: Any = VerifyingKey.from_string(public_key, curve=SECP256k1)
        key.verify_digest(signature, digest, sigdecode=sigdecode_string)
    except (BadSignatureError, MalformedPointError, ValueError):
        return False
    return True
