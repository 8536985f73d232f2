"""A block in the two shapes in which nodes show it: CometBFT's own and the SDK's (`protocol.md` §6.6)."""

from __future__ import annotations

import base64
from typing import Any

from .blocks import BLOCK_PROTOCOL, CHAIN_ID, ROUND, Block, BlockId, Header, Vote
from .timestamps import rfc3339_nano

_HASHES = (
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


def comet_json(block: Block) -> dict[str, Any]:
    """As up to v0.2.14: numbers, hashes in upper-case hex, keys in CometBFT's order."""
    header, commit = block.header, block.last_commit
    return {
        "header": {
            "version": {"block": BLOCK_PROTOCOL},
            "chain_id": CHAIN_ID,
            "height": header.height,
            "time": rfc3339_nano(header.time_ns),
            "last_block_id": _comet_id(header.last_block_id),
            **{name: value.hex().upper() for name, value in _named_hashes(header)},
        },
        "data": {"txs": None},
        "evidence": {"evidence": None},
        "last_commit": {
            "height": commit.height,
            "round": ROUND,
            "block_id": _comet_id(commit.block_id),
            "signatures": [_comet_vote(vote) for vote in commit.votes],
        },
    }


def sdk_json(block: Block) -> dict[str, Any]:
    """As in v0.2.15: sorted keys, 64-bit numbers as strings, hashes in base64."""
    header, commit = block.header, block.last_commit
    return {
        "data": {"txs": []},
        "evidence": {"evidence": []},
        "header": _sdk_header(header),
        "last_commit": {
            "block_id": sdk_id(commit.block_id),
            "height": str(commit.height),
            "round": ROUND,
            "signatures": [_sdk_vote(vote) for vote in commit.votes],
        },
    }


def sdk_id(block_id: BlockId) -> dict[str, Any]:
    """A block's id with its hashes in base64."""
    return {"hash": base64_of(block_id.hash), "part_set_header": {"hash": base64_of(block_id.parts_hash), "total": 1}}


def base64_of(data: bytes) -> str:
    return base64.b64encode(data).decode()


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
        "block_id_flag": 2,
        "validator_address": vote.validator.hex().upper(),
        "timestamp": rfc3339_nano(vote.time_ns),
        "signature": base64_of(vote.signature),
    }


def _sdk_vote(vote: Vote) -> dict[str, Any]:
    return {
        "block_id_flag": "BLOCK_ID_FLAG_COMMIT",
        "signature": base64_of(vote.signature),
        "timestamp": rfc3339_nano(vote.time_ns),
        "validator_address": base64_of(vote.validator),
    }
