"""Signatures of validators, verified by `cryptography` (RFC 8032). No other module here imports it."""

from __future__ import annotations

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def verifies(key: bytes, message: bytes, signature: bytes) -> bool:
    """Whether a signature (64 bytes) is that of a key (32 bytes).

    CometBFT accepts a few more encodings (ZIP 215), which no signer makes: what is accepted here is accepted there.
    """
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True
