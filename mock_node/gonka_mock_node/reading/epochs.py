"""Epochs, and the participants of one with their proof (`protocol.md` §6.6, §7)."""

from __future__ import annotations

from typing import Any, Final

from gonka_mock_node.chain import Chain, Epoch
from gonka_mock_node.chain.active_participants import active_participants
from gonka_mock_node.chain.block_json import base64_of, comet_json, sdk_json
from gonka_mock_node.chain.blocks import Block, Validator, make_block, validators_of
from gonka_mock_node.chain.proofs import Proven, prove
from gonka_mock_node.chain.protobuf import go_json, proto_json
from gonka_mock_node.chain.stages import phase, stages
from gonka_mock_node.reply import Reply

from .chain_params import epoch_params, params
from .replies import answered, failed, unavailable
from .routing import Ask

_NOT_REACHED: Final = "No active participants found for the specified epoch. Looks like PoC failed!"
_VALIDATORS_OF_A_PAGE: Final = 30


def latest(ask: Ask) -> Reply:
    """Where the network stands: the epoch under way, its phase and its heights."""
    if ask.parameters["epoch"] != "latest":
        return failed(ask, 400, "Only getting info for current epoch is supported at the moment")
    if "epoch-group" in ask.chain.outages:
        return unavailable(ask)
    epoch, lengths, height = ask.chain.current, ask.chain.params.epochs, ask.chain.clock.height
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


def participants(ask: Ask) -> Reply:
    """Who takes part in an epoch, proven to be in the state of the chain."""
    text = ask.parameters["epoch"]
    if text == "current" and "epoch-group" in ask.chain.outages:
        return unavailable(ask)
    number = ask.chain.epoch if text == "current" else _epoch_number(text)
    if number is None:
        return failed(ask, 400, "Invalid epoch id")
    if number == 0:
        return failed(ask, 400, "Epoch enumeration starts with 1")
    epochs = dict(ask.chain.epochs)
    if number not in epochs:
        return failed(ask, 404, _NOT_REACHED)
    return answered(ask, _document(ask, epochs[number], prove(epochs, number)))


def _document(ask: Ask, epoch: Epoch, proven: Proven) -> dict[str, Any]:
    as_strings = ask.node.profile.routes.numbers_as_strings
    block = _proven_block(ask.chain, epoch, proven.app_hash)
    record = active_participants(epoch)
    document: dict[str, Any] = {
        "active_participants": proto_json(record) if as_strings else go_json(record),
        "addresses": [participant.consensus_address for participant in epoch.participants],
        "active_participants_bytes": proven.value.hex(),
        "proof_ops": {"ops": [_operation(op.type, op.key, op.data, as_strings=as_strings) for op in proven.ops]},
        "validators": [
            _validator(each, as_strings=as_strings) for each in validators_of(epoch)[:_VALIDATORS_OF_A_PAGE]
        ],
        "block": sdk_json(block) if as_strings else comet_json(block),
    }
    return document | ({"excluded_participants": _excluded(epoch)} if ask.node.profile.routes.excluded else {})


def _proven_block(chain: Chain, epoch: Epoch, app_hash: bytes) -> Block:
    """The block whose header has the root of the state in which the participants of that epoch were written."""
    interval_ns = chain.clock.latest.interval_ns
    return make_block(epoch.created_at + 1, epoch.time_ns, interval_ns, validators_of(epoch), app_hash)


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
