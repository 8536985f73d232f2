"""The adapter to python-ecdsa. It has no types, so every call into it stands in this file."""

from __future__ import annotations

import hashlib
from typing import Any, NoReturn

from ecdsa import SECP256k1, SigningKey
from ecdsa.util import sigencode_string_canonize

from gonka_core.keys import PrivateKey, refuse_to_pickle


class EcdsaSigner:
    """Signs with python-ecdsa. Not constant-time: who can time it closely may learn the key."""

    __slots__ = ("__key", "public_key")

    public_key: bytes

    def __init__(self, key: PrivateKey) -> None:
        self.__key: Any = SigningKey.from_string(key.reveal(), curve=SECP256k1)
        self.public_key = self.__key.verifying_key.to_string("compressed")

    def sign_digest(self, digest: bytes, /) -> bytes:
        """64 bytes r‖s, low-S, nonce by RFC 6979. Raises ValueError for a digest that is not 32 bytes."""
        if len(digest) != 32:
            raise ValueError(f"a digest has 32 bytes, not {len(digest)}: sign SHA-256 of the message")
        signature: bytes = self.__key.sign_digest_deterministic(
            digest, hashfunc=hashlib.sha256, sigencode=sigencode_string_canonize
        )
        return signature

    def __repr__(self) -> str:
        return f"EcdsaSigner(public_key={self.public_key.hex()})"

    def __getstate__(self) -> NoReturn:
        refuse_to_pickle("a signer")
