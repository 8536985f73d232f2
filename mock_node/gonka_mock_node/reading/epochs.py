"""Epochs, and the participants of one with their proof (`protocol.md` §6.6, §7)."""

from __future__ import annotations

from typing import Any, Final

from gonka_mock_node.chain import Epoch, Ledger, Statement
from gonka_mock_node.chain.block_json import base64_of, comet_json, sdk_json
from gonka_mock_node.chain.protobuf import go_json, proto_json
from gonka_mock_node.chain.stages import phase, stages
from gonka_mock_node.chain.validators import Validator
from gonka_mock_node.reply import Reply

from .chain_params import epoch_params, params
from .replies import answered, failed, unavailable
from .routing import Ask

_NOT_REACHED: Final = "No active participants found for the specified epoch. Looks like PoC failed!"
_VALIDATORS_OF_A_PAGE: Final = 30


def latest(ask: Ask, ledger: Ledger) -> Reply:
    """Where the network stands: the epoch under way, its phase and its heights."""
    if ask.parameters["epoch"] != "latest":
        return failed(ask, 400, "Only getting info for current epoch is supported at the moment")
    if "epoch-group" in ask.chain.outages:
        return unavailable(ask)
    epoch, lengths, height = ledger.epochs[ledger.current], ask.chain.params.epochs, ledger.latest.height
    as_strings = ask.node.profile.routes.numbers_as_strings
    return answered(
        ask,
        {
            "block_height": height,
            "latest_epoch": {"index": epoch.number, "poc_start_block_height": epoch.poc_start},
            "phase": phase(epoch.poc_start, lengths, height),
            "epoch_stages": stages(epoch.number, epoch.poc_start, lengths),
            "next_epoch_stages": stages(epoch.number + 1, epoch.poc_start + lengths.epoch_length, lengths),
            "epoch_params": params(ask.chain.params) if as_strings else epoch_params(lengths),
            "is_confirmation_poc_active": False,
        },
    )


def participants(ask: Ask, ledger: Ledger) -> Reply:
    """Who takes part in an epoch, proven to be in the state of the chain."""
    text = ask.parameters["epoch"]
    if text == "current" and "epoch-group" in ask.chain.outages:
        return unavailable(ask)
    number = ledger.current if text == "current" else _epoch_number(text)
    if number is None:
        return failed(ask, 400, "Invalid epoch id")
    if number == 0:
        return failed(ask, 400, "Epoch enumeration starts with 1")
    if number not in ledger.epochs:
        return failed(ask, 404, _NOT_REACHED)
    return answered(ask, _document(ask, ledger.statement(number)))


def _document(ask: Ask, told: Statement) -> dict[str, Any]:
    as_strings = ask.node.profile.routes.numbers_as_strings
    ops = told.proven.ops
    document: dict[str, Any] = {
        "active_participants": proto_json(told.shown) if as_strings else go_json(told.shown),
        "addresses": [participant.consensus_address for participant in told.epoch.participants],
        "active_participants_bytes": told.proven.value.hex(),
        "proof_ops": {"ops": [_operation(op.type, op.key, op.data, as_strings=as_strings) for op in ops]},
        "validators": [_validator(each, as_strings=as_strings) for each in told.validators[:_VALIDATORS_OF_A_PAGE]],
        "block": sdk_json(told.block) if as_strings else comet_json(told.block),
    }
    return document | ({"excluded_participants": _excluded(told.epoch)} if ask.node.profile.routes.excluded else {})


def _operation(kind: str, key: bytes, data: bytes, *, as_strings: bool) -> dict[str, str]:
    fields = {"type": kind, "key": base64_of(key), "data": base64_of(data)}
    return dict(sorted(fields.items())) if as_strings else fields


def _validator(validator: Validator, *, as_strings: bool) -> dict[str, Any]:
    fields = {
        "address": validator.address.hex().upper(),
        "pub_key": base64_of(validator.key),
        "voting_power": str(validator.power) if as_strings else validator.power,
        "proposer_priority": "0" if as_strings else 0,
    }
    return dict(sorted(fields.items())) if as_strings else fields


def _excluded(epoch: Epoch) -> list[dict[str, Any]]:
    return [
        {"address": each.address, "reason": each.reason, "exclusion_block_height": each.height}
        for each in epoch.excluded
    ]


def _epoch_number(text: str) -> int | None:
    """Go's ParseUint(text, 10, 64); None for its errors."""
    if not (text.isascii() and text.isdigit()) or len(text.lstrip("0")) > 20:
        return None
    number = int(text)
    return number if number < 2**64 else None
