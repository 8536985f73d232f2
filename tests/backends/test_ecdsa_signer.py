"""What the kit does not see of the pure-Python signer: edges, and nonces that give no signature."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from typing import Final

import pytest

from benchmarks import million
from gonka_conformance import oracle, reference
from gonka_core import PrivateKey
from gonka_ecdsa import signer as module
from gonka_ecdsa.fixed_base import multiple, table
from gonka_ecdsa.points import N, Point
from gonka_ecdsa.signer import EcdsaSigner

KEYS: Final = {"1": 1, "2": 2, "n-2": N - 2, "n-1": N - 1}
DIGESTS: Final = {"0": 0, "1": 1, "n-1": N - 1, "n": N, "n+1": N + 1, "2^256-1": 2**256 - 1}
KEY: Final = 0xB0B


def bytes32(number: int) -> bytes:
    return number.to_bytes(32, "big")


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
@pytest.mark.parametrize("digest", DIGESTS.values(), ids=DIGESTS)
def test_at_the_edges_it_signs_as_libsecp256k1_and_the_textbook_do(key: int, digest: int) -> None:
    assert not million.differs(bytes32(key), bytes32(digest))
    signature = EcdsaSigner(PrivateKey(bytes32(key))).sign_digest(bytes32(digest))
    assert signature == reference.signature(bytes32(key), bytes32(digest))


def by_nonce(key: int, digest: int, k: int) -> bytes:
    """The signature that a nonce gives, low-S."""
    r = multiple(table(), k)[0] % N
    s = pow(k, -1, N) * (digest + r * key) % N
    return bytes32(r) + bytes32(min(s, N - s))


def with_nonces(*given: int) -> Callable[..., Iterator[int]]:
    return lambda *_: iter(given)


def test_a_nonce_that_gives_an_s_of_zero_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "nonces", with_nonces(7, 8))
    digest = -multiple(table(), 7)[0] * KEY % N
    signature = EcdsaSigner(PrivateKey(bytes32(KEY))).sign_digest(bytes32(digest))
    assert signature == by_nonce(KEY, digest, 8) != by_nonce(KEY, digest, 7)
    assert oracle.flaw(reference.public_key(bytes32(KEY)), bytes32(digest), signature) is None


def test_a_nonce_that_gives_an_r_of_zero_is_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    """No such nonce is known, so the point is made up."""
    signer = EcdsaSigner(PrivateKey(bytes32(KEY)))

    def made_up(rows: object, k: int) -> Point:
        return (N, 1) if k == 7 else multiple(table(), k)

    monkeypatch.setattr(module, "nonces", with_nonces(7, 8))
    monkeypatch.setattr(module, "multiple", made_up)
    assert signer.sign_digest(bytes32(1)) == by_nonce(KEY, 1, 8)


def test_the_random_factor_leaves_no_trace(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every inversion has a factor of its own, from the operating system, and the signature stays the same."""
    asked: list[int] = []

    def random_bytes(factors: Iterator[bytes], size: int) -> bytes:
        asked.append(size)
        return next(factors)

    factors = itertools.cycle([bytes(31), b"\xff" * 31, bytes(30) + b"\x01"])
    monkeypatch.setattr(module, "urandom", lambda size: random_bytes(factors, size))
    signer = EcdsaSigner(PrivateKey(bytes32(KEY)))
    assert {signer.sign_digest(bytes32(5)) for _ in range(3)} == {reference.signature(bytes32(KEY), bytes32(5))}
    assert asked == [31, 31, 31]


@pytest.mark.parametrize("k", KEYS.values(), ids=KEYS)
def test_an_inverse_is_reduced(k: int) -> None:
    assert module._inverse(k) == pow(k, -1, N)
