"""Accounts for tests: keys that everybody can derive, so that a failure is the same at every run.

Such a key is worth nothing and must never hold coins: it is the hash of a phrase that stands in this file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from .chain import Chain
from .curve import CURVE

_PHRASE: Final = "gonka mock node test account"


@dataclass(frozen=True, slots=True)
class FundedAccount:
    """A requester: its address, its compressed public key of 33 bytes, and its balance in ngonka.

    The private key is shown by `private_key_hex()` only, never by `repr`.
    """

    address: str
    public_key: bytes
    balance: int
    _private_key: bytes = field(repr=False)

    def private_key_hex(self) -> str:
        """The private key as 64 hexadecimal digits."""
        return self._private_key.hex()


class FundedAccounts:
    """As many accounts of a chain as a test wants. `accounts[0]`, `accounts[1]`, … are distinct and always the same.

    Calling it makes the next one that nobody has asked for, with a balance of its own where one is given.
    """

    def __init__(self, chain: Chain) -> None:
        self._chain = chain
        self._made: list[FundedAccount] = []

    def __call__(self, balance: int | None = None) -> FundedAccount:
        """Another account; `balance` in ngonka, None for the chain's default."""
        key = _key(len(self._made))
        account = self._chain.fund(CURVE.public_key_of(key), balance)
        assert account.public_key is not None
        made = FundedAccount(account.address, account.public_key, account.balance, key)
        self._made.append(made)
        return made

    def __getitem__(self, number: int) -> FundedAccount:
        """The account of that number, made now if need be. Raises IndexError for a negative one."""
        if number < 0:
            raise IndexError("accounts are counted from 0, and there is no last one; give a number from 0")
        while len(self._made) <= number:
            self()
        return self._made[number]

    def __iter__(self) -> Iterator[FundedAccount]:
        """Those that were made so far."""
        return iter(tuple(self._made))

    def __len__(self) -> int:
        """How many were made so far."""
        return len(self._made)


def _key(number: int) -> bytes:
    return hashlib.sha256(f"{_PHRASE} {number}".encode()).digest()
