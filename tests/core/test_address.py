"""Addresses: what the chain accepts, nothing else, and never quoting what may be a key."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gonka_conformance import vectors
from gonka_conformance.vectors import AddressVector, Bech32Vector
from gonka_core import bech32
from gonka_core.address import address_of, encode_address, parse_address
from gonka_core.errors import InvalidAddressError

ACCOUNTS = st.binary(min_size=1, max_size=64)


@pytest.mark.parametrize("vector", vectors.bech32(), ids=lambda vector: vector.id)
def test_bech32_vectors(vector: Bech32Vector) -> None:
    if vector.expected == "accept":
        assert encode_address(parse_address(vector.address)) == vector.address.lower()
    else:
        with pytest.raises(InvalidAddressError):
            parse_address(vector.address)


@pytest.mark.parametrize("vector", vectors.addresses(), ids=lambda vector: vector.id)
def test_address_vectors(vector: AddressVector) -> None:
    assert address_of(vector.public_key) == vector.address


@given(ACCOUNTS)
@example(bytes(255))
def test_an_address_reads_back(account: bytes) -> None:
    assert parse_address(encode_address(account)) == account
    assert parse_address(encode_address(account).upper()) == account


@given(ACCOUNTS, st.data())
def test_one_changed_character_is_found(account: bytes, data: st.DataObject) -> None:
    text = encode_address(account)
    place = data.draw(st.integers(min_value=len("gonka1"), max_value=len(text) - 1))
    other = data.draw(st.sampled_from("qpzry9x8gf2tvdw0s3jn54khce6mua7l").filter(lambda c: c != text[place]))
    with pytest.raises(InvalidAddressError):
        parse_address(text[:place] + other + text[place + 1 :])


@given(st.text(max_size=60))
def test_any_text_is_parsed_or_refused(text: str) -> None:
    try:
        account = parse_address(text)
    except InvalidAddressError:
        return
    assert encode_address(account) == text.lower()


@pytest.mark.parametrize("length", [0, 256])
def test_the_chain_wants_1_to_255_bytes(length: int) -> None:
    with pytest.raises(InvalidAddressError, match="names no account"):
        parse_address(bech32.encode("gonka", bytes(length)))


@pytest.mark.parametrize(
    "public_key",
    [b"", bytes(33), b"\x02" + bytes(31), b"\x02" + bytes(33), b"\x04" + bytes(64), b"\x05" + bytes(32)],
    ids=["empty", "infinity", "32 bytes", "34 bytes", "uncompressed", "no such form"],
)
def test_only_a_compressed_public_key_has_an_address(public_key: bytes) -> None:
    with pytest.raises(ValueError, match="compressed"):
        address_of(public_key)


def test_a_key_pasted_as_an_address_is_not_quoted() -> None:
    key = "93edcabddd69ed320c6dc7762eb064d2eec6a075971da91b34b3134c9a6d22e7"
    with pytest.raises(InvalidAddressError) as caught:
        parse_address(key)
    assert key[:16] not in str(caught.value)
    assert "64 characters" in str(caught.value)


@pytest.mark.parametrize("length", [len("gonka"), 44, 109, 110])
def test_what_begins_like_an_address_is_quoted(length: int) -> None:
    mistyped = "gonka".ljust(length, "1")
    with pytest.raises(InvalidAddressError, match=f"the address '{mistyped}' is not a bech32 address"):
        parse_address(mistyped)


@pytest.mark.parametrize("length", [111, 4000])
def test_unless_it_is_long(length: int) -> None:
    with pytest.raises(InvalidAddressError, match=f"the address of {length} characters"):
        parse_address("gonka".ljust(length, "1"))


def test_what_the_address_is_for_is_given_by_name() -> None:
    with pytest.raises(InvalidAddressError, match="the provider address 'gonka1' is not"):
        parse_address("gonka1", what="provider address")
    with pytest.raises(TypeError, match="positional"):
        parse_address("gonka1", "provider address")  # type: ignore[misc]
