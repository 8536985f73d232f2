"""Four implementations sign, and what they do not agree on is not written down.

python-ecdsa, libsecp256k1 (coincurve), OpenSSL (cryptography) and the textbook of `gonka_conformance.reference`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final

import coincurve
import ecdsa
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from ecdsa.util import sigencode_string, sigencode_string_canonize

from gonka_conformance import reference

_DETERMINISTIC: Final = ec.ECDSA(utils.Prehashed(SHA256()), deterministic_signing=True)


class DisagreementError(ValueError):
    """Implementations differ about something that has one answer."""


def signature(secret: bytes, digest: bytes) -> bytes:
    """64 bytes r‖s, low s, RFC 6979. Raises `DisagreementError`."""
    return agreed({name: sign(secret, digest) for name, sign in SIGNERS.items()})


def public_key(secret: bytes) -> bytes:
    """33 bytes, compressed. Raises `DisagreementError`."""
    return agreed({name: derive(secret) for name, derive in KEYS.items()})


def was_high(secret: bytes, digest: bytes) -> bool:
    """Whether s came out above n/2 and was replaced by n - s."""
    return _python_ecdsa(secret, digest, sigencode_string) != signature(secret, digest)


def agreed(answers: Mapping[str, bytes]) -> bytes:
    """The one answer. Raises `DisagreementError` where there is more than one."""
    found = set(answers.values())
    if len(found) != 1:
        raise DisagreementError(f"implementations disagree: { {name: each.hex() for name, each in answers.items()} }")
    return found.pop()


def _python_ecdsa(secret: bytes, digest: bytes, encode: Any) -> bytes:
    key: Any = ecdsa.SigningKey.from_string(secret, curve=ecdsa.SECP256k1)
    made: bytes = key.sign_digest_deterministic(digest, hashfunc=hashlib.sha256, sigencode=encode)
    return made


def _libsecp256k1(secret: bytes, digest: bytes) -> bytes:
    return coincurve.PrivateKey(secret).sign_recoverable(digest, hasher=None)[:64]


def _openssl(secret: bytes, digest: bytes) -> bytes:
    r, s = utils.decode_dss_signature(_openssl_key(secret).sign(digest, _DETERMINISTIC))
    return r.to_bytes(32, "big") + min(s, reference.N - s).to_bytes(32, "big")


def _openssl_key(secret: bytes) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256K1())


def _python_ecdsa_key(secret: bytes) -> bytes:
    key: Any = ecdsa.SigningKey.from_string(secret, curve=ecdsa.SECP256k1)
    point: bytes = key.verifying_key.to_string("compressed")
    return point


SIGNERS: Final[Mapping[str, Callable[[bytes, bytes], bytes]]] = {
    "python-ecdsa": lambda secret, digest: _python_ecdsa(secret, digest, sigencode_string_canonize),
    "coincurve": _libsecp256k1,
    "cryptography": _openssl,
    "textbook": reference.signature,
}
KEYS: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "python-ecdsa": _python_ecdsa_key,
    "coincurve": lambda secret: coincurve.PrivateKey(secret).public_key.format(),
    "cryptography": lambda secret: (
        _openssl_key(secret).public_key().public_bytes(Encoding.X962, PublicFormat.CompressedPoint)
    ),
    "textbook": reference.public_key,
}
