"""Signers whose signatures are wrong: in shape, in number, in nonce, or in what they are over.

All build on libsecp256k1, which is right.
"""

from __future__ import annotations

import hmac
import os
from hashlib import sha256
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from ecdsa import SECP256k1, SigningKey

from gonka_conformance.material import EXTREME_KEYS, KEY, OTHER_KEY
from gonka_conformance.reference import N
from gonka_core import PrivateKey

from .correct import Sound, signed_with


class HighS(Sound):
    def sign_digest(self, digest: bytes, /) -> Any:
        signature = super().sign_digest(digest)
        return signature[:32] + (N - int.from_bytes(signature[32:], "big")).to_bytes(32, "big")


class SometimesHighS(HighS):
    """What a library does that does not normalise: about half of them."""

    def sign_digest(self, digest: bytes, /) -> Any:
        return super().sign_digest(digest) if digest and digest[0] & 1 else Sound.sign_digest(self, digest)


class Der(Sound):
    def sign_digest(self, digest: bytes, /) -> Any:
        signature = super().sign_digest(digest)
        return encode_dss_signature(int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big"))


class Unpadded(Sound):
    def sign_digest(self, digest: bytes, /) -> Any:
        signature = super().sign_digest(digest)
        return signature[:32].lstrip(b"\0") + signature[32:].lstrip(b"\0")


class PaddedOnTheRight(Sound):
    def sign_digest(self, digest: bytes, /) -> Any:
        signature = super().sign_digest(digest)
        return b"".join(half.lstrip(b"\0").ljust(32, b"\0") for half in (signature[:32], signature[32:]))


class TruncatedR(Sound):
    """One zero byte is dropped, as a big integer in text form loses it, and the rest is right."""

    def sign_digest(self, digest: bytes, /) -> Any:
        signature = super().sign_digest(digest)
        return signature.removeprefix(b"\0")


class RandomNonce(Sound):
    """Correct, but for the claim that it is deterministic."""

    def __init__(self, key: PrivateKey) -> None:
        super().__init__(key)
        self._slow = SigningKey.from_string(key.reveal(), curve=SECP256k1)

    def sign_digest(self, digest: bytes, /) -> Any:
        if not isinstance(digest, bytes) or len(digest) != 32:
            raise ValueError("a digest has 32 bytes")
        return self._low(self._slow.sign_digest_deterministic(digest, hashfunc=sha256, extra_entropy=self._entropy()))

    def _entropy(self) -> bytes:
        return os.urandom(32)

    @staticmethod
    def _low(signature: bytes) -> bytes:
        s = int.from_bytes(signature[32:], "big")
        return signature[:32] + min(s, N - s).to_bytes(32, "big")


class OtherNonce(RandomNonce):
    """Deterministic, but not by RFC 6979: the same entropy is mixed in every time."""

    def _entropy(self) -> bytes:
        return b"always the same"


class DoubleHash(Sound):
    def sign_digest(self, digest: bytes, /) -> Any:
        if not isinstance(digest, bytes) or len(digest) != 32:
            raise ValueError("a digest has 32 bytes")
        return super().sign_digest(sha256(digest).digest())


class SwappedHalves(Sound):
    def sign_digest(self, digest: bytes, /) -> Any:
        signature = super().sign_digest(digest)
        return signature[32:] + signature[:32]


class Cached(Sound):
    """Signs once and remembers too well."""

    _last: bytes | None = None

    def sign_digest(self, digest: bytes, /) -> Any:
        signature = super().sign_digest(digest)
        self._last = self._last or signature
        return self._last


class SharedBuffer(Sound):
    """One output buffer for all threads: the result is read after another thread may have written."""

    def __init__(self, key: PrivateKey) -> None:
        super().__init__(key)
        self._buffer = bytearray(64)

    def sign_digest(self, digest: bytes, /) -> Any:
        for position, byte in enumerate(super().sign_digest(digest)):
            self._buffer[position] = byte
        return bytes(self._buffer)


class ShortNonce(Sound):
    """A nonce of half the bits, from which a lattice finds the key after a few signatures."""

    def sign_digest(self, digest: bytes, /) -> Any:
        super().sign_digest(digest)
        drawn = sha256(self._key.secret + digest).digest()[:16]
        return signed_with(int.from_bytes(drawn, "big"), self._key.secret, digest)


class UnreducedDigest(Sound):
    """Draws the nonce from the digest as it is, where RFC 6979 has one from n on reduced first (`bits2octets`)."""

    def sign_digest(self, digest: bytes, /) -> Any:
        super().sign_digest(digest)
        key, value = bytes(32), b"\x01" * 32
        for mark in (b"\x00", b"\x01"):
            key = hmac.digest(key, value + mark + self._key.secret + digest, "sha256")
            value = hmac.digest(key, value, "sha256")
        nonce = int.from_bytes(hmac.digest(key, value, "sha256"), "big")
        return signed_with(nonce, self._key.secret, digest)


class Reversed(Sound):
    """Numbers with the lowest byte first."""

    def sign_digest(self, digest: bytes, /) -> Any:
        signature = super().sign_digest(digest)
        return signature[31::-1] + signature[:31:-1]


class WrongForOtherKeys(Sound):
    """Right for the keys that other checks try; those that only the vectors hold sign another digest."""

    def __init__(self, key: PrivateKey) -> None:
        super().__init__(key)
        self._tried = key.reveal() in (KEY, OTHER_KEY, *EXTREME_KEYS.values())

    def sign_digest(self, digest: bytes, /) -> Any:
        return super().sign_digest(digest if self._tried else sha256(digest).digest())
