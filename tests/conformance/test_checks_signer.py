"""What the signer checks see beyond the sabotaged signers, which `test_sabotage.py` runs them on."""

from __future__ import annotations

from typing import Any

import pytest

from gonka_conformance import CheckFailed, Report, SignerSubject, Status, check_signer, reference
from gonka_conformance.material import KEY, OTHER_KEY, SHORT, digest
from gonka_conformance.signers import checks
from gonka_conformance.signers.checks import SIGNER_CHECKS
from sabotage.signers import SABOTAGED
from sabotage.signers.correct import NonceSequence, Sound


def failures(report: Report) -> dict[str, str]:
    return {result.id: result.evidence for result in report.results if result.status is Status.FAILED}


def _parts(secret: bytes) -> list[str]:
    """What no report may hold of a key: the whole as a number, eight bytes of it as hex."""
    hexadecimal = secret.hex()
    return [str(int.from_bytes(secret, "big")), *(hexadecimal[start : start + 16] for start in range(0, 48, 2))]


@pytest.mark.parametrize("name", ["KeyInRepr", "KeyInError", "KeyInCause", "KeyInPickle", "NumberInPickle", "Exits"])
def test_no_report_quotes_a_key_that_a_signer_shows(name: str) -> None:
    subject = next(broken for broken in SABOTAGED if broken.name == name).make()
    report = check_signer(subject)
    assert failures(report)
    assert not [part for secret in (KEY, OTHER_KEY) for part in _parts(secret) if part in repr(report)]


def test_determinism_is_judged_where_it_is_claimed() -> None:
    report = check_signer(SignerSubject("sound", Sound))
    assert report.conforms
    skipped = [result.id for result in report.results if result.status is Status.SKIPPED]
    assert skipped == ["signer.deterministic", "signer.rfc6979"]


def test_a_nonce_that_is_not_that_of_rfc_6979_breaks_the_claim_only() -> None:
    report = check_signer(SignerSubject("sequence", NonceSequence, frozenset({"deterministic"})))
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
    class NeverShort(NonceSequence):
        def sign_digest(self, digest: bytes, /) -> Any:
            while not all((signature := super().sign_digest(digest))[::32]):
                continue
            return signature

    monkeypatch.setattr(checks, "_UNTIL_SHORT", 40)
    check = next(check for check in SIGNER_CHECKS if check.id == "signer.zero-leading")
    with pytest.raises(CheckFailed, match="none of 40 signatures had a short r and a short s"):
        check.run(SignerSubject("never short", NeverShort))
