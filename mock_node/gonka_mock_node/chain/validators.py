"""Validators: who signs blocks, in which order, and the hash under which a header names them (`protocol.md` §6.6)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from .epochs import Epoch, Participant
from .merkle import sha256, simple_root
from .protobuf import encode, message
from .validator_keys import seed_behind


@dataclass(frozen=True, slots=True)
class Validator:
    """A key of 32 bytes (ed25519), its voting power, and the key's seed; without one nobody can sign for it."""

    key: bytes
    power: int
    seed: bytes | None = field(default=None, repr=False)

    @property
    def address(self) -> bytes:
        """20 bytes."""
        return sha256(self.key)[:20]


@lru_cache(maxsize=64)
def validators_of(epoch: Epoch) -> tuple[Validator, ...]:
    """The validators of an epoch, in CometBFT's order."""
    return in_order(_validator(each) for each in epoch.participants if each.weight > 0)


def in_order(validators: Iterable[Validator]) -> tuple[Validator, ...]:
    """By power, the most first, then by address."""
    return tuple(sorted(validators, key=lambda validator: (-validator.power, validator.address)))


def validators_hash(validators: Sequence[Validator]) -> bytes:
    """32 bytes: the simple Merkle root over keys and powers."""
    return simple_root(
        [
            encode(message((1, "pub_key", message((1, "ed25519", each.key))), (2, "voting_power", each.power)))
            for each in validators
        ]
    )


def _validator(participant: Participant) -> Validator:
    key = participant.consensus_key
    return Validator(key, participant.weight, seed_behind(key, participant.address))
