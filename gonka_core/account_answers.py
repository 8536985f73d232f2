"""An account as the network tells of it: routes to ask, and their answers read (`protocol.md` §6.3, §6.7).

A node's own routes tell balance and public key at once, but refuse to tell anything of an account that never published
its key, each generation in words of its own. The chain's REST tells more, where the node's operator lets it through.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from .amounts import DENOM, gnk
from .asking import object_of
from .numbers import whole

if TYPE_CHECKING:
    from decimal import Decimal

_SECP256K1: Final = "/cosmos.crypto.secp256k1.PubKey"
_INSIDE: Final = ("base_account", "base_vesting_account")
_MISSING: Final = re.compile(r"\b(account|inference participant) not found\b", re.IGNORECASE)
_UNPUBLISHED: Final = re.compile(r"\baccount has no public key\b|invalid memory address or nil pointer dereference")
_NOT_FOUND: Final = 5


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the chain: what it can spend, in ngonka, and its public key (33 bytes), None until published.

    `balance_ngonka` is None where nobody told it. An account that does not exist (`exists` is False) has neither coins
    nor key. `other_key` is the type of a published key that can verify no request (`protocol.md` §13): a multisig, say.
    `node` and `routes` are who told it: a URL without `/v1`, and paths behind it.
    """

    address: str
    balance_ngonka: int | None
    public_key: bytes | None
    exists: bool = True
    other_key: str | None = None
    node: str = ""
    routes: tuple[str, ...] = ()

    @property
    def published(self) -> bool:
        """Whether nodes can verify its signatures: a secp256k1 key is on the chain."""
        return self.public_key is not None

    @property
    def balance_gnk(self) -> Decimal | None:
        """The balance in GNK, exact; None where it is not known."""
        return None if self.balance_ngonka is None else gnk(self.balance_ngonka)

    @property
    def complete(self) -> bool:
        """Whether there is nothing left to ask."""
        settled = self.public_key is not None or self.other_key is not None
        return not self.exists or (settled and self.balance_ngonka is not None)


def routes(address: str) -> tuple[str, ...]:
    """Paths behind the host that tell of the account, in the order to ask: nodes before v0.2.12 know the last one."""
    return (f"/v2/accounts/{address}", f"/v1/participants/{address}")


def chain_route(address: str) -> str:
    """The path at which the chain itself tells whether the account is there, and its key."""
    return f"/chain-api/cosmos/auth/v1beta1/accounts/{address}"


def balance_routes(address: str) -> tuple[str, ...]:
    """Paths at which the chain tells the balance: what can be spent, and what is there, which is all but vesting."""
    bank = "/chain-api/cosmos/bank/v1beta1"
    return (f"{bank}/spendable_balances/{address}", f"{bank}/balances/{address}")


def account_of(address: str, body: bytes) -> Account | None:
    """The account in a good answer to one of `routes`; None for anything else.

    Older nodes leave out a balance of zero and a key that was not published; numbers may come as text (§6.6).
    """
    told = object_of(body)
    if told is None or not told.keys() <= {"pubkey", "balance", "denom"}:
        return None
    balance = whole(told.get("balance", 0))
    if balance is None or told.get("denom", DENOM) != DENOM:
        return None
    return Account(address, balance, _key(told.get("pubkey")))


def refused_account_of(address: str, status: int, text: str) -> Account | None:
    """What a refusal of one of `routes` says about the account (`protocol.md` §3.4, §3.11); None where it says nothing.

    Nodes before v0.2.12 looked the account up in a way that panics where no key was published.
    """
    if status not in (404, 500):
        return None
    if _MISSING.search(text):
        return Account(address, 0, None, exists=False)
    return Account(address, None, None) if _UNPUBLISHED.search(text) else None


def chain_account_of(address: str, status: int, body: bytes) -> Account | None:
    """The account, without its balance, in an answer to `chain_route`; None where that does not tell."""
    told = object_of(body) or {}
    if status == 404 and told.get("code") == _NOT_FOUND and "not found" in str(told.get("message")):
        return Account(address, 0, None, exists=False)
    found = _base(told.get("account")) if status == 200 else None
    if found is None or found.get("address", address) != address or "pub_key" not in found:
        return None
    key = found["pub_key"]
    if key is None:
        return Account(address, None, None)
    kind = key.get("@type") if isinstance(key, dict) else None
    if kind == _SECP256K1:
        point = _key(key.get("key"))
        return None if point is None else Account(address, None, point)
    return replace(Account(address, None, None), other_key=kind[:100]) if isinstance(kind, str) and kind else None


def chain_balance_of(status: int, body: bytes) -> int | None:
    """The ngonka in an answer to one of `balance_routes`; None where it does not tell."""
    told = (object_of(body) or {}) if status == 200 else {}
    coins = told.get("balances")
    if not isinstance(coins, list) or not all(isinstance(coin, dict) for coin in coins):
        return None
    for coin in coins:
        if coin.get("denom") == DENOM:
            return whole(coin.get("amount"))
    return None if _goes_on(told.get("pagination")) else 0


def _goes_on(pagination: object) -> bool:
    return isinstance(pagination, dict) and bool(pagination.get("next_key"))


def _base(account: object, deepest: int = 3) -> Mapping[str, Any] | None:
    """The part of an account that holds its key: vesting and module accounts have it inside."""
    if not isinstance(account, dict) or deepest == 0:
        return None
    if "pub_key" in account:
        return account
    found = (_base(account.get(name), deepest - 1) for name in _INSIDE)
    return next((part for part in found if part is not None), None)


def _key(text: object) -> bytes | None:
    try:
        key = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == 33 and key[0] in (2, 3) else None
