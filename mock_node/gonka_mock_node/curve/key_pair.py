"""A key that the mock itself signs with, as a host's warm key does. It belongs to nobody."""

from __future__ import annotations

import secrets
from typing import NoReturn

from .chosen import CURVE
from .numbers import ORDER, scalar


class KeyPair:
    """A private key (32 bytes, random unless given), which is shown nowhere, and its public key of 33 bytes."""

    __slots__ = ("_secret", "public_key")

    def __init__(self, secret: bytes | None = None) -> None:
        """Raises ValueError for 32 bytes that are no private key."""
        self._secret = scalar(1 + secrets.randbelow(ORDER - 1)) if secret is None else secret
        self.public_key: bytes = CURVE.public_key_of(self._secret)

    def sign(self, digest: bytes) -> bytes:
        """r ‖ s (64 bytes) over the digest (32 bytes), s not above n/2."""
        return CURVE.signature(self._secret, digest)

    def __repr__(self) -> str:
        return f"KeyPair({self.public_key.hex()})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not pickled; make another one where it is needed")
