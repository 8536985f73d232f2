"""Accounts and participants, one by one and all of them (`protocol.md` §6.3)."""

from __future__ import annotations

import base64
from typing import Any

from gonka_core.errors import InvalidAddressError
from gonka_mock_node.chain import Account, Participant
from gonka_mock_node.reply import Reply

from .replies import answered, failed, present, rpc_failed, unavailable
from .routing import Ask


def account(ask: Ask) -> Reply:
    """An account's public key and spendable ngonka, in the shape of the generation."""
    if "accounts" in ask.chain.outages:
        return unavailable(ask)
    try:
        found = ask.chain.account(ask.parameters["address"])
    except InvalidAddressError:
        return rpc_failed(ask, "InvalidArgument", "invalid address: invalid request")
    if found is None:
        return rpc_failed(ask, "NotFound", "account not found: key not found")
    if found.public_key is None:
        return _unpublished(ask)
    return answered(ask, _account(ask, found, base64.b64encode(found.public_key).decode()))


def _unpublished(ask: Ask) -> Reply:
    """The older query panics here."""
    if ask.node.profile.account_query == "participant":
        return rpc_failed(ask, "Unknown", "runtime error: invalid memory address or nil pointer dereference: panic")
    return rpc_failed(ask, "NotFound", "account has no public key: key not found")


def _account(ask: Ask, found: Account, public_key: str) -> dict[str, Any]:
    if ask.node.profile.routes.accounts == "sparse":
        return present({"pubkey": public_key, "balance": found.balance})
    return {"pubkey": public_key, "balance": found.balance, "denom": "ngonka"}


def participant(ask: Ask) -> Reply:
    """A participant as the chain keeps it; its status is a number."""
    address = ask.parameters["address"]
    found = next((known for known in ask.chain.registered if known.address == address), None)
    if found is None:
        return rpc_failed(ask, "NotFound", "not found: key not found")
    record = {
        "index": found.address,
        "address": found.address,
        "weight": found.weight,
        "join_height": 1,
        "inference_url": found.url,
        "status": found.status,
        "coin_balance": _balance(ask, found),
        "validator_key": found.consensus_key_text,
    }
    return answered(ask, {"participant": present(record)})


def participants(ask: Ask) -> Reply:
    """All participants that are registered, whatever the epoch."""
    if "accounts" in ask.chain.outages:
        return failed(ask, 500, "failed to get participants")
    listed = [
        {
            "id": each.address,
            "url": each.url,
            "coins_owed": 0,
            "refunds_owed": 0,
            "balance": _balance(ask, each),
            "voting_power": each.weight,
            "reputation": 0,
        }
        for each in ask.chain.registered
    ]
    return answered(ask, {"participants": listed, "block_height": ask.chain.clock.height})


def _balance(ask: Ask, found: Participant) -> int:
    try:
        known = ask.chain.account(found.address)
    except InvalidAddressError:
        return 0
    return 0 if known is None else known.balance
