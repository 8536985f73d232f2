"""The signer: ECDSA (SEC 1 §4.1.3) in plain integers, on the curve of python-ecdsa."""

from __future__ import annotations

from os import urandom
from typing import NoReturn

from gonka_core.keys import ORDER, PrivateKey, refuse_to_pickle

from .fixed_base import multiple, table
from .nonces import nonces
from .points import N


class EcdsaSigner:
    """Signs in pure Python. Not constant-time: who can time it closely may learn the key.

    The number of additions does not depend on the nonce, and its inversion is blinded with a random factor, which
    leaves no trace in the signature. What does depend on the nonce is which entries of the table are read, which
    whoever shares the processor may observe, and by a little how long Python takes over its integers.

    The first signer of a process builds the table: 15 ms.
    """

    __slots__ = ("__number", "__rows", "__secret", "public_key")

    public_key: bytes

    def __init__(self, key: PrivateKey) -> None:
        self.__secret = key.reveal()
        self.__number = int.from_bytes(self.__secret, "big")
        self.__rows = table()
        x, y = multiple(self.__rows, self.__number)
        self.public_key = bytes([2 + (y & 1)]) + int(x).to_bytes(32, "big")

    def sign_digest(self, digest: bytes, /) -> bytes:
        """64 bytes r‖s, low-S, nonce by RFC 6979. Raises ValueError for a digest that is not 32 bytes."""
        if len(digest) != 32:
            raise ValueError(f"a digest has 32 bytes, not {len(digest)}: sign SHA-256 of the message")
        z = int.from_bytes(digest, "big")
        for k in nonces(self.__secret, digest, ORDER):
            r = int(multiple(self.__rows, k)[0] % N)
            s = int(_inverse(k) * (z + r * self.__number) % N)
            if r and s:
                return r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")
        raise AssertionError("RFC 6979 runs out of no nonces")

    def __repr__(self) -> str:
        return f"EcdsaSigner(public_key={self.public_key.hex()})"

    def __getstate__(self) -> NoReturn:
        refuse_to_pickle("a signer")


def _inverse(k: int) -> int:
    """1/k modulo n. What takes a time of its own is inverted times a random number, so the time tells nothing of k."""
    blind = int.from_bytes(urandom(31), "big") + 1
    return pow(k * blind, -1, N) * blind % N
