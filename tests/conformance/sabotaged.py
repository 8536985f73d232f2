"""Signers that are wrong on purpose, each in one way, with the checks that must say so.

All build on libsecp256k1, which is right; a sabotage changes what goes in or what comes out.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, ClassVar

import coincurve
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from ecdsa import SECP256k1, SigningKey

from gonka_conformance.reference import N
from gonka_core import PrivateKey, Signer


class Sound:
    """A correct signer without a claim; the sabotaged ones inherit from it."""

    def __init__(self, key: PrivateKey) -> None:
        self._key = coincurve.PrivateKey(key.reveal())
        self.public_key: bytes = self._key.public_key.format(compressed=True)

    def sign_digest(self, digest: bytes, /) -> Any:
        return self._key.sign_recoverable(digest, hasher=None)[:64]

    def __reduce__(self) -> Any:
        raise TypeError("a signer is not pickled")


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


class KeyInRepr(Sound):
    def __repr__(self) -> str:
        return f"Signer({self._key.to_hex()})"


class KeyInError(Sound):
    def sign_digest(self, digest: bytes, /) -> Any:
        try:
            return super().sign_digest(digest)
        except (TypeError, ValueError) as error:
            raise ValueError(f"cannot sign with {self._key.secret!r}") from error


class KeyInCause(Sound):
    def sign_digest(self, digest: bytes, /) -> Any:
        if isinstance(digest, bytes) and len(digest) == 32:
            return super().sign_digest(digest)
        raise ValueError("a digest has 32 bytes") from RuntimeError(f"state: secret={self._key.to_int()}")


class KeyInPickle:
    """A plain object: pickle writes its attributes."""

    def __init__(self, key: PrivateKey) -> None:
        self._secret = key.reveal()
        self.public_key: bytes = Sound(key).public_key

    def sign_digest(self, digest: bytes, /) -> Any:
        return coincurve.PrivateKey(self._secret).sign_recoverable(digest, hasher=None)[:64]


class NumberInPickle(KeyInPickle):
    """The same, kept as an integer, which pickle writes with its lowest byte first."""

    def __getstate__(self) -> Any:
        return {"d": int.from_bytes(self._secret, "big")}


class UncompressedKey(Sound):
    def __init__(self, key: PrivateKey) -> None:
        super().__init__(key)
        self.public_key = self._key.public_key.format(compressed=False)


class AlwaysEven(Sound):
    """Writes 02 in front of every public key."""

    def __init__(self, key: PrivateKey) -> None:
        super().__init__(key)
        self.public_key = b"\x02" + self.public_key[1:]


class FillsUpDigests(Sound):
    def sign_digest(self, digest: bytes, /) -> Any:
        return super().sign_digest(digest.rjust(32, b"\0") if isinstance(digest, bytes) else digest)


class TakesHex(Sound):
    def sign_digest(self, digest: bytes, /) -> Any:
        return super().sign_digest(bytes.fromhex(digest) if isinstance(digest, str) else digest)


class DiesOfRefusal(Sound):
    """Refuses, and is useless afterwards."""

    _broken = False

    def sign_digest(self, digest: bytes, /) -> Any:
        self._broken = self._broken or not isinstance(digest, bytes) or len(digest) != 32
        if self._broken:
            raise RuntimeError("the session is closed")
        return super().sign_digest(digest)


class ReturnsBytearray(Sound):
    def sign_digest(self, digest: bytes, /) -> Any:
        return bytearray(super().sign_digest(digest))


class WithRecoveryId(Sound):
    def sign_digest(self, digest: bytes, /) -> Any:
        return self._key.sign_recoverable(digest, hasher=None)


class SharedKey(Sound):
    """Keeps its key on the class, so the last one made wins."""

    _shared: ClassVar[coincurve.PrivateKey]

    def __init__(self, key: PrivateKey) -> None:
        super().__init__(key)
        SharedKey._shared = self._key

    def sign_digest(self, digest: bytes, /) -> Any:
        return SharedKey._shared.sign_recoverable(digest, hasher=None)[:64]


class RefusesLargeDigests(Sound):
    """Takes a digest for a number below n."""

    def sign_digest(self, digest: bytes, /) -> Any:
        if not 0 < int.from_bytes(digest, "big") < N:
            raise ValueError("the digest is out of range")
        return super().sign_digest(digest)


class RefusesSmallKeys(Sound):
    def __init__(self, key: PrivateKey) -> None:
        if key.reveal()[:8] == bytes(8):
            raise ValueError("this key is weak")
        super().__init__(key)


class NoSignature(Sound):
    def sign_digest(self, digest: bytes, /) -> Any:
        super().sign_digest(digest)
        return None


class Exits(Sound):
    def sign_digest(self, digest: bytes, /) -> Any:
        raise SystemExit(3)


@dataclass(frozen=True)
class Sabotage:
    """A wrong signer, the check that is meant to say so and with which words, and whether no other may."""

    factory: Callable[[PrivateKey], Signer]
    caught_by: str
    words: str
    alone: bool = False
    claims: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        return getattr(self.factory, "__name__", "")


DETERMINISTIC = frozenset({"deterministic"})

SABOTAGED = (
    Sabotage(HighS, "low-s", "above n/2 in 256 of 256"),
    Sabotage(SometimesHighS, "low-s", r"above n/2 in \d+ of 256"),
    Sabotage(Der, "size", r"7\d bytes instead of 64"),
    Sabotage(Unpadded, "zero-leading", "it has 63 bytes"),
    Sabotage(TruncatedR, "zero-leading", "it has 63 bytes"),
    Sabotage(PaddedOnTheRight, "zero-leading", "above n/2|does not verify"),
    Sabotage(RandomNonce, "deterministic", "more than one way", claims=DETERMINISTIC),
    Sabotage(OtherNonce, "rfc6979", "where RFC 6979 gives", claims=DETERMINISTIC),
    Sabotage(DoubleHash, "verifies", "does not verify"),
    Sabotage(SwappedHalves, "verifies", "above n/2|does not verify"),
    Sabotage(Cached, "verifies", "does not verify"),
    Sabotage(SharedBuffer, "threads", r"(at full speed|line by line), \d+ of \d+ signatures are wrong", alone=True),
    Sabotage(KeyInRepr, "no-key-shown", r"repr: it shows the key \(hex\)", alone=True),
    Sabotage(KeyInError, "no-key-shown", r"the error for 0 bytes: it shows the key \(escapes\)", alone=True),
    Sabotage(KeyInCause, "no-key-shown", r"it shows the key \(decimal\)", alone=True),
    Sabotage(KeyInPickle, "pickle", r"it shows the key \(raw\)", alone=True),
    Sabotage(NumberInPickle, "pickle", r"it shows the key \((raw|decimal)\)", alone=True),
    Sabotage(UncompressedKey, "public-key", "but 65 bytes"),
    Sabotage(AlwaysEven, "public-key", "where the key has 03"),
    Sabotage(FillsUpDigests, "digest-length", "it signed 0 bytes", alone=True),
    Sabotage(TakesHex, "digest-length", "it signed a str of 64 hex digits", alone=True),
    Sabotage(DiesOfRefusal, "digest-length", "the session is closed", alone=True),
    Sabotage(ReturnsBytearray, "size", "bytearray instead of bytes", alone=True),
    Sabotage(WithRecoveryId, "size", "65 bytes instead of 64"),
    Sabotage(SharedKey, "own-key", "with two signers in use", alone=True),
    Sabotage(RefusesLargeDigests, "extreme-digests", "out of range", alone=True),
    Sabotage(RefusesSmallKeys, "extreme-keys", "this key is weak"),
    Sabotage(NoSignature, "size", "NoneType instead of bytes"),
    Sabotage(Exits, "size", "it raised SystemExit: 3"),
)
