"""The adapter to coincurve."""

from __future__ import annotations

from typing import NoReturn

import coincurve

from gonka_core.keys import PrivateKey, refuse_to_pickle


class CoincurveSigner:
    """Signs with libsecp256k1 through coincurve."""

    __slots__ = ("__key", "public_key")

    public_key: bytes

    def __init__(self, key: PrivateKey) -> None:
        self.__key = coincurve.PrivateKey(key.reveal())
        self.public_key = self.__key.public_key.format(compressed=True)

    def sign_digest(self, digest: bytes, /) -> bytes:
        """64 bytes r‖s, low-S, nonce by RFC 6979. Raises ValueError for a digest that is not 32 bytes."""
        # The recoverable form is r‖s and a recovery id: it spares the way through DER that `sign` takes.
        return self.__key.sign_recoverable(digest, hasher=None)[:64]

    def __repr__(self) -> str:
        return f"CoincurveSigner(public_key={self.public_key.hex()})"

    def __getstate__(self) -> NoReturn:
        refuse_to_pickle("a signer")
