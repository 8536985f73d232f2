"""What CometBFT's blocks consist of, and how each part is hashed (`protocol.md` §6.6, §6.7)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from .merkle import sha256, simple_root
from .protobuf import Message, encode, message
from .timestamps import ZERO_TIME_NS, timestamp

CHAIN_ID: Final = "gonka-mainnet"
BLOCK_PROTOCOL: Final = 11
ROUND: Final = 0
NOTHING: Final = simple_root(())
"""32 bytes: the hash of no transactions, no evidence, no results."""
ABSENT: Final = 1
FOR_THE_BLOCK: Final = 2
"""Flags of a vote: none was cast, or one for the block that the commit names."""
_CONSENSUS: Final = sha256(encode(message((1, "block_max_bytes", 22_020_096), (2, "block_max_gas", -1))))


@dataclass(frozen=True, slots=True)
class BlockId:
    """A block's hash and that of its only part, 32 bytes each."""

    hash: bytes
    parts_hash: bytes

    def message(self) -> Message:
        parts = message((1, "total", 1), (2, "hash", self.parts_hash))
        return message((1, "hash", self.hash), (2, "part_set_header", parts))


@dataclass(frozen=True, slots=True)
class Header:
    """A header; what is the same in every block of this chain is not repeated."""

    height: int
    time_ns: int
    last_block_id: BlockId
    last_commit_hash: bytes
    validators_hash: bytes
    app_hash: bytes
    proposer: bytes
    data_hash: bytes = NOTHING
    consensus_hash: bytes = _CONSENSUS
    last_results_hash: bytes = NOTHING
    evidence_hash: bytes = NOTHING

    @property
    def hash(self) -> bytes:
        """32 bytes: the simple Merkle root over the fourteen fields."""
        version = message((1, "block", BLOCK_PROTOCOL))
        wrapped = [_wrapped(value) for value in (CHAIN_ID, self.height)]
        hashes = [_wrapped(value) for value in self.hashes]
        return simple_root(
            [
                encode(version),
                *wrapped,
                encode(timestamp(self.time_ns)),
                encode(self.last_block_id.message()),
                *hashes,
            ]
        )

    @property
    def id(self) -> BlockId:
        """The hash of the parts is made up: nobody can ask for parts."""
        return BlockId(self.hash, made_up("parts", self.height))

    @property
    def hashes(self) -> tuple[bytes, ...]:
        """What stands behind the last block's id, in order; the last one is the proposer's address (20 bytes)."""
        return (
            self.last_commit_hash,
            self.data_hash,
            self.validators_hash,
            self.validators_hash,
            self.consensus_hash,
            self.app_hash,
            self.last_results_hash,
            self.evidence_hash,
            self.proposer,
        )


@dataclass(frozen=True, slots=True)
class Vote:
    """One entry of a commit: who voted (20 bytes), when, and the signature (64 bytes)."""

    validator: bytes
    time_ns: int
    signature: bytes
    flag: int = FOR_THE_BLOCK

    def message(self) -> Message:
        return message(
            (1, "block_id_flag", self.flag),
            (2, "validator_address", self.validator),
            (3, "timestamp", timestamp(self.time_ns)),
            (4, "signature", self.signature),
        )


NO_VOTE: Final = Vote(b"", ZERO_TIME_NS, b"", ABSENT)
"""What stands in a commit for a validator that did not sign."""


@dataclass(frozen=True, slots=True)
class Commit:
    """Who signed the block at a height: one vote for each validator, in their order."""

    height: int
    block_id: BlockId
    votes: tuple[Vote, ...]

    @property
    def hash(self) -> bytes:
        """32 bytes."""
        return simple_root([encode(vote.message()) for vote in self.votes])


@dataclass(frozen=True, slots=True)
class Block:
    """A block without transactions, and the commit of the one in front of it."""

    header: Header
    last_commit: Commit

    @property
    def id(self) -> BlockId:
        return self.header.id


def made_up(what: str, height: int) -> bytes:
    """32 bytes in the place of what is known of no block."""
    return sha256(f"{what} {height}".encode())


def _wrapped(value: str | int | bytes) -> bytes:
    return encode(message((1, "value", value)))
