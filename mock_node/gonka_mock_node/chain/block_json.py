"""Blocks in the shapes in which nodes show them: CometBFT's structs, its RPC, and the SDK's (`protocol.md` §6.6).

CometBFT's RPC writes 64-bit numbers as strings and has empty lists where its structs, written by `encoding/json`, have
null; otherwise the two are the same.
"""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from .consensus_address import consensus_address
from .headers import ABSENT, BLOCK_PROTOCOL, CHAIN_ID, FOR_THE_BLOCK, ROUND, Block, BlockId, Commit, Header, Vote
from .timestamps import rfc3339_nano

_Number: TypeAlias = Callable[[int], int | str]
_HASHES: Final = (
    "last_commit_hash",
    "data_hash",
    "validators_hash",
    "next_validators_hash",
    "consensus_hash",
    "app_hash",
    "last_results_hash",
    "evidence_hash",
    "proposer_address",
)
_FLAGS: Final = {ABSENT: "BLOCK_ID_FLAG_ABSENT", FOR_THE_BLOCK: "BLOCK_ID_FLAG_COMMIT"}


def comet_json(block: Block) -> dict[str, Any]:
    """The struct, as up to v0.2.14: numbers, hashes in upper-case hex, keys in CometBFT's order."""
    return _block(block, int, None)


def rpc_block(block: Block) -> dict[str, Any]:
    """The result of CometBFT's `/block`."""
    return {"block_id": _comet_id(block.id), "block": _block(block, str, [])}


def rpc_commit(header: Header, commit: Commit, *, canonical: bool) -> dict[str, Any]:
    """The result of CometBFT's `/commit`."""
    signed = {"header": _header(header, str), "commit": _commit(commit, str)}
    return {"signed_header": signed, "canonical": canonical}


def sdk_json(block: Block, *, proposer: str | None = None) -> dict[str, Any]:
    """As in v0.2.15: sorted keys, 64-bit numbers as strings, hashes in base64; another text for the proposer."""
    commit = block.last_commit
    header = _sdk_header(block.header)
    return {
        "data": {"txs": []},
        "evidence": {"evidence": []},
        "header": header if proposer is None else header | {"proposer_address": proposer},
        "last_commit": {
            "block_id": sdk_id(commit.block_id),
            "height": str(commit.height),
            "round": ROUND,
            "signatures": [_sdk_vote(vote) for vote in commit.votes],
        },
    }


def sdk_answer(block: Block) -> dict[str, Any]:
    """What the SDK's REST interface answers for a block; `sdk_block` has the proposer in bech32."""
    proposer = consensus_address(block.header.proposer)
    return {"block_id": sdk_id(block.id), "block": sdk_json(block), "sdk_block": sdk_json(block, proposer=proposer)}


def sdk_id(block_id: BlockId) -> dict[str, Any]:
    """A block's id with its hashes in base64."""
    return {"hash": base64_of(block_id.hash), "part_set_header": {"hash": base64_of(block_id.parts_hash), "total": 1}}


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _block(block: Block, number: _Number, nothing: list[Any] | None) -> dict[str, Any]:
    return {
        "header": _header(block.header, number),
        "data": {"txs": nothing},
        "evidence": {"evidence": nothing},
        "last_commit": _commit(block.last_commit, number),
    }


def _header(header: Header, number: _Number) -> dict[str, Any]:
    return {
        "version": {"block": number(BLOCK_PROTOCOL)},
        "chain_id": CHAIN_ID,
        "height": number(header.height),
        "time": rfc3339_nano(header.time_ns),
        "last_block_id": _comet_id(header.last_block_id),
        **{name: value.hex().upper() for name, value in _named_hashes(header)},
    }


def _commit(commit: Commit, number: _Number) -> dict[str, Any]:
    return {
        "height": number(commit.height),
        "round": ROUND,
        "block_id": _comet_id(commit.block_id),
        "signatures": [_comet_vote(vote) for vote in commit.votes],
    }


def _sdk_header(header: Header) -> dict[str, Any]:
    fields = {
        "version": {"app": "0", "block": str(BLOCK_PROTOCOL)},
        "chain_id": CHAIN_ID,
        "height": str(header.height),
        "time": rfc3339_nano(header.time_ns),
        "last_block_id": sdk_id(header.last_block_id),
        **{name: base64_of(value) for name, value in _named_hashes(header)},
    }
    return dict(sorted(fields.items()))


def _named_hashes(header: Header) -> zip[tuple[str, bytes]]:
    return zip(_HASHES, header.hashes, strict=True)


def _comet_id(block_id: BlockId) -> dict[str, Any]:
    return {"hash": block_id.hash.hex().upper(), "parts": {"total": 1, "hash": block_id.parts_hash.hex().upper()}}


def _comet_vote(vote: Vote) -> dict[str, Any]:
    return {
        "block_id_flag": vote.flag,
        "validator_address": vote.validator.hex().upper(),
        "timestamp": rfc3339_nano(vote.time_ns),
        "signature": base64_of(vote.signature) if vote.signature else None,
    }


def _sdk_vote(vote: Vote) -> dict[str, Any]:
    return {
        "block_id_flag": _FLAGS[vote.flag],
        "signature": base64_of(vote.signature) if vote.signature else None,
        "timestamp": rfc3339_nano(vote.time_ns),
        "validator_address": base64_of(vote.validator) if vote.validator else None,
    }
