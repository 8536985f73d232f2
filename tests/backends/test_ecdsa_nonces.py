"""Nonces: a published one, and python-ecdsa's for any order of 256 bits."""

from __future__ import annotations

import hashlib
from itertools import islice

import pytest
from ecdsa.rfc6979 import generate_k
from hypothesis import example, given
from hypothesis import strategies as st

from gonka_core.keys import ORDER
from gonka_ecdsa import nonces as module
from gonka_ecdsa.nonces import nonces

P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551


def test_the_nonce_of_rfc_6979_a_2_5() -> None:
    secret = bytes.fromhex("C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721")
    found = next(nonces(secret, hashlib.sha256(b"sample").digest(), P256_ORDER))
    assert found == 0xA6E3C57DD01ABE90086538398355DD4C3B17AA873382B0F24D6129493D8AAD60


@given(st.integers(2**255 + 1, 2**256 - 1), st.data())
@example(ORDER, None)
def test_the_same_nonces_as_python_ecdsa(order: int, data: st.DataObject | None) -> None:
    """With a low order every other candidate is too large, so what comes after one that is refused is seen too."""
    number = data.draw(st.integers(1, order - 1)) if data else order - 1
    digest = data.draw(st.binary(min_size=32, max_size=32)) if data else b"\xff" * 32
    expected = [generate_k(order, number, hashlib.sha256, digest, retry_gen=turn) for turn in range(4)]
    assert list(islice(nonces(number.to_bytes(32, "big"), digest, order), 4)) == expected


def test_neither_zero_nor_the_order_is_a_nonce(monkeypatch: pytest.MonkeyPatch) -> None:
    """No key and digest are known that give them, so what HMAC gives is made up."""
    given = iter([0, ORDER, 1, ORDER + 1, ORDER - 1])
    monkeypatch.setattr(module, "_stirred", lambda k, v, _: (k, v))
    monkeypatch.setattr(module, "_hmac", lambda *_: next(given).to_bytes(32, "big"))
    assert list(islice(nonces(bytes(32), bytes(32), ORDER), 2)) == [1, ORDER - 1]
