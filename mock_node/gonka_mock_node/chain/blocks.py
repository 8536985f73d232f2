"""Blocks as CometBFT makes them, one at a time (`protocol.md` §6.6, §6.7).

The hashes are computed as CometBFT computes them, from validators, commit and header, with two exceptions. The block in
front of the one that is made is known by its header only, and what came before that is made up. Signatures are 64 bytes
derived from key and vote: nobody has the private keys, so they verify under no key, and `verify_commit` recognises
them by making them again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from .epochs import Epoch
from .merkle import sha256, simple_root
from .protobuf import Message, delimited, encode, fixed64, message
from .timestamps import timestamp

CHAIN_ID: Final = "gonka-mainnet"
BLOCK_PROTOCOL: Final = 11
ROUND: Final = 0
NOTHING: Final = simple_root(())
"""32 bytes: the hash of no transactions, no evidence, no results."""
_PRECOMMIT: Final = 2
_FOR_THE_BLOCK: Final = 2
_CONSENSUS: Final = sha256(encode(message((1, "block_max_bytes", 22_020_096), (2, "block_max_gas", -1))))
_VOTE_AFTER_NS: Final = 10**8


class CommitError(ValueError):
    """Why a block's commit is not believed."""


@dataclass(frozen=True, slots=True)
class Validator:
    """A key of 32 bytes and its voting power."""

    key: bytes
    power: int

    @property
    def address(self) -> bytes:
        """20 bytes."""
        return sha256(self.key)[:20]


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
    """One signature of a commit."""

    validator: bytes
    time_ns: int
    signature: bytes


@dataclass(frozen=True, slots=True)
class Commit:
    """Who signed the block at a height."""

    height: int
    block_id: BlockId
    votes: tuple[Vote, ...]

    @property
    def hash(self) -> bytes:
        """32 bytes."""
        return simple_root([encode(_commit_signature(vote)) for vote in self.votes])


@dataclass(frozen=True, slots=True)
class Block:
    """A block without transactions, and the commit of the one in front of it."""

    header: Header
    last_commit: Commit

    @property
    def id(self) -> BlockId:
        return _block_id(self.header)


def validators_of(epoch: Epoch) -> tuple[Validator, ...]:
    """The validators of an epoch, in CometBFT's order."""
    return in_order(Validator(each.consensus_key, each.weight) for each in epoch.participants if each.weight > 0)


def in_order(validators: Iterable[Validator]) -> tuple[Validator, ...]:
    """By power, the most first, then by address."""
    return tuple(sorted(validators, key=lambda validator: (-validator.power, validator.address)))


def make_block(height: int, time_ns: int, interval_ns: int, validators: Sequence[Validator], app_hash: bytes) -> Block:
    """The block of a height, with the root (32 bytes) of the state that the one in front of it left behind."""
    previous = Header(
        height - 1,
        time_ns - interval_ns,
        BlockId(_made_up("block", height - 2), _made_up("parts", height - 2)),
        _made_up("commit", height - 2),
        _validators_hash(validators),
        _made_up("state", height - 2),
        _proposer(validators),
    )
    commit = _commit(previous, validators)
    header = Header(
        height, time_ns, commit.block_id, commit.hash, _validators_hash(validators), app_hash, _proposer(validators)
    )
    return Block(header, commit)


def verify_commit(commit: Commit, height: int, validators: Sequence[Validator]) -> None:
    """Raise `CommitError` unless all validators, in CometBFT's order, signed the block in front of that height."""
    signatures = [
        _signature(each, commit.height, commit.block_id, vote.time_ns)
        for each, vote in zip(validators, commit.votes, strict=False)
    ]
    given = [vote.signature for vote in commit.votes]
    if commit.height != height - 1 or len(given) != len(validators) or not given or signatures != given:
        raise CommitError("invalid commit signatures")


def _commit(header: Header, validators: Sequence[Validator]) -> Commit:
    block_id = _block_id(header)
    voted_ns = header.time_ns + _VOTE_AFTER_NS
    votes = (
        Vote(validator.address, voted_ns, _signature(validator, header.height, block_id, voted_ns))
        for validator in validators
    )
    return Commit(header.height, block_id, tuple(votes))


def _signature(validator: Validator, height: int, block_id: BlockId, time_ns: int) -> bytes:
    return hashlib.sha512(validator.key + _vote_bytes(height, block_id, time_ns)).digest()


def _vote_bytes(height: int, block_id: BlockId, time_ns: int) -> bytes:
    """CometBFT's canonical precommit: what a validator signs."""
    rest = message((4, "block_id", block_id.message()), (5, "timestamp", timestamp(time_ns)), (6, "chain_id", CHAIN_ID))
    kind = encode(message((1, "type", _PRECOMMIT)))
    return delimited(kind + fixed64(2, height) + fixed64(3, ROUND) + encode(rest))


def _commit_signature(vote: Vote) -> Message:
    return message(
        (1, "block_id_flag", _FOR_THE_BLOCK),
        (2, "validator_address", vote.validator),
        (3, "timestamp", timestamp(vote.time_ns)),
        (4, "signature", vote.signature),
    )


def _validators_hash(validators: Sequence[Validator]) -> bytes:
    return simple_root(
        [
            encode(message((1, "pub_key", message((1, "ed25519", each.key))), (2, "voting_power", each.power)))
            for each in validators
        ]
    )


def _proposer(validators: Sequence[Validator]) -> bytes:
    return validators[0].address if validators else b""


def _block_id(header: Header) -> BlockId:
    return BlockId(header.hash, _made_up("parts", header.height))


def _made_up(what: str, height: int) -> bytes:
    return sha256(f"{what} {height}".encode())


def _wrapped(value: str | int | bytes) -> bytes:
    return encode(message((1, "value", value)))
