"""Derivation of BIP-32: its own vectors, paths that are none, and the other half of the arithmetic."""

from __future__ import annotations

import hashlib
import hmac

import coincurve
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import ConfigurationError, InvalidKeyError, PrivateKey
from gonka_core.keys import ORDER
from gonka_core.wallet import DEFAULT_PATH
from gonka_core.wallet.hd import HARDENED, derive, master, parse_path
from tests.wallet.leaking import everything_shown, traces_of

ALPHABET = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
SEED_1 = "000102030405060708090a0b0c0d0e0f"
SEED_3 = (
    "4b381541583be4423346c643850da4b320e46a87ae3d2a4e6da11eba819cd4ac"
    "ba45d239319ac14f863b8d5ab5a0d0c64d2e8a1e7d1457df2e5a3c51c73235be"
)
SEED_4 = "3ddd5602285899a946114506157c7997e5444528f3003f6134712147db19b678"
# BIP-32, "Test Vectors" 1, 3 and 4; 3 and 4 have keys that begin with a zero byte.
VECTORS = [
    (
        SEED_1,
        "m",
        "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3TGtRBeJgk33yuGBxrMPHi",
    ),
    (
        SEED_1,
        "m/0H",
        "xprv9uHRZZhk6KAJC1avXpDAp4MDc3sQKNxDiPvvkX8Br5ngLNv1TxvUxt4cV1rGL5hj6KCesnDYUhd7oWgT11eZG7XnxHrnYeSvkzY7d2bhkJ7",
    ),
    (
        SEED_1,
        "m/0H/1",
        "xprv9wTYmMFdV23N2TdNG573QoEsfRrWKQgWeibmLntzniatZvR9BmLnvSxqu53Kw1UmYPxLgboyZQaXwTCg8MSY3H2EU4pWcQDnRnrVA1xe8fs",
    ),
    (
        SEED_1,
        "m/0H/1/2H",
        "xprv9z4pot5VBttmtdRTWfWQmoH1taj2axGVzFqSb8C9xaxKymcFzXBDptWmT7FwuEzG3ryjH4ktypQSAewRiNMjANTtpgP4mLTj34bhnZX7UiM",
    ),
    (
        SEED_1,
        "m/0H/1/2H/2",
        "xprvA2JDeKCSNNZky6uBCviVfJSKyQ1mDYahRjijr5idH2WwLsEd4Hsb2Tyh8RfQMuPh7f7RtyzTtdrbdqqsunu5Mm3wDvUAKRHSC34sJ7in334",
    ),
    (
        SEED_1,
        "m/0H/1/2H/2/1000000000",
        "xprvA41z7zogVVwxVSgdKUHDy1SKmdb533PjDz7J6N6mV6uS3ze1ai8FHa8kmHScGpWmj4WggLyQjgPie1rFSruoUihUZREPSL39UNdE3BBDu76",
    ),
    (
        SEED_3,
        "m",
        "xprv9s21ZrQH143K25QhxbucbDDuQ4naNntJRi4KUfWT7xo4EKsHt2QJDu7KXp1A3u7Bi1j8ph3EGsZ9Xvz9dGuVrtHHs7pXeTzjuxBrCmmhgC6",
    ),
    (
        SEED_3,
        "m/0H",
        "xprv9uPDJpEQgRQfDcW7BkF7eTya6RPxXeJCqCJGHuCJ4GiRVLzkTXBAJMu2qaMWPrS7AANYqdq6vcBcBUdJCVVFceUvJFjaPdGZ2y9WACViL4L",
    ),
    (
        SEED_4,
        "m/0H/1H",
        "xprv9xJocDuwtYCMNAo3Zw76WENQeAS6WGXQ55RCy7tDJ8oALr4FWkuVoHJeHVAcAqiZLE7Je3vZJHxspZdFHfnBEjHqU5hG1Jaj32dVoS6XLT1",
    ),
]


def unpacked(xprv: str) -> tuple[bytes, bytes]:
    """The chain code and the key, 32 bytes each, of a serialized private key (BIP-32); its checksum is checked."""
    number = 0
    for character in xprv:
        number = number * 58 + ALPHABET.index(character)
    data = number.to_bytes(82, "big")
    assert hashlib.sha256(hashlib.sha256(data[:-4]).digest()).digest()[:4] == data[-4:]
    return data[13:45], data[46:78]


