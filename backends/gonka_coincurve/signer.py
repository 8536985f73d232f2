"""The adapter to coincurve."""

from __future__ import annotations

from typing import NoReturn

import coincurve

from gonka_core.keys import PrivateKey, refuse_to_pickle


def by_recoverable(key: coincurve.PrivateKey, digest: bytes) -> bytes:
    """64 bytes r‖s by coincurve's documented call: the recoverable form is r‖s and a recovery id."""
    return key.sign_recoverable(digest, hasher=None)[:64]


try:
    from .direct import compact_signature as compact_signature
except ImportError:
    compact_signature = by_recoverable


class CoincurveSigner:
    """Signs with libsecp256k1 through coincurve."""

    __slots__ = ("__key", "public_key")

    public_key: bytes

    def __init__(self, key: PrivateKey) -> None:
        self.__key = coincurve.PrivateKey(key.reveal())
        self.public_key = self.__key.public_key.format(compressed=True)

    def sign_digest(self, digest: bytes, /) -> bytes:
        """64 bytes r‖s, low-S, nonce by RFC 6979. Raises ValueError for a digest that is not 32 bytes."""
        if len(digest) != 32:  # libsecp256k1 would read on behind a shorter one
            raise ValueError(f"a digest has 32 bytes, not {len(digest)}: sign SHA-256 of the message")
        return compact_signature(self.__key, digest)

    def __repr__(self) -> str:
        return f"CoincurveSigner(public_key={self.public_key.hex()})"

    def __getstate__(self) -> NoReturn:
        refuse_to_pickle("a signer")
