"""CometBFT's RPC by URI, where a node's proxy lets it through (`protocol.md` §6.7; CometBFT 0.38, `rpc/core`).

An answer is a JSON-RPC object with the id -1. What goes wrong has the status 500 whatever it is, and says so in `data`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from gonka_mock_node.chain import HeightError, Ledger
from gonka_mock_node.chain.block_json import base64_of, rpc_block, rpc_commit
from gonka_mock_node.chain.headers import CHAIN_ID
from gonka_mock_node.chain.timestamps import rfc3339_nano
from gonka_mock_node.chain.validators import Validator
from gonka_mock_node.go.json_value import GoJsonError, Number, parse
from gonka_mock_node.reply import Reply, json_reply, whole

from .paging import PageError, paged
from .routing import Ask

_BAD_GATEWAY: Final = (
    b"<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>\r\n"
    b"<center><h1>502 Bad Gateway</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
)
_INTEGER: Final = re.compile(r"-?[0-9]+", re.ASCII)
_MOST_DIGITS: Final = 20
_JSON_KINDS: Final[Mapping[type, str]] = {str: "string", bool: "bool", dict: "object", list: "array"}
_ARGUMENTS: Final[Mapping[str, str]] = {"height": "int64", "page": "int", "per_page": "int"}


class _ParameterError(ValueError):
    """A parameter that cannot be read; `str()` is what CometBFT says of it."""


def status(ask: Ask, ledger: Ledger) -> Reply:
    """The time of the latest block to the nanosecond, and its hash."""
    if "node-status" in ask.chain.outages:
        return _no_node()
    block = ledger.now()
    result = {
        "node_info": {"network": CHAIN_ID, "moniker": ask.node.provider_address, "version": "0.38.17"},
        "sync_info": {
            "latest_block_hash": block.id.hash.hex().upper(),
            "latest_app_hash": block.header.app_hash.hex().upper(),
            "latest_block_height": str(block.header.height),
            "latest_block_time": rfc3339_nano(block.header.time_ns),
            "catching_up": False,
        },
        "validator_info": {"address": block.header.proposer.hex().upper(), "voting_power": "0"},
    }
    return _result(result)


def block(ask: Ask, ledger: Ledger) -> Reply:
    """The block of a height, or the latest."""

    def found(asked: Mapping[str, int | None]) -> dict[str, Any]:
        return rpc_block(ledger.now() if asked["height"] is None else ledger.block(asked["height"]))

    return _called(ask, ("height",), found)


def commit(ask: Ask, ledger: Ledger) -> Reply:
    """A header and the commit of its block."""

    def found(asked: Mapping[str, int | None]) -> dict[str, Any]:
        signed = ledger.signed(ledger.latest.height if asked["height"] is None else asked["height"])
        return rpc_commit(signed.header, signed.commit, canonical=signed.canonical)

    return _called(ask, ("height",), found)


def validators(ask: Ask, ledger: Ledger) -> Reply:
    """A page of the validators of a height; without one, of the block that comes next."""

    def found(asked: Mapping[str, int | None]) -> dict[str, Any]:
        height = ledger.latest.height + 1 if asked["height"] is None else asked["height"]
        every = ledger.validators(height)
        shown = [_validator(each) for each in paged(every, asked["page"], asked["per_page"])]
        return {"block_height": str(height), "validators": shown, "count": str(len(shown)), "total": str(len(every))}

    return _called(ask, ("height", "page", "per_page"), found)


def no_such_method(_ask: Ask) -> Reply:
    """What CometBFT says to every other path."""
    return whole(404, b"404 page not found\n", "text/plain; charset=utf-8")


def _called(ask: Ask, names: tuple[str, ...], found: Callable[[Mapping[str, int | None]], dict[str, Any]]) -> Reply:
    if "node-status" in ask.chain.outages:
        return _no_node()
    try:
        return _result(found({name: _argument(ask.query.get(name, ""), _ARGUMENTS[name]) for name in names}))
    except _ParameterError as error:
        return _failed(-32602, "Invalid params", f"error converting http params to arguments: {error}")
    except (HeightError, PageError) as error:
        return _failed(-32603, "Internal error", str(error))


def _result(result: Mapping[str, Any]) -> Reply:
    return json_reply(200, {"jsonrpc": "2.0", "id": -1, "result": result})


def _failed(code: int, message: str, data: str) -> Reply:
    error = {"code": code, "message": message, "data": data}
    return json_reply(500, {"jsonrpc": "2.0", "id": -1, "error": error})


def _no_node() -> Reply:
    return whole(502, _BAD_GATEWAY, "text/html")


def _argument(text: str, kind: str) -> int | None:
    """An integer of 64 bits: as digits, or as JSON has it there, in quotes. Nothing, and null, count as not given.

    `kind` is its type in Go. Raises `_ParameterError`.
    """
    if text in ("", "null"):
        return None
    if text.lower().startswith("0x"):
        raise _ParameterError(f"got a hex string arg, but expected '{kind}'")
    quoted = text.startswith('"') and text.endswith('"')
    if not quoted and not _INTEGER.fullmatch(text):
        shown = json.dumps(text[:64], ensure_ascii=False)
        raise _ParameterError(f"invalid 64-bit integer encoding {shown}, expected string")
    return _decoded(text[1:-1] if quoted else text, kind)


def _decoded(text: str, kind: str) -> int:
    """As Go's `encoding/json` reads an integer; null leaves it at 0."""
    try:
        value = parse(text.encode("utf-8", "replace"))
    except GoJsonError as error:
        raise _ParameterError(str(error)) from None
    if value is None:
        return 0
    if isinstance(value, Number) and len(value) <= _MOST_DIGITS and _INTEGER.fullmatch(value):
        number = int(value)
        if -(2**63) <= number < 2**63:
            return number
    what = f"number {value[:64]}" if isinstance(value, Number) else _JSON_KINDS[type(value)]
    raise _ParameterError(f"json: cannot unmarshal {what} into Go value of type {kind}")


def _validator(validator: Validator) -> dict[str, Any]:
    return {
        "address": validator.address.hex().upper(),
        "pub_key": {"type": "tendermint/PubKeyEd25519", "value": base64_of(validator.key)},
        "voting_power": str(validator.power),
        "proposer_priority": "0",
    }
