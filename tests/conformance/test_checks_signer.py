"""Who checks the checks: each catches a signer that is wrong on purpose, with the words it is meant to find."""

from __future__ import annotations

import re
from typing import Any

import coincurve
import pytest

from gonka_conformance import CheckFailed, Report, SignerSubject, Status, check_signer, reference
from gonka_conformance.material import EXTREME_KEYS, KEY, OTHER_KEY, SHORT, digest
from gonka_conformance.signers import checks
from gonka_conformance.signers.checks import SIGNER_CHECKS
from gonka_core import PrivateKey
from tests.conformance.sabotaged import SABOTAGED, Sabotage, Sound


def failures(report: Report) -> dict[str, str]:
    return {result.id: result.evidence for result in report.results if result.status is Status.FAILED}


def _parts(secret: bytes) -> list[str]:
    """What no report may hold of a key: the whole as a number, eight bytes of it as hex."""
    hexadecimal = secret.hex()
    return [str(int.from_bytes(secret, "big")), *(hexadecimal[start : start + 16] for start in range(0, 48, 2))]


@pytest.mark.parametrize("sabotage", [pytest.param(sabotage, id=sabotage.name) for sabotage in SABOTAGED])
def test_a_sabotaged_signer_is_caught_for_the_reason_meant(sabotage: Sabotage) -> None:
    report = check_signer(SignerSubject(sabotage.name, sabotage.factory, sabotage.claims))
    failed = failures(report)
    meant = f"signer.{sabotage.caught_by}"
    assert not report.conforms
    assert re.search(sabotage.words, failed.get(meant, "")), failed
    if sabotage.alone:
        assert list(failed) == [meant]
    assert not [part for secret in (KEY, OTHER_KEY) for part in _parts(secret) if part in repr(report)]


def test_every_check_catches_somebody() -> None:
    """`vectors-*` repeat what others find, on published cases; they are tried on their own below."""
    meant = {f"signer.{sabotage.caught_by}" for sabotage in SABOTAGED}
    assert set(SIGNER_CHECKS.ids) - meant == {"signer.vectors-keys", "signer.vectors-signatures"}


class RightForTheKit(Sound):
    """Right for the keys of the other checks and wrong for those that only the vectors hold."""

    def __init__(self, key: PrivateKey) -> None:
        super().__init__(key)
        if key.reveal() not in (KEY, OTHER_KEY, *EXTREME_KEYS.values()):
            self._key = coincurve.PrivateKey(OTHER_KEY)
            self.public_key = self._key.public_key.format()


def test_the_vectors_catch_what_the_rest_does_not_try() -> None:
    failed = failures(check_signer(SignerSubject("right for the kit", RightForTheKit)))
    assert set(failed) == {"signer.vectors-keys", "signer.vectors-signatures"}
    assert "vector address-" in failed["signer.vectors-keys"]
    assert "vector sign-" in failed["signer.vectors-signatures"]


class Handle(Sound):
    """Correct, and may be pickled: it writes where the key is, not what it is."""

    def __reduce__(self) -> Any:
        return (str, ("slot 7 of the token",))


class Random(Sound):
    """Correct, without determinism: each signature begins a new sequence, as nonces from a random source do."""

    def __init__(self, key: PrivateKey) -> None:
        super().__init__(key)
        self._count = 0

    def sign_digest(self, digest: bytes, /) -> Any:
        super().sign_digest(digest)
        self._count += 1
        secret, z = int.from_bytes(self._key.secret, "big"), int.from_bytes(digest, "big")
        nonce = coincurve.PrivateKey.from_int(pow(7, self._count, reference.N))
        r = int.from_bytes(nonce.public_key.format()[1:], "big") % reference.N
        s = pow(nonce.to_int(), -1, reference.N) * (z + r * secret) % reference.N
        return r.to_bytes(32, "big") + min(s, reference.N - s).to_bytes(32, "big")


@pytest.mark.parametrize("factory", [Sound, Handle, Random])
def test_a_correct_signer_is_blamed_by_none(factory: Any) -> None:
    report = check_signer(SignerSubject("correct", factory))
    assert failures(report) == {}
    assert report.conforms
    skipped = [result.id for result in report.results if result.status is Status.SKIPPED]
    assert skipped == ["signer.deterministic", "signer.rfc6979"]


def test_a_nonce_that_is_not_that_of_rfc_6979_breaks_the_claim_only() -> None:
    report = check_signer(SignerSubject("random", Random, frozenset({"deterministic"})))
    assert set(failures(report)) == {"signer.deterministic", "signer.rfc6979", "signer.vectors-signatures"}


@pytest.mark.parametrize("shape", SHORT)
def test_the_chosen_digests_have_the_shape_that_they_are_chosen_for(shape: str) -> None:
    signature = reference.signature(KEY, digest(SHORT[shape]))
    r, s = signature[:32], signature[32:]
    assert {
        "s begins with a zero byte": s[0] == 0,
        "r begins with a zero byte": r[0] == 0,
        "r begins and ends with a zero byte": r[0] == r[31] == 0,
        "s begins with two zero bytes": s[:2] == b"\0\0",
        "r begins with two zero bytes": r[:2] == b"\0\0",
        "r and s begin with a zero byte": r[0] == s[0] == 0,
    }[shape]


def test_a_signer_whose_numbers_are_never_short_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    class NeverShort(Random):
        def sign_digest(self, digest: bytes, /) -> Any:
            while not all((signature := super().sign_digest(digest))[::32]):
                continue
            return signature

    monkeypatch.setattr(checks, "_UNTIL_SHORT", 40)
    check = next(check for check in SIGNER_CHECKS if check.id == "signer.zero-leading")
    with pytest.raises(CheckFailed, match="none of 40 signatures had a short r and a short s"):
        check.run(SignerSubject("never short", NeverShort))
