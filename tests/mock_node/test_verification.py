"""The node's verifier against known answers, other implementations, and mistakes."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

import ecdsa
import pytest
from ecdsa.util import sigencode_string_canonize
from hypothesis import given
from hypothesis import strategies as st

from gonka_conformance import vectors
from gonka_conformance.vectors import SignVector, TimestampVector, VerifyVector
from gonka_core.address import address_of
from gonka_mock_node import verification
from gonka_mock_node.curve import CURVE, ORDER
from gonka_mock_node.rules import freshness
from gonka_mock_node.verification import SignatureError, message_digest


def verdict(vector: VerifyVector) -> str:
    digest = message_digest(vector.scheme, vector.payload, vector.timestamp_ns, vector.provider_address)
    try:
        verification.require_signature(vector.public_key, digest, vector.signature)
    except SignatureError:
        return "reject"
    return "accept"


@pytest.mark.parametrize("vector", vectors.verifications(), ids=lambda vector: vector.id)
def test_verify_vectors(vector: VerifyVector) -> None:
    assert verdict(vector) == vector.node


@pytest.mark.parametrize("vector", vectors.verifications(), ids=lambda vector: vector.id)
def test_an_open_account_is_as_strict_as_a_known_one(vector: VerifyVector) -> None:
    """Recovering the key and comparing its address gives the verdict that looking the key up gives."""
    digest = message_digest(vector.scheme, vector.payload, vector.timestamp_ns, vector.provider_address)
    try:
        keys = list(CURVE.recovered_keys(digest, *verification.read_signature(vector.signature)))
    except SignatureError:
        keys = []
    assert any(address_of(key) == vector.requester_address for key in keys) == (vector.node == "accept")


@pytest.mark.parametrize("vector", vectors.signatures(), ids=lambda vector: vector.id)
def test_sign_vectors_verify(vector: SignVector) -> None:
    digest = message_digest(vector.scheme, vector.payload, vector.timestamp_ns, vector.provider_address)
    assert digest == vector.digest
    verification.require_signature(vector.public_key, digest, vector.signature)


@pytest.mark.parametrize("vector", vectors.timestamps(), ids=lambda vector: vector.id)
def test_timestamp_vectors(vector: TimestampVector) -> None:
    texts = {"ok": None, "too_old": "too old", "in_future": "in the future"}
    found = freshness(vector.now_ns, vector.timestamp_ns, expiration_s=vector.expiration_s, advance_s=vector.advance_s)
    assert found == texts[vector.node]


KEYS = st.integers(1, ORDER - 1).map(lambda number: number.to_bytes(32, "big"))


@given(KEYS, st.binary(max_size=60))
def test_what_another_library_signs_is_accepted_and_its_key_recovered(key: bytes, message: bytes) -> None:
    signing: Any = ecdsa.SigningKey.from_string(key, curve=ecdsa.SECP256k1)
    raw = signing.sign_deterministic(message, hashfunc=hashlib.sha256, sigencode=sigencode_string_canonize)
    public_key = signing.verifying_key.to_string("compressed")
    digest = hashlib.sha256(message).digest()
    verification.require_signature(public_key, digest, base64.b64encode(raw).decode())
    r, s = (int.from_bytes(half, "big") for half in (raw[:32], raw[32:]))
    assert public_key in CURVE.recovered_keys(digest, r, s)
    for changed in (raw[:-1] + bytes([raw[-1] ^ 1]), raw[:32] + (ORDER - s).to_bytes(32, "big")):
        with pytest.raises(SignatureError):
            verification.require_signature(public_key, digest, base64.b64encode(changed).decode())


@pytest.mark.parametrize(
    "public_key", [b"", bytes(33), b"\x02" + bytes(32), b"\x02" + b"\xff" * 32, b"\x04" + bytes(64)]
)
def test_a_key_that_is_no_point_verifies_nothing(public_key: bytes) -> None:
    vector = next(vector for vector in vectors.verifications() if vector.expected == "accept")
    digest = message_digest(vector.scheme, vector.payload, vector.timestamp_ns, vector.provider_address)
    with pytest.raises(SignatureError, match=r"^invalid signature$"):
        verification.require_signature(public_key, digest, vector.signature)


@pytest.mark.parametrize("timestamp", [0, -1])
def test_a_timestamp_that_is_not_above_zero_is_not_signed(timestamp: int) -> None:
    assert message_digest("raw", b"x", timestamp, "gonka1") == hashlib.sha256(b"xgonka1").digest()
