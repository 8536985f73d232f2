"""Addresses must come out the same where OpenSSL has no RIPEMD-160."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import ripemd160 as module
from gonka_core.address import address_of
from gonka_core.ripemd160 import ripemd160, ripemd160_pure

# From the paper that defines the function (Dobbertin, Bosselaers, Preneel 1996, appendix B).
PUBLISHED = {
    b"": "9c1185a5c5e9fc54612808977ee8f548b2258d31",
    b"a": "0bdc9d2d256b3ee9daae347be6f4dc835a467ffe",
    b"abc": "8eb208f7e05d987a9b044a8e98c6b087f15a0bfc",
    b"message digest": "5d0689ef49d2fae572b881b123a85ffa21595f36",
    b"abcdefghijklmnopqrstuvwxyz": "f71c27109c692c1b56bbdceb5b9d2865b3708dbc",
    b"1234567890" * 8: "9b752e45573d4b39f4dbd3323cab82bf63326bfb",
}


@pytest.mark.parametrize(("data", "digest"), PUBLISHED.items())
def test_published_answers(data: bytes, digest: str) -> None:
    assert ripemd160_pure(data).hex() == digest
    assert ripemd160(data).hex() == digest


@pytest.mark.skipif("ripemd160" not in hashlib.algorithms_available, reason="OpenSSL without RIPEMD-160")
@given(st.binary(max_size=300))
def test_both_implementations_agree(data: bytes) -> None:
    assert ripemd160_pure(data) == hashlib.new("ripemd160", data, usedforsecurity=False).digest()


def test_an_openssl_without_it_is_no_obstacle(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(name: str, *_args: object, **_options: object) -> object:
        raise ValueError(f"unsupported hash type {name}")

    monkeypatch.setattr(hashlib, "new", refuse)
    module._hashlib_has_it.cache_clear()
    try:
        generator = bytes.fromhex("0279be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798")
        assert address_of(generator) == "gonka1w508d6qejxtdg4y5r3zarvary0c5xw7k2gsyg6"
    finally:
        module._hashlib_has_it.cache_clear()
