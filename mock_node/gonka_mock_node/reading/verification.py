"""The two routes on which a node checks what it was shown (`protocol.md` §7.3).

Their names say more than they do: a proof is checked against the root that comes with it, and a block by the signatures
of the block in front of it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from gonka_mock_node.chain import Chain
from gonka_mock_node.chain.commits import CommitError, verify_commit
from gonka_mock_node.chain.headers import FOR_THE_BLOCK, BlockId, Commit, Vote
from gonka_mock_node.chain.ics23 import ProofError
from gonka_mock_node.chain.proofs import ProofOp, participants_key, verify
from gonka_mock_node.chain.validators import Validator, in_order, validators_of
from gonka_mock_node.go import base64_text as go_base64
from gonka_mock_node.go.json_value import GoJsonError, Number, parse
from gonka_mock_node.reply import Reply

from .replies import failed
from .routing import Ask

_RFC3339: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)
_HASH_BYTES: Final = 32


class _BadRequestError(ValueError):
    """A body that cannot be read; `str()` is what the node answers."""


def verify_proof(ask: Ask) -> Reply:
    """200 and nothing for a proof that holds; the key is that of the epoch in the body."""
    try:
        body = _object(_parsed(ask.body))
        key = participants_key(_integer(body, "epoch") % 2**64)
        app_hash = _hex(body, "app_hash", "Error decoding app hash")
        value = _hex(body, "value", "Error decoding value")
        operations = [_operation(_object(each)) for each in _list(_object(body.get("proof_ops") or {}), "ops")]
    except _BadRequestError as error:
        return failed(ask, 400, str(error))
    try:
        verify(value, operations, app_hash, key)
    except ProofError as error:
        return _unproven(ask, "proof verification failed", str(error))
    return Reply(200, (), (b"",), length=0)


def verify_block(ask: Ask) -> Reply:
    """200 and nothing for a block whose last commit both the node's validators and those in the body have signed."""
    try:
        body = _object(_parsed(ask.body))
        block = _object(body.get("block") or {})
        height = _integer(_object(block.get("header") or {}), "height")
        commit = _commit(_object(block.get("last_commit") or {}))
        given = in_order(_validator(_object(each)) for each in _list(body, "validators"))
    except _BadRequestError as error:
        return failed(ask, 400, str(error))
    for what, validators in (("ground truth block", _known_validators(ask.chain, height)), ("block signature", given)):
        try:
            verify_commit(commit, height, validators)
        except CommitError as error:
            return _unproven(ask, f"{what} verification failed", str(error))
    return Reply(200, (), (b"",), length=0)


def _unproven(ask: Ask, what: str, error: str) -> Reply:
    """Raw and 500 as nodes did at first, 400 from v0.2.15 on."""
    if ask.node.profile.routes.numbers_as_strings:
        return failed(ask, 400, f"{what}: {error}")
    return failed(ask, 500, error)


def _known_validators(chain: Chain, height: int) -> tuple[Validator, ...]:
    """Those who signed the block in front of a height."""
    return validators_of(chain.ledger().epoch_at(height - 1))


def _commit(fields: Mapping[str, Any]) -> Commit:
    block_id = _object(fields.get("block_id") or {})
    parts = _object(block_id.get("parts") or {})
    identity = BlockId(_hex(block_id, "hash", "invalid hash"), _hex(parts, "hash", "invalid hash"))
    votes = tuple(_vote(_object(each)) for each in _list(fields, "signatures"))
    return Commit(_integer(fields, "height"), identity, votes)


def _vote(fields: Mapping[str, Any]) -> Vote:
    address = _hex(fields, "validator_address", "invalid address")
    signature = b"" if fields.get("signature") is None else _base64(fields, "signature")
    flag = _integer(fields, "block_id_flag") if "block_id_flag" in fields else FOR_THE_BLOCK
    return Vote(address, _instant(_string(fields, "timestamp")), signature, flag)


def _validator(fields: Mapping[str, Any]) -> Validator:
    key = _base64(fields, "pub_key")
    if len(key) != _HASH_BYTES:
        raise _BadRequestError("Error decoding public key: not 32 bytes")
    return Validator(key, _integer(fields, "voting_power"))


def _operation(fields: Mapping[str, Any]) -> ProofOp:
    return ProofOp(_string(fields, "type"), _base64(fields, "key"), _base64(fields, "data"))


def _parsed(body: bytes) -> Any:
    try:
        return parse(body)
    except GoJsonError as error:
        raise _BadRequestError(str(error)) from None


def _object(value: Any) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise _BadRequestError("json: cannot unmarshal the value into an object")
    return value


def _list(fields: Mapping[str, Any], name: str) -> list[Any]:
    value = fields.get(name) or []
    if not isinstance(value, list):
        raise _BadRequestError(f"json: cannot unmarshal the value into a list: {name}")
    return value


def _string(fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name, "")
    if isinstance(value, Number) or not isinstance(value, str):
        raise _BadRequestError(f"json: cannot unmarshal the value into a string: {name}")
    return value


def _integer(fields: Mapping[str, Any], name: str) -> int:
    value = fields.get(name, Number("0"))
    digits = value if isinstance(value, Number) and len(value) <= 20 else ""
    if not digits.lstrip("-").isdigit() or not -(2**63) <= int(digits) < 2**63:
        raise _BadRequestError(f"json: cannot unmarshal the value into an integer of 64 bits: {name}")
    return int(digits)


def _base64(fields: Mapping[str, Any], name: str) -> bytes:
    try:
        return go_base64.decode(_string(fields, name).encode())
    except go_base64.IllegalBase64Error as error:
        raise _BadRequestError(str(error)) from None


def _hex(fields: Mapping[str, Any], name: str, what: str) -> bytes:
    """The bytes of a text in hex, with Go's words where it is none."""
    text = _string(fields, name)
    wrong = next((character for character in text if character not in "0123456789abcdefABCDEF"), None)
    if wrong is not None:
        raise _BadRequestError(f"{what}: encoding/hex: invalid byte: U+{ord(wrong):04X} {wrong!r}")
    if len(text) % 2:
        raise _BadRequestError(f"{what}: encoding/hex: odd length hex string")
    return bytes.fromhex(text)


def _instant(text: str) -> int:
    """Nanoseconds since the epoch."""
    match = _RFC3339.fullmatch(text)
    try:
        seconds = int(datetime.fromisoformat(match[1]).replace(tzinfo=UTC).timestamp()) if match else None
    except ValueError:
        seconds = None
    if match is None or seconds is None:
        raise _BadRequestError(f'parsing time "{text[:64]}" as RFC 3339: cannot parse it')
    return seconds * 10**9 + int((match[2] or "").ljust(9, "0"))
