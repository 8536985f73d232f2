"""Epochs and who takes part in them (`protocol.md` §6.6).

The participants of an epoch are written down once, a while before they serve, and stay as they are: an epoch is a
frozen record, and what changes is which record is the latest. Heights follow from the first one by the parameters.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass, replace
from typing import Final

from .clock import BlockTime
from .params import EpochParams
from .validator_keys import public_key, seed_of

FIRST_EPOCH: Final = 171
"""The number of the epoch in which a chain begins."""


@dataclass(frozen=True, slots=True)
class Participant:
    """A node as the epoch lists it.

    `address` is its account and may be empty, as `url` may: such entries occur and are to be skipped. `models` None are
    those of the chain. `validator_key` are 32 bytes (ed25519), made from the address where empty; with a key from
    elsewhere nobody can sign for it, and it is absent from every commit. `status` is 1 active, 2 inactive, 3 invalid,
    5 unconfirmed.
    """

    address: str
    url: str
    weight: int = 1000
    models: tuple[str, ...] | None = None
    validator_key: bytes = b""
    status: int = 1

    @property
    def consensus_key(self) -> bytes:
        """The validator's ed25519 key, 32 bytes."""
        return self.validator_key or public_key(seed_of(self.address))

    @property
    def consensus_address(self) -> str:
        """The first 20 bytes of the key's SHA-256, in upper-case hex."""
        return hashlib.sha256(self.consensus_key).digest()[:20].hex().upper()

    @property
    def consensus_key_text(self) -> str:
        """The key in base64."""
        return base64.b64encode(self.consensus_key).decode()


@dataclass(frozen=True, slots=True)
class Excluded:
    """A participant that was thrown out of an epoch, why, and at which height."""

    address: str
    reason: str
    height: int


@dataclass(frozen=True, slots=True)
class Epoch:
    """One epoch. `created_at` is the height at which the participants were written; `time_ns` that of the block behind.

    The root of the state in which they stand is in the header of that block, at `created_at` + 1 (`protocol.md` §7.1).
    """

    number: int
    poc_start: int
    created_at: int
    effective: int
    time_ns: int
    participants: tuple[Participant, ...] = ()
    excluded: tuple[Excluded, ...] = ()

    @property
    def group_id(self) -> int:
        """Each epoch opens a group for the network and one for each of several models, so it grows faster."""
        return self.number * 10

    def with_participant(self, participant: Participant) -> Epoch:
        """This epoch with one more, or with another record for that address."""
        addresses = [known.address for known in self.participants]
        if not participant.address or participant.address not in addresses:
            return replace(self, participants=(*self.participants, participant))
        at = addresses.index(participant.address)
        return replace(self, participants=(*self.participants[:at], participant, *self.participants[at + 1 :]))

    def with_excluded(self, excluded: Excluded) -> Epoch:
        return replace(self, excluded=(*self.excluded, excluded))


def epoch_from(
    number: int, poc_start: int, latest: BlockTime, params: EpochParams, participants: tuple[Participant, ...] = ()
) -> Epoch:
    """The epoch that begins at a height and serves by now; on a chain too young for that, earlier."""
    created_at = min(poc_start + params.created_after, latest.height - 1)
    effective = min(poc_start + params.effective_after, latest.height)
    return Epoch(number, poc_start, created_at, effective, latest.of(created_at + 1), participants)
