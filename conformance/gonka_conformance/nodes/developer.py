"""Who signs the exam's requests: a key of secp256k1, held by OpenSSL.

The kit's own arithmetic (`reference.py`) is for published test keys; a funded key needs code whose running time tells
nothing about it. Nonces are random, so that no two requests have the same `Authorization`.
"""

from __future__ import annotations

import base64
from typing import Final, NoReturn

from gonka_conformance.reference import HALF_N, N
from gonka_core.address import address_of
from gonka_core.keys import PrivateKey

try:
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, utils
except ModuleNotFoundError as _missing:
    raise ModuleNotFoundError(
        "the conformance kit signs for the node exam with cryptography, which is not installed; "
        "run: pip install 'gonka-core[conformance]' (from a checkout: pip install '.[conformance]')",
        name="cryptography",
    ) from _missing

_PREHASHED: Final = ec.ECDSA(utils.Prehashed(hashes.SHA256()))


class Developer:
    """An account with its key. `public_key` is 33 bytes, `address` the account's. The key is shown nowhere."""

    def __init__(self, key: PrivateKey) -> None:
        self.__key = ec.derive_private_key(int.from_bytes(key.reveal(), "big"), ec.SECP256K1())
        self.public_key: bytes = self.__key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.CompressedPoint
        )
        self.address: str = address_of(self.public_key)

    @classmethod
    def unknown(cls) -> Developer:
        """One of whom no chain has heard."""
        return cls(PrivateKey.generate())

    def sign(self, digest: bytes) -> bytes:
        """64 bytes r‖s with low s over a digest of 32 bytes."""
        r, s = utils.decode_dss_signature(self.__key.sign(digest, _PREHASHED))
        return r.to_bytes(32, "big") + min(s, N - s).to_bytes(32, "big")

    def __repr__(self) -> str:
        return f"Developer({self.address})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Developer is not pickled: it holds a key; make it anew where it is needed")


def spelled(signature: bytes) -> str:
    """The value of `Authorization`: standard base64 with padding."""
    return base64.b64encode(signature).decode("ascii")


def with_high_s(signature: bytes) -> bytes:
    """The same signature with s above n/2: ECDSA takes it, the network does not (`protocol.md` §1.5)."""
    s = int.from_bytes(signature[32:], "big")
    assert 0 < s <= HALF_N
    return signature[:32] + (N - s).to_bytes(32, "big")


def with_other_padding_bits(text: str) -> str:
    """The same 64 bytes in another spelling: the four unused bits of the last character are set otherwise."""
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    assert len(text) == 88
    assert text.endswith("==")
    return f"{text[:85]}{alphabet[alphabet.index(text[85]) ^ 1]}=="
