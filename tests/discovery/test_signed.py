"""A signature verifies under its key, as the kit's oracle has it, and nothing else does."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonka_core import PrivateKey, resolve
from gonka_core.discovery.signed import verifies
from gonka_core.keys import ORDER

SIGNER = resolve.signer("auto", lambda: PrivateKey(bytes(31) + b"\x07"))
DIGEST = hashlib.sha256(b"hello").digest()
SIGNATURE = SIGNER.sign_digest(DIGEST)


@settings(deadline=None)
@given(st.binary())
def test_a_signature_verifies_under_its_key(message: bytes) -> None:
    digest = hashlib.sha256(message).digest()
    assert verifies(SIGNER.public_key, digest, SIGNER.sign_digest(digest))


@settings(deadline=None)
@given(st.integers(0, 64 * 8 - 1))
def test_no_other_signature_does(bit: int) -> None:
    flipped = bytearray(SIGNATURE)
    flipped[bit // 8] ^= 1 << bit % 8
    assert not verifies(SIGNER.public_key, DIGEST, bytes(flipped))


def test_a_high_s_is_none() -> None:
    high = ORDER - int.from_bytes(SIGNATURE[32:], "big")
    assert not verifies(SIGNER.public_key, DIGEST, SIGNATURE[:32] + high.to_bytes(32, "big"))


@pytest.mark.parametrize("key", [b"", b"\x02", b"\x05" + bytes(32), b"\x02" + b"\xff" * 32])
def test_no_key(key: bytes) -> None:
    assert not verifies(key, DIGEST, SIGNATURE)


@pytest.mark.parametrize("signature", [b"", bytes(64), SIGNATURE[:63], SIGNATURE + b"\0"])
def test_no_signature(signature: bytes) -> None:
    assert not verifies(SIGNER.public_key, DIGEST, signature)
