"""A key is found in the spellings that programs leak, and nothing else is taken for one."""

from __future__ import annotations

import base64
import hashlib
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_conformance.leaks import guarded, spelling
from gonka_conformance.material import EXTREME_DIGESTS, EXTREME_KEYS, KEY, known_keys
from gonka_conformance.reference import public_key, signature

PART = KEY[11:19]
NUMBER = int.from_bytes(KEY, "big")


@pytest.mark.parametrize(
    ("data", "form"),
    [
        (b"..." + PART + b"...", "raw"),
        (b"..." + PART[::-1] + b"...", "raw"),
        (pickle.dumps({"d": NUMBER}), "raw"),
        (f"key={PART.hex()}", "hex"),
        (f"key={PART.hex().upper()}", "hex"),
        (f"key={PART.hex(':')}", "hex"),
        (", ".join(f"{byte:#04x}" for byte in PART), "hex"),
        (repr(PART), "escapes"),
        (repr(list(PART)), "numbers"),
        (f"secret_multiplier = {NUMBER}", "decimal"),
        (base64.b64encode(KEY), "base64"),
        (base64.b64encode(b"?" + KEY), "base64"),
        (base64.urlsafe_b64encode(b"??" + KEY), "base64"),
    ],
)
def test_part_of_a_key_is_found(data: bytes | str, form: str) -> None:
    assert spelling(data, KEY) in (form, "hex" if form == "escapes" else form)


@given(st.binary(max_size=40), st.binary(max_size=40), st.integers(0, 24))
def test_eight_bytes_are_found_wherever_they_stand(before: bytes, after: bytes, start: int) -> None:
    text = before + KEY[start : start + 8] + after
    assert spelling(text, KEY)
    assert spelling(base64.b64encode(text), KEY)
    assert spelling(text.hex(), KEY)


@given(st.binary(max_size=200))
def test_other_bytes_are_no_key(data: bytes) -> None:
    assert spelling(data, KEY) is None
    assert spelling(repr(data), KEY) is None


def test_seven_bytes_are_too_few() -> None:
    assert spelling(KEY[:7], KEY) is None
    assert spelling(KEY[:7].hex(), KEY) is None


def test_what_a_key_makes_is_not_the_key() -> None:
    digest = hashlib.sha256(b"x").digest()
    assert spelling(signature(KEY, digest).hex() + public_key(KEY).hex(), KEY) is None


def test_runs_of_one_byte_are_no_key() -> None:
    for name in ("1", "2", "2^128", "2^255"):
        assert spelling(bytes(64).hex() + str(EXTREME_KEYS[name]), EXTREME_KEYS[name]) is None


def test_a_report_withholds_key_material_and_nothing_else() -> None:
    for key in known_keys():
        if len(set(key)) > 8:
            assert key.hex() not in guarded(f"it said {key.hex()}")
    for name, digest in EXTREME_DIGESTS.items():
        assert guarded(f"{name}: {digest.hex()}") == f"{name}: {digest.hex()}"
