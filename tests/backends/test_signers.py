"""Our signers, through the kit like anybody's, and against each other."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gonka_coincurve.signer import CoincurveSigner
from gonka_conformance import installed_signers, oracle, reference
from gonka_conformance.suite import SignerSuite
from gonka_core import PrivateKey, Signer
from gonka_core.hookspecs import SignerPlugin
from gonka_core.plugins import registry
from gonka_cryptography.signer import CryptographySigner
from gonka_ecdsa.signer import EcdsaSigner

OURS: dict[str, Callable[[PrivateKey], Signer]] = {
    "ecdsa": EcdsaSigner,
    "coincurve": CoincurveSigner,
    "cryptography": CryptographySigner,
}
KEYS = st.integers(1, reference.N - 1).map(lambda number: number.to_bytes(32, "big"))
DIGESTS = st.one_of(
    st.binary(min_size=32, max_size=32),
    st.integers(reference.N, 2**256 - 1).map(lambda number: number.to_bytes(32, "big")),
)


class TestEcdsa(SignerSuite):
    claims = ("deterministic",)

    def make_signer(self, key: PrivateKey) -> Signer:
        return EcdsaSigner(key)


class TestCoincurve(SignerSuite):
    claims = ("deterministic", "constant-time")

    def make_signer(self, key: PrivateKey) -> Signer:
        return CoincurveSigner(key)


class TestCryptography(SignerSuite):
    claims = ("deterministic", "constant-time")

    def make_signer(self, key: PrivateKey) -> Signer:
        return CryptographySigner(key)


@pytest.mark.parametrize(
    ("suite", "name"), [(TestEcdsa, "ecdsa"), (TestCoincurve, "coincurve"), (TestCryptography, "cryptography")]
)
def test_the_plug_in_claims_what_is_examined(suite: type[SignerSuite], name: str) -> None:
    plugin = registry().of_kind("signer")[name].plugin
    assert isinstance(plugin, SignerPlugin)
    assert plugin.capabilities == tuple(suite.claims)
    assert plugin.load() is OURS[name]


def test_the_kit_finds_our_signers() -> None:
    subjects, left_out = installed_signers()
    assert {"ecdsa", "coincurve", "cryptography"} <= {subject.name for subject in subjects}
    assert left_out == ()


@pytest.mark.parametrize("length", [0, 31, 33, 64])
@pytest.mark.parametrize("name", OURS)
def test_what_is_no_digest_of_32_bytes_is_a_value_error(name: str, length: int) -> None:
    with pytest.raises(ValueError, match=r"32 bytes|digest size"):
        OURS[name](PrivateKey(b"\x01" * 32)).sign_digest(bytes(length))


@given(KEYS, DIGESTS)
@example(b"\x01".rjust(32, b"\0"), bytes(32))
@example(b"\x01".rjust(32, b"\0"), b"\xff" * 32)
@example((reference.N - 1).to_bytes(32, "big"), reference.N.to_bytes(32, "big"))
def test_all_signers_agree_byte_for_byte(secret: bytes, digest: bytes) -> None:
    signers = [make(PrivateKey(secret)) for make in OURS.values()]
    signatures = {signer.sign_digest(digest) for signer in signers}
    assert len(signatures) == 1
    assert {signer.public_key for signer in signers} == {reference.public_key(secret)}
    (signature,) = signatures
    assert len(signature) == 64
    assert int.from_bytes(signature[32:], "big") <= reference.HALF_N
    assert oracle.flaw(reference.public_key(secret), digest, signature) is None
