"""ed25519 keys of validators, made from what they belong to: nobody has to keep one, and each can sign.

No secret: whoever has the source can make every key again. `cryptography` is loaded by the first who needs a key.
"""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

NETWORK: Final = b"gonka mock node validator "
LIAR: Final = b"gonka mock node liar "
"""Whose keys: the validators' of the network, or those that a lying node made for itself (the fault
`forged-validators`)."""


def seed_of(address: str, whose: bytes = NETWORK) -> bytes:
    """The seed (32 bytes, RFC 8032) of the key that belongs to an account address."""
    return hashlib.sha256(whose + address.encode()).digest()


@lru_cache(maxsize=4096)
def public_key(seed: bytes) -> bytes:
    """32 bytes."""
    return _private_key(seed).public_key().public_bytes_raw()


def seed_behind(key: bytes, address: str) -> bytes | None:
    """The seed of a public key, where the key was made from that address; None: nobody can sign with it."""
    return next((seed for whose in (NETWORK, LIAR) if public_key(seed := seed_of(address, whose)) == key), None)


def sign(seed: bytes, data: bytes) -> bytes:
    """64 bytes."""
    return _private_key(seed).sign(data)


def verifies(key: bytes, signature: bytes, data: bytes) -> bool:
    """Whether a signature is that of a public key of 32 bytes; False for what is no key and no signature too."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, data)
    except (InvalidSignature, ValueError):
        return False
    return True


@lru_cache(maxsize=4096)
def _private_key(seed: bytes) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(seed)
