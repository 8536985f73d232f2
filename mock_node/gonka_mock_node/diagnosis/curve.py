"""Which keys could have made a signature over a digest (SEC 1 §4.1.6), quickly for one signature and many digests."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from functools import lru_cache

import coincurve

from gonka_core.address import address_of, encode_address, parse_address
from gonka_core.errors import InvalidAddressError
from gonka_mock_node.verification import ORDER


class Recovery:
    """The keys behind r and s, both below n and not zero.

    Raises ValueError where no point of the curve has r as its x: then it is no signature under any key. (r + n is left
    out as an x: it would need an r below 2^128.)
    """

    def __init__(self, r: int, s: int) -> None:
        nonce = coincurve.PublicKey(b"\x02" + _scalar(r))
        inverse = pow(r, -1, ORDER)
        factor = s * inverse % ORDER
        self._minus_inverse = ORDER - inverse
        self._halves = (nonce.multiply(_scalar(factor)), nonce.multiply(_scalar(ORDER - factor)))

    def keys(self, digest: bytes) -> Iterator[coincurve.PublicKey]:
        """Both keys under which r and s are a signature over the digest (32 bytes); s above n/2 makes no difference."""
        shift = int.from_bytes(digest, "big") * self._minus_inverse % ORDER
        if not shift:
            yield from self._halves
            return
        point = coincurve.PublicKey.from_valid_secret(_scalar(shift))
        for half in self._halves:
            try:
                yield coincurve.PublicKey.combine_keys([half, point])
            except ValueError:
                continue


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


def is_point(public_key: bytes | None) -> bool:
    """Whether these are 33 bytes of a compressed point."""
    try:
        return public_key is not None and len(public_key) == 33 and coincurve.PublicKey(public_key) is not None
    except ValueError:
        return False


def _scalar(number: int) -> bytes:
    return number.to_bytes(32, "big")
