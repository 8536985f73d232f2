"""Accounts and their addresses (`protocol.md` §8), as often as a search asks for them."""

from __future__ import annotations

import hashlib
from functools import lru_cache

from gonka_core.address import address_of, encode_address, parse_address
from gonka_core.errors import InvalidAddressError


def account_of(public_key: bytes) -> bytes:
    """20 bytes: the account of a compressed public key (`protocol.md` §8)."""
    try:
        return hashlib.new("ripemd160", hashlib.sha256(public_key).digest()).digest()
    except ValueError:
        return parse_address(address_of(public_key))


def address(account: bytes) -> str:
    return encode_address(account)


@lru_cache(maxsize=16_384)
def parsed(address: str) -> bytes | None:
    """The account of an address, or None where it is none."""
    try:
        return parse_address(address)
    except InvalidAddressError:
        return None
