"""An account as a node tells of it: routes to ask, and their answers read (`protocol.md` §6.3). No I/O."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from .limits import OverLimitError, parse_object
from .numbers import whole


@dataclass(frozen=True, slots=True)
class Account:
    """An account of the chain: what it can spend, in ngonka, and its public key (33 bytes), None until published."""

    address: str
    balance_ngonka: int
    public_key: bytes | None


def routes(address: str) -> tuple[str, ...]:
    """Paths behind the host that tell of the account, in the order to ask: nodes before v0.2.12 know the last one."""
    return (f"/v2/accounts/{address}", f"/v1/participants/{address}")


def account_of(address: str, body: bytes) -> Account | None:
    """The account in the answer to one of `routes`; None for anything else.

    Older nodes leave out a balance of zero and a key that was not published; numbers may come as text (§6.6).
    """
    try:
        told = parse_object(body)
    except OverLimitError:
        return None
    if told is None or not told.keys() <= {"pubkey", "balance", "denom"}:
        return None
    balance = whole(told.get("balance", 0))
    if balance is None or told.get("denom", "ngonka") != "ngonka":
        return None
    return Account(address, balance, _key(told.get("pubkey")))


def _key(text: object) -> bytes | None:
    try:
        key = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        return None
    return key if len(key) == 33 else None
