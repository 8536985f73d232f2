"""The chain's own REST, where a node's proxy lets it through (`protocol.md` §6.7); blocks are in `chain_blocks`."""

from __future__ import annotations

from typing import Any

from gonka_core.errors import InvalidAddressError
from gonka_mock_node.chain import Account, Chain
from gonka_mock_node.chain.block_json import base64_of
from gonka_mock_node.reply import Reply, json_reply

from .chain_params import params
from .rest import error, unavailable
from .routing import Ask


def chain_params(ask: Ask) -> Reply:
    if "params" in ask.chain.outages:
        return unavailable()
    return json_reply(200, {"params": params(ask.chain.params)})


def price(ask: Ask) -> Reply:
    """The number that the escrow of a request is reckoned with."""
    if "price" in ask.chain.outages:
        return unavailable()
    model = ask.parameters["model"]
    found = ask.chain.serves(model)
    return json_reply(200, {"price": str(ask.chain.price_of(model)) if found else "0", "found": found})


def prices(ask: Ask) -> Reply:
    if "price" in ask.chain.outages:
        return unavailable()
    listed = [{"model_id": name, "price": str(ask.chain.price_of(name))} for name in ask.chain.model_names()]
    return json_reply(200, {"model_prices": listed})


def account(ask: Ask) -> Reply:
    """An account; its public key is null until it is published."""
    if "accounts" in ask.chain.outages:
        return unavailable()
    address = ask.parameters["address"]
    try:
        found = ask.chain.account(address)
    except InvalidAddressError:
        return error("InvalidArgument", "decoding bech32 failed: invalid address")
    if found is None:
        return error("NotFound", f"rpc error: code = NotFound desc = account {address} not found: key not found")
    return json_reply(200, {"account": _account(ask.chain, found)})


def balances(ask: Ask) -> Reply:
    """Coins of an account, one kind at most; an account that is not there has none."""
    if "accounts" in ask.chain.outages:
        return unavailable()
    try:
        found = ask.chain.account(ask.parameters["address"])
    except InvalidAddressError:
        return error("InvalidArgument", "invalid address: decoding bech32 failed: invalid address")
    coins = [{"denom": "ngonka", "amount": str(found.balance)}] if found is not None and found.balance else []
    return json_reply(200, {"balances": coins, "pagination": {"next_key": None, "total": str(len(coins))}})


def not_implemented(_ask: Ask) -> Reply:
    """What the REST gateway says to every other path."""
    return error("Unimplemented", "Not Implemented")


def _account(chain: Chain, found: Account) -> dict[str, Any]:
    key = found.public_key
    public_key = None if key is None else {"@type": "/cosmos.crypto.secp256k1.PubKey", "key": base64_of(key)}
    number = [each.address for each in chain.accounts()].index(found.address)
    return {
        "@type": "/cosmos.auth.v1beta1.BaseAccount",
        "address": found.address,
        "pub_key": public_key,
        "account_number": str(number),
        "sequence": "0" if key is None else "1",
    }
