"""The adapter to pyca/cryptography."""

from __future__ import annotations

from typing import Final, NoReturn

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from gonka_core.keys import ORDER, PrivateKey, refuse_to_pickle

_ALGORITHM: Final = ec.ECDSA(Prehashed(SHA256()), deterministic_signing=True)


class CryptographySigner:
    """Signs with OpenSSL. Raises UnsupportedAlgorithm when made where OpenSSL has no secp256k1 (some FIPS builds)."""

    __slots__ = ("__key", "public_key")

    public_key: bytes

    def __init__(self, key: PrivateKey) -> None:
        self.__key = ec.derive_private_key(int.from_bytes(key.reveal(), "big"), ec.SECP256K1())
        self.public_key = self.__key.public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)

    def sign_digest(self, digest: bytes, /) -> bytes:
        """64 bytes r‖s, low-S, nonce by RFC 6979. Raises ValueError for a digest that is not 32 bytes."""
        r, s = decode_dss_signature(self.__key.sign(digest, _ALGORITHM))
        return r.to_bytes(32, "big") + min(s, ORDER - s).to_bytes(32, "big")

    def __repr__(self) -> str:
        return f"CryptographySigner(public_key={self.public_key.hex()})"

    def __getstate__(self) -> NoReturn:
        refuse_to_pickle("a signer")
