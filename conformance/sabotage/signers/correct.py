"""Signers without a bug that are made otherwise than those of the distribution."""

from __future__ import annotations

from typing import Any

import coincurve

from gonka_conformance.reference import N
from gonka_core import PrivateKey


class Sound:
    """Right, and without a claim. The sabotaged ones change what goes in or what comes out."""

    def __init__(self, key: PrivateKey) -> None:
        self._key = coincurve.PrivateKey(key.reveal())
        self.public_key: bytes = self._key.public_key.format(compressed=True)

    def sign_digest(self, digest: bytes, /) -> Any:
        return self._key.sign_recoverable(digest, hasher=None)[:64]

    def __reduce__(self) -> Any:
        raise TypeError("a signer is not pickled")


def signed_with(nonce: int, secret: bytes, digest: bytes) -> bytes:
    """The signature of a digest with that nonce, 64 bytes with low s."""
    r = int.from_bytes(coincurve.PrivateKey.from_int(nonce).public_key.format()[1:], "big") % N
    s = pow(nonce, -1, N) * (int.from_bytes(digest, "big") + r * int.from_bytes(secret, "big")) % N
    return r.to_bytes(32, "big") + min(s, N - s).to_bytes(32, "big")


class Handle(Sound):
    """May be pickled: it writes where the key is, not what it is."""

    def __reduce__(self) -> Any:
        return (str, ("slot 7 of the token",))


class NonceSequence(Sound):
    """Not deterministic: each signature goes on in a sequence, as nonces from a random source do."""

    def __init__(self, key: PrivateKey) -> None:
        super().__init__(key)
        self._count = 0

    def sign_digest(self, digest: bytes, /) -> Any:
        super().sign_digest(digest)
        self._count += 1
        return signed_with(pow(7, self._count, N), self._key.secret, digest)
