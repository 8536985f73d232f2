"""Commits: validators sign a block, and whether enough of them did (CometBFT 0.38, `types/validation.go`)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from .headers import ABSENT, CHAIN_ID, FOR_THE_BLOCK, NO_VOTE, ROUND, BlockId, Commit, Vote
from .protobuf import delimited, encode, fixed64, message
from .timestamps import timestamp
from .validator_keys import sign, verifies
from .validators import Validator

_PRECOMMIT: Final = 2
_VOTE_AFTER_NS: Final = 10**8


class CommitError(ValueError):
    """Why a block's commit is not believed."""


def sign_commit(height: int, block_id: BlockId, time_ns: int, validators: Sequence[Validator]) -> Commit:
    """The commit of the block at a height and a time, signed by each validator that has a seed; others are absent."""
    voted_ns = time_ns + _VOTE_AFTER_NS
    data = vote_bytes(height, block_id, voted_ns)
    votes = (
        NO_VOTE if each.seed is None else Vote(each.address, voted_ns, sign(each.seed, data)) for each in validators
    )
    return Commit(height, block_id, tuple(votes))


def verify_commit(commit: Commit, height: int, validators: Sequence[Validator]) -> None:
    """Raise `CommitError` unless validators with more than two thirds of the power signed the block in front of that
    height. The votes are in CometBFT's order of the validators, and none of them may be wrong."""
    if commit.height != height - 1 or len(commit.votes) != len(validators):
        raise CommitError("invalid commit signatures")
    signed = 0
    for validator, vote in zip(validators, commit.votes, strict=True):
        if vote.flag != ABSENT and not _is_vote_of(validator, vote, commit):
            raise CommitError("invalid commit signatures")
        signed += validator.power if vote.flag == FOR_THE_BLOCK else 0
    if 3 * signed <= 2 * sum(validator.power for validator in validators):
        raise CommitError("invalid commit signatures")


def vote_bytes(height: int, block_id: BlockId | None, time_ns: int) -> bytes:
    """CometBFT's canonical precommit: what a validator signs; without an id the vote is for no block."""
    named = (4, "block_id", () if block_id is None else block_id.message())
    rest = message(named, (5, "timestamp", timestamp(time_ns)), (6, "chain_id", CHAIN_ID))
    kind = encode(message((1, "type", _PRECOMMIT)))
    return delimited(kind + fixed64(2, height) + fixed64(3, ROUND) + encode(rest))


def _is_vote_of(validator: Validator, vote: Vote, commit: Commit) -> bool:
    named = commit.block_id if vote.flag == FOR_THE_BLOCK else None
    data = vote_bytes(commit.height, named, vote.time_ns)
    return vote.validator == validator.address and verifies(validator.key, vote.signature, data)
