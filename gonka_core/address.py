"""Account addresses: bech32("gonka", RIPEMD-160(SHA-256(compressed public key))), `protocol.md` §8."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Final

from . import bech32
from .errors import InvalidAddressError
from .ripemd160 import ripemd160

PREFIX: Final = "gonka"
"""The readable part of every account address."""

NETWORK_PREFIXES: Final = (PREFIX, "gonkapub", "gonkavaloper", "gonkavaloperpub", "gonkavalcons", "gonkavalconspub")
"""Of everything that the network writes in bech32 (`protocol.md` §8)."""

_LONGEST: Final = 255


def address_of(public_key: bytes) -> str:
    """The account address of a public key of 33 bytes (compressed).

    Raises ValueError for another length or form: an address of other bytes would belong to nobody.
    """
    if len(public_key) != 33 or public_key[0] not in (2, 3):
        raise ValueError(
            f"a compressed public key has 33 bytes and begins with 02 or 03; this has {len(public_key)} bytes: "
            "compress the point (SEC 1 §2.3.3) first"
        )
    return encode_address(ripemd160(hashlib.sha256(public_key).digest()))


def encode_address(account: bytes) -> str:
    """The address of the account bytes (20 for a key, 32 for a module)."""
    return bech32.encode(PREFIX, account)


def parse_address(text: str, *, what: str = "address", prefixes: Collection[str] = (PREFIX,)) -> bytes:
    """The account bytes of an address, 1 to 255 of them, as the chain parses it.

    Raises `InvalidAddressError` for anything else, and for a prefix that is not among `prefixes`; `what` names the
    thing in its message.
    """
    try:
        prefix, account = bech32.decode(text)
    except bech32.Bech32Error as error:
        raise InvalidAddressError(
            f"the {what} {_shown(text)} is not a bech32 address: {error}",
            "copy it again, whole; it looks like gonka1… and has 44 characters",
        ) from None
    if prefix not in prefixes:
        raise InvalidAddressError(
            f"the {what} {_shown(text)} belongs to {prefix!r}, not to an account of this network",
            f"use the account address, which begins with {PREFIX}1",
        )
    if not 1 <= len(account) <= _LONGEST:
        raise InvalidAddressError(f"the {what} {_shown(text)} names no account", "copy it again, whole")
    return account


def _shown(text: str) -> str:
    """What is safe to quote: somebody may have pasted a key where an address belongs."""
    if text.lower().startswith(PREFIX) and len(text) <= 110:
        return repr(text)
    return f"of {len(text)} characters"
