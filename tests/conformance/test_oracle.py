"""The judge agrees with every known answer and with implementations that it shares nothing with."""

from __future__ import annotations

import ast
import base64
import hashlib
from pathlib import Path
from typing import Any

import coincurve
import ecdsa
import pytest
from ecdsa.util import sigencode_string_canonize
from hypothesis import given
from hypothesis import strategies as st

import gonka_conformance
from gonka_conformance import oracle, reference, vectors
from gonka_conformance.vectors import SignVector, VerifyVector

DIGESTS = st.binary(min_size=32, max_size=32)
KEYS = st.integers(1, reference.N - 1).map(lambda number: number.to_bytes(32, "big"))
KEY = hashlib.sha256(b"test key").digest()
DIGEST = hashlib.sha256(b"test digest").digest()


@pytest.mark.parametrize("vector", [pytest.param(vector, id=vector.id) for vector in vectors.signatures()])
def test_it_reproduces_every_signature_vector(vector: SignVector) -> None:
    digest = oracle.digest(vector.scheme, vector.payload, vector.timestamp_ns, vector.provider_address)
    assert digest == vector.digest
    assert reference.public_key(vector.private_key) == vector.public_key
    assert reference.signature(vector.private_key, digest) == vector.r + vector.s
    assert oracle.wire_flaw(vector.public_key, digest, vector.signature) is None


def test_it_gives_the_strict_verdict_on_every_verification_vector() -> None:
    verdicts = {vector.id: _verdict(vector) for vector in vectors.verifications()}
    assert verdicts == {vector.id: vector.expected for vector in vectors.verifications()}
    assert set(verdicts.values()) == {"accept", "reject"}


def _verdict(vector: VerifyVector) -> str:
    digest = oracle.digest(vector.scheme, vector.payload, vector.timestamp_ns, vector.provider_address)
    return "reject" if oracle.wire_flaw(vector.public_key, digest, vector.signature) else "accept"


@pytest.mark.parametrize("vector", [pytest.param(vector, id=vector.id) for vector in vectors.addresses()])
def test_it_derives_the_public_key_of_every_address_vector(vector: vectors.AddressVector) -> None:
    assert reference.public_key(vector.private_key) == vector.public_key


@given(KEYS, DIGESTS)
def test_its_signatures_are_those_of_two_libraries(secret: bytes, digest: bytes) -> None:
    slow: Any = ecdsa.SigningKey.from_string(secret, curve=ecdsa.SECP256k1)
    by_ecdsa = slow.sign_digest_deterministic(digest, hashfunc=hashlib.sha256, sigencode=sigencode_string_canonize)
    fast = coincurve.PrivateKey(secret)
    mine = reference.signature(secret, digest)
    assert mine == by_ecdsa == fast.sign_recoverable(digest, hasher=None)[:64]
    assert reference.public_key(secret) == fast.public_key.format()
    assert oracle.flaw(reference.public_key(secret), digest, mine) is None


@given(KEYS, DIGESTS, st.integers(0, 511))
def test_one_bit_of_difference_is_no_signature(secret: bytes, digest: bytes, bit: int) -> None:
    signature = int.from_bytes(coincurve.PrivateKey(secret).sign_recoverable(digest, hasher=None)[:64], "big")
    assert oracle.flaw(reference.public_key(secret), digest, (signature ^ 1 << bit).to_bytes(64, "big"))


def test_it_names_the_flaw() -> None:
    public, right = reference.public_key(KEY), reference.signature(KEY, DIGEST)
    r, s = right[:32], int.from_bytes(right[32:], "big")
    flaws = {
        right[1:]: "it has 63 bytes instead of 64",
        right + b"\0": "it has 65 bytes instead of 64",
        r + (reference.N - s).to_bytes(32, "big"): "s is above n/2",
        r + bytes(32): "r or s is not between 1 and n - 1",
        bytes(32) + right[32:]: "r or s is not between 1 and n - 1",
        reference.N.to_bytes(32, "big") + right[32:]: "r or s is not between 1 and n - 1",
        r + (s ^ 1).to_bytes(32, "big"): "it does not verify",
    }
    assert {signature: oracle.flaw(public, DIGEST, signature) for signature in flaws} == flaws
    assert oracle.flaw(reference.public_key(DIGEST), DIGEST, right) == "it does not verify"


def test_only_one_spelling_of_base64_is_accepted() -> None:
    public, right = reference.public_key(KEY), reference.signature(KEY, DIGEST)
    text = base64.b64encode(right).decode()
    other_bits = text[:-3] + chr(ord(text[-3]) + 1) + "=="
    assert base64.b64decode(other_bits) == right
    assert oracle.wire_flaw(public, DIGEST, text) is None
    assert oracle.wire_flaw(public, DIGEST, other_bits) == "it is base64 in another spelling than the canonical one"
    for wrong in (text[:40] + "\n" + text[40:], f"Bearer {text}", text.rstrip("="), " " + text, "é" + text[1:]):
        assert oracle.wire_flaw(public, DIGEST, wrong) == "it is not standard base64"


def test_the_message_follows_the_wire_reference() -> None:
    body = b'{"model":"test"}'
    hashed = hashlib.sha256(body).hexdigest().encode()
    assert oracle.message("raw", body, 17, "gonka1x") == body + b"17gonka1x"
    assert oracle.message("hash", body, 17, "gonka1x") == hashed + b"17gonka1x"
    assert oracle.message("raw", body, 0, "gonka1x") == body + b"gonka1x"
    assert oracle.message("raw", body, -5, "") == body
    with pytest.raises(ValueError, match="unknown scheme 'Raw'"):
        oracle.message("Raw", body, 17, "gonka1x")  # type: ignore[arg-type]


@pytest.mark.parametrize("secret", [bytes(32), reference.N.to_bytes(32, "big"), bytes(31) + b"\x01\x01", b"\x01"])
def test_the_reference_takes_no_wrong_key(secret: bytes) -> None:
    with pytest.raises(ValueError, match="from 1 to n - 1 in 32 bytes"):
        reference.public_key(secret)
    with pytest.raises(ValueError, match="from 1 to n - 1 in 32 bytes"):
        reference.signature(secret, DIGEST)


def test_the_reference_takes_no_wrong_digest() -> None:
    with pytest.raises(ValueError, match="32 bytes, not 31"):
        reference.signature(KEY, bytes(31))


def test_the_judge_shares_no_code_with_what_it_judges() -> None:
    """Neither the core nor a signer's library: a common mistake would agree with itself."""
    home = Path(gonka_conformance.__file__).parent
    paths = [*(home / f"{name}.py" for name in ("oracle", "reference", "payloads")), *(home / "vectors").glob("*.py")]
    imported = {path.stem: _imports(path) for path in paths}
    forbidden = ("gonka_core", "gonka_ecdsa", "gonka_coincurve", "gonka_cryptography", "ecdsa", "coincurve")
    found = {
        (name, module) for name, modules in imported.items() for module in modules if module.split(".")[0] in forbidden
    }
    assert not found
    assert "cryptography.hazmat.primitives" in imported["oracle"]


def _imports(path: Path) -> set[str]:
    modules: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            modules |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(node.module or "")
    return modules
