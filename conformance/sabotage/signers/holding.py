"""Signers that hold a key badly: they show it, share it, misname it, or refuse what they should take."""

from __future__ import annotations

from typing import Any, ClassVar

import coincurve

from gonka_conformance.material import EXTREME_KEYS, KEY, OTHER_KEY
from gonka_conformance.reference import N
from gonka_core import PrivateKey

from .correct import Sound


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


class MisnamesOtherKeys(Sound):
    """Names its own public key for the keys that other checks try, and another for those of the vectors."""

    def __init__(self, key: PrivateKey) -> None:
        super().__init__(key)
        if key.reveal() not in (KEY, OTHER_KEY, *EXTREME_KEYS.values()):
            self.public_key = coincurve.PrivateKey(OTHER_KEY).public_key.format()
