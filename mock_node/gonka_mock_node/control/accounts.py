"""`/mock/accounts`: who is known to the chain. A private key has no business here; one that comes is not repeated."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import replace
from typing import Any, Final

from gonka_core.address import address_of, parse_address
from gonka_core.errors import InvalidAddressError
from gonka_mock_node.chain import Account
from gonka_mock_node.curve import CURVE

from .calls import Answer, Call, ControlError, Route, json_route
from .fields import Fields, payload_fields

_PRIVATE: Final = re.compile(r"\s*(0x)?[0-9a-f]{64}\s*", re.ASCII | re.IGNORECASE)
_NEVER: Final = (
    "that looks like a private key, which the mock never needs; send the public key of 33 bytes, "
    "and treat the private key as known to others if it is one of a real account"
)


def _list(call: Call) -> Answer:
    return Answer({"accounts": [_object(account) for account in call.network.chain.accounts()]})


def _add(call: Call) -> Answer:
    """201 for a new account, 200 where it replaces the one of that address."""
    chain, fields = call.network.chain, _checked(call)
    public_key, address = _public_key(fields), fields.text("address")
    balance = fields.integer("balance")
    fields.require_no_more()
    owner = _owner(public_key, address)
    known = chain.account(owner) is not None
    made = chain.put(Account(owner, public_key, chain.default_balance if balance is None else balance))
    return Answer(_object(made), 200 if known else 201)


def _change(call: Call) -> Answer:
    account, fields = _known(call), _checked(call)
    public_key, balance = _public_key(fields), fields.integer("balance")
    fields.require_no_more()
    if public_key is not None:
        _owner(public_key, account.address)
    if fields.has("public_key"):
        account = replace(account, public_key=public_key)
    if balance is not None:
        account = replace(account, balance=balance)
    return Answer(_object(call.network.chain.put(account)))


def _remove(call: Call) -> Answer:
    call.network.chain.remove(_known(call).address)
    return Answer({"removed": 1})


def _checked(call: Call) -> Fields:
    fields = payload_fields(call)
    for name, value in (call.payload or {}).items():
        if _PRIVATE.fullmatch(name):
            raise ControlError(400, _NEVER)
        if isinstance(value, str) and _PRIVATE.fullmatch(value):
            raise ControlError(400, _NEVER, name)
    return fields


def _public_key(fields: Fields) -> bytes | None:
    """33 bytes that are a point of the curve, from base64 or hex."""
    text = fields.text("public_key")
    if text is None:
        return None
    try:
        return CURVE.compressed(_decoded(text))
    except ValueError:
        raise ControlError(
            400, "public_key is no compressed secp256k1 key; send its 33 bytes as base64 or hex", "public_key"
        ) from None


def _decoded(text: str) -> bytes:
    """Raises ValueError where it is not 33 bytes."""
    try:
        raw = bytes.fromhex(text) if len(text) == 66 else base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError from error
    if len(raw) != 33:
        raise ValueError
    return raw


def _owner(public_key: bytes | None, address: str | None) -> str:
    """The address of an account to be, which has to be its key's where both are given."""
    if public_key is None and address is None:
        raise ControlError(400, "nobody is named; send public_key, or address for one that has not published its key")
    derived = address if public_key is None else address_of(public_key)
    if address is not None and _parsed(address, 400) != _parsed(derived or "", 400):
        raise ControlError(400, "address is not that of public_key; leave one of them out", "address")
    return (derived or "").lower()


def _parsed(address: str, status: int) -> bytes:
    try:
        return parse_address(address)
    except InvalidAddressError:
        message = "that is no account address; give a gonka1… address, which carries a checksum"
        raise ControlError(status, message, "address") from None


def _known(call: Call) -> Account:
    """The account that the path names."""
    address = call.parameters["address"]
    _parsed(address, 404)
    account = call.network.chain.account(address)
    if account is None:
        raise ControlError(404, "the chain has no account of that address; GET /mock/accounts lists them", "address")
    return account


def _object(account: Account) -> dict[str, Any]:
    key = account.public_key
    return {
        "address": account.address,
        "public_key": None if key is None else base64.b64encode(key).decode(),
        "balance": account.balance,
    }


ROUTES: Final[tuple[Route, ...]] = (
    json_route("GET", "accounts", _list),
    json_route("POST", "accounts", _add),
    json_route("PATCH", "accounts/{address}", _change),
    json_route("DELETE", "accounts/{address}", _remove),
)
