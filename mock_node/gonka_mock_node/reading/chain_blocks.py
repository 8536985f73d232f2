"""Blocks and validators in the SDK's REST interface (`protocol.md` §6.7; `cosmos/base/tendermint/v1beta1`)."""

from __future__ import annotations

from typing import Any, Final

from gonka_mock_node.chain import HeightError, Ledger
from gonka_mock_node.chain.block_json import base64_of, sdk_answer
from gonka_mock_node.chain.consensus_address import consensus_address
from gonka_mock_node.chain.validators import Validator
from gonka_mock_node.reply import Reply, json_reply

from .paging import PageError, paged
from .rest import ParameterError, error, height, page, unavailable
from .routing import Ask

_TOO_HIGH: Final = "requested block height is bigger then the chain length"


def latest_block(ask: Ask, ledger: Ledger) -> Reply:
    if "status" in ask.chain.outages:
        return unavailable()
    return json_reply(200, sdk_answer(ledger.now()))


def block(ask: Ask, ledger: Ledger) -> Reply:
    """The block of a height."""
    if "status" in ask.chain.outages:
        return unavailable()
    try:
        wanted = height(ask.parameters["height"])
        if wanted > ledger.latest.height:
            return error("InvalidArgument", _TOO_HIGH)
        return json_reply(200, sdk_answer(ledger.block(wanted)))
    except ParameterError as failure:
        return error("InvalidArgument", str(failure))
    except HeightError as failure:
        return error("Unknown", str(failure))


def latest_validators(ask: Ask, ledger: Ledger) -> Reply:
    """The validators of the block that comes next, as CometBFT answers without a height."""
    return _validators(ask, ledger, ledger.latest.height + 1)


def validators(ask: Ask, ledger: Ledger) -> Reply:
    """The validators of a height."""
    try:
        wanted = height(ask.parameters["height"])
    except ParameterError as failure:
        return error("InvalidArgument", str(failure))
    if wanted > ledger.latest.height:
        return error("InvalidArgument", _TOO_HIGH)
    return _validators(ask, ledger, wanted)


def _validators(ask: Ask, ledger: Ledger, wanted: int) -> Reply:
    if "status" in ask.chain.outages:
        return unavailable()
    try:
        found = ledger.validators(wanted)
        shown = paged(found, *page(ask.query))
    except ParameterError as failure:
        return error("InvalidArgument", str(failure))
    except (HeightError, PageError) as failure:
        return error("Unknown", str(failure))
    return json_reply(
        200,
        {
            "block_height": str(wanted),
            "validators": [_validator(each) for each in shown],
            "pagination": {"next_key": None, "total": str(len(found))},
        },
    )


def _validator(validator: Validator) -> dict[str, Any]:
    return {
        "address": consensus_address(validator.address),
        "pub_key": {"@type": "/cosmos.crypto.ed25519.PubKey", "key": base64_of(validator.key)},
        "voting_power": str(validator.power),
        "proposer_priority": "0",
    }
