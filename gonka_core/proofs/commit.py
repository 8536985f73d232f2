"""Commits: who signed a block, and whether that is enough.

The full rule, CometBFT's `VerifyCommit`: each signature that is there has to be right, also those that do not count,
and also when two thirds are reached before. Its rule for light clients stops early; then a bit of what was not looked
at could be changed unseen.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from gonka_core.errors import ProofError

from . import messages
from .ed25519 import verifies
from .header import ADDRESS, BlockId, Header, block_id_of, differing
from .ics23 import varint
from .merkle import simple_root
from .reasons import refused
from .strict import base64_bytes, malformed, mapping, number, octets, rows, time_ns
from .validators import Validator, ValidatorSet

Flag: TypeAlias = Literal[1, 2, 3]
ABSENT: Final = 1
FOR_BLOCK: Final = 2
FOR_NOTHING: Final = 3
_FLAGS: Final[Mapping[object, Flag]] = {
    "BLOCK_ID_FLAG_ABSENT": 1,
    "BLOCK_ID_FLAG_COMMIT": 2,
    "BLOCK_ID_FLAG_NIL": 3,
    1: 1,
    2: 2,
    3: 3,
}
_PRECOMMIT: Final = 2
_INT32: Final = 2**31 - 1
_SIGNATURE: Final = 64
_NO_TIME_NS: Final = -62_135_596_800 * 10**9
"""Go's zero time: the beginning of the year 1."""


@dataclass(frozen=True, slots=True)
class Vote:
    """One place of a commit: for the block, for nothing, or absent. Address of 20 bytes, signature of 64."""

    flag: Flag
    address: bytes
    time_ns: int
    signature: bytes


@dataclass(frozen=True, slots=True)
class Commit:
    """The precommits for a block, in the order of its validators."""

    height: int
    round: int
    block_id: BlockId
    votes: tuple[Vote, ...]

    @property
    def hash(self) -> bytes:
        """32 bytes: `last_commit_hash` of the next block's header."""
        return simple_root([messages.encode(_commit_sig(vote)) for vote in self.votes])


def _commit_sig(vote: Vote) -> Any:
    return messages.CommitSig(
        block_id_flag=vote.flag,
        validator_address=vote.address,
        timestamp=messages.timestamp(vote.time_ns),
        signature=vote.signature,
    )


def commit_of(told: object) -> Commit:
    """The commit in its JSON: `signed_header.commit` of RPC, or `last_commit` of the next block in any form.

    Raises `ProofError` (`malformed`).
    """
    commit = mapping(told, "the commit")
    return Commit(
        number(commit.get("height"), "commit.height"),
        number(commit.get("round"), "commit.round", _INT32),
        block_id_of(commit.get("block_id"), "commit.block_id"),
        tuple(_vote(mapping(row, "a signature")) for row in rows(commit.get("signatures"), "commit.signatures")),
    )


def _vote(row: Mapping[str, object]) -> Vote:
    told = row.get("block_id_flag")
    flag = _FLAGS.get(told) if isinstance(told, str) or type(told) is int else None
    if flag is None:
        raise malformed("block_id_flag", "1, 2, 3 or one of their names")
    time = time_ns(row.get("timestamp"), "the time of a signature")
    optional = flag == ABSENT
    address = octets(row.get("validator_address"), "the address of a signature", ADDRESS, optional=optional)
    encoded = row.get("signature")
    signature = b"" if optional and encoded is None else base64_bytes(encoded, "a signature")
    if optional and (address or signature or time != _NO_TIME_NS):
        raise malformed("an absent signature", "empty")
    if not optional and len(signature) != _SIGNATURE:
        raise malformed("a signature", f"{_SIGNATURE} bytes")
    return Vote(flag, address, time, signature)


def sign_bytes(commit: Commit, vote: Vote, chain_id: str) -> bytes:
    """What the validator of a vote signed: a `CanonicalVote` behind its length."""
    canonical = messages.CanonicalVote(
        type=_PRECOMMIT,
        height=commit.height,
        round=commit.round,
        block_id=commit.block_id.message() if vote.flag == FOR_BLOCK else None,
        timestamp=messages.timestamp(vote.time_ns),
        chain_id=chain_id,
    )
    data = messages.encode(canonical)
    return varint(len(data)) + data


def verify_commit(commit: Commit, header: Header, validators: ValidatorSet) -> None:
    """Raise `ProofError` unless its own validators, with more than two thirds of the power, signed this very header.

    `validators`: they are not those of the header. `commit`: the commit is for another block, height or number of
    validators, or a signature in it is wrong, whether it counts or not. `minority`: all is right, but too few signed.
    """
    if validators.hash != header.validators_hash:
        raise refused("validators")
    if commit.height != header.height or commit.block_id.hash != header.hash:
        raise refused(
            "commit",
            "the commit is for another block than the one whose header is shown: a field of that header was changed, "
            "such as its app hash",
        )
    if len(commit.votes) != len(validators.validators):
        raise refused("commit", "the commit has not one place for each validator")
    for place, (vote, validator) in enumerate(zip(commit.votes, validators.validators, strict=True)):
        if vote.flag != ABSENT and not _is_of(vote, validator, commit, header.chain_id):
            raise refused("commit", f"the signature at place {place} of the commit is not that of its validator")
    signed = sum(
        validator.power
        for vote, validator in zip(commit.votes, validators.validators, strict=True)
        if vote.flag == FOR_BLOCK
    )
    if signed * 3 <= validators.power * 2:
        raise refused("minority", f"validators with {signed} of {validators.power} signed the block")


def require_unchanged(header: Header, signed: Header, commit: Commit, validators: ValidatorSet) -> None:
    """Raise `ProofError` (`header`) where a commit is that of another header than the one that is to be proven.

    The error names what differs. Nothing is raised where that header was not signed either: then it says nothing.
    """
    changed = differing(header, signed)
    try:
        verify_commit(commit, signed, validators)
    except ProofError:
        return
    if changed:
        raise refused("header", f"the header that is shown and the one that was signed differ in {', '.join(changed)}")


def _is_of(vote: Vote, validator: Validator, commit: Commit, chain_id: str) -> bool:
    signed = sign_bytes(commit, vote, chain_id)
    return vote.address == validator.address and verifies(validator.key, signed, vote.signature)