@pytest.mark.parametrize(("seed", "path", "xprv"), VECTORS, ids=[f"{seed[:4]} {path}" for seed, path, _ in VECTORS])
def test_vectors(seed: str, path: str, xprv: str) -> None:
    chain_code, key = unpacked(xprv)
    assert derive(bytes.fromhex(seed), path).reveal() == key
    extended = master(bytes.fromhex(seed))
    for index in parse_path(path):
        extended = extended.child(index)
    assert (extended.chain_code, extended.key.reveal()) == (chain_code, key)


@given(st.binary(min_size=16, max_size=64), st.integers(0, HARDENED - 1))
def test_who_knows_only_the_public_half_comes_to_the_same_point(seed: bytes, index: int) -> None:
    """BIP-32, "Public parent key -> public child key": with the curve arithmetic of libsecp256k1."""
    parent = master(seed)
    point = coincurve.PrivateKey(parent.key.reveal()).public_key
    mixed = hmac.new(parent.chain_code, point.format() + index.to_bytes(4, "big"), hashlib.sha512).digest()
    child = parent.child(index)
    assert coincurve.PrivateKey(child.key.reveal()).public_key == point.add(mixed[:32])
    assert child.chain_code == mixed[32:]


@given(st.lists(st.tuples(st.integers(0, HARDENED - 1), st.sampled_from(["", "'", "h", "H"])), max_size=8))
def test_paths_read_back(steps: list[tuple[int, str]]) -> None:
    path = "/".join(["m", *(f"{number}{mark}" for number, mark in steps)])
    assert parse_path(path) == tuple(number + HARDENED * bool(mark) for number, mark in steps)


def test_the_default_is_that_of_the_network() -> None:
    assert parse_path(DEFAULT_PATH) == (44 + HARDENED, 1200 + HARDENED, HARDENED, 0, 0)


BAD_PATHS = ["", "m/", "M/0", "/0", "0/1", "m//0", "m/0''", "m/-1", "m/+1", "m/ 1", "m/01", "m/1.0", "m/x", "m/0/"]
BAD_PATHS += ["m/٣", "m/0\n", f"m/{HARDENED}", "m/9999999999'", "m" + "/0" * 256]


@pytest.mark.parametrize("path", BAD_PATHS)
def test_bad_paths_are_refused_with_the_right_form(path: str) -> None:
    with pytest.raises(ConfigurationError, match="HD path") as caught:
        derive(bytes(range(64)), path)
    assert DEFAULT_PATH in caught.value.next_step
    assert not traces_of(bytes(range(64)), everything_shown(caught.value))


def test_the_longest_path_is_one() -> None:
    assert len(parse_path("m" + "/0" * 255)) == 255


def test_what_is_no_path_is_not_quoted() -> None:
    for path in ("correct horse", 7):
        with pytest.raises(ConfigurationError, match="the HD path given is none"):
            parse_path(path)  # type: ignore[arg-type]


@pytest.mark.parametrize("left", [ORDER, 2**256 - 1, "opposite"], ids=["n", "most", "sum of zero"])
@pytest.mark.parametrize("path", ["m/0", "m/0'"])
def test_a_place_without_a_key_is_an_error(monkeypatch: pytest.MonkeyPatch, left: int | str, path: str) -> None:
    seed = hashlib.sha512(b"a seed").digest()
    parent = master(seed).key.reveal()
    number = ORDER - int.from_bytes(parent, "big") if isinstance(left, str) else left
    mixed = number.to_bytes(32, "big") + bytes(32)
    original = hmac.new

    class Fixed:
        def digest(self) -> bytes:
            return mixed

    monkeypatch.setattr(hmac, "new", lambda *a: original(*a) if a[0] == b"Bitcoin seed" else Fixed())
    with pytest.raises(InvalidKeyError, match="next number") as caught:
        derive(seed, path)
    assert not traces_of(seed, everything_shown(caught.value))
    assert not traces_of(parent, everything_shown(caught.value))


def test_a_seed_without_a_key_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Zero:
        def digest(self) -> bytes:
            return bytes(64)

    seed = hashlib.sha512(b"a seed").digest()
    monkeypatch.setattr(hmac, "new", lambda *_: Zero())
    for attempt in (lambda: derive(seed, "m"), lambda: derive(seed), lambda: master(seed)):
        with pytest.raises(InvalidKeyError, match="no key") as caught:
            attempt()
        assert not traces_of(seed, everything_shown(caught.value))


def test_an_extended_key_shows_neither_of_its_halves() -> None:
    extended = master(bytes(range(16)))
    assert repr(extended) == "ExtendedKey(key=PrivateKey(hidden))"
    assert isinstance(extended.key, PrivateKey)
