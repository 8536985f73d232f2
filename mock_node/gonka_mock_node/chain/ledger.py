"""What a node tells of the chain: blocks, commits, validators, and the participants of an epoch with their proof.

Every route reads from here, so that a block is one block wherever it appears. A lying node tells something else: the
faults of sources (docs/faults.md) put another `Ledger` in the place of the true one.

A node keeps the blocks from the latest multiple of `RUN` on, counted from an epoch's first, and the first `RUN` of each
epoch, among which is the one that holds the root of the participants' state; what lies between is pruned. The latest
block is always of now (`clock`), so it has another hash from one moment to the next unless the clock stands still; it
is settled when the next one comes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from .active_participants import active_participants
from .blocks import Block, Run, Start, first_blocks, run_from
from .clock import BlockTime
from .epochs import Epoch
from .headers import Commit, Header
from .proofs import Proven, prove
from .protobuf import Message
from .validators import Validator, validators_of

RUN: Final = 60
"""Blocks that are kept together."""


class HeightError(LookupError):
    """A height whose block is not to be had, in CometBFT's words."""


@dataclass(frozen=True, slots=True)
class Signed:
    """A header and the commit of its block. `canonical`: the block behind it has that commit too."""

    header: Header
    commit: Commit
    canonical: bool = True


@dataclass(frozen=True, slots=True)
class Statement:
    """An epoch's participants: as they are `shown` in JSON, as they are proven, who signs, and the root's block."""

    epoch: Epoch
    shown: Message
    proven: Proven
    validators: tuple[Validator, ...]
    block: Block


@dataclass(frozen=True)
class Ledger:
    """The chain as it stands at a moment, told by the node of a provider address."""

    provider_address: str
    epochs: Mapping[int, Epoch]
    latest: BlockTime

    @property
    def current(self) -> int:
        """The number of the epoch under way."""
        return max(self.epochs)

    @property
    def lowest(self) -> int:
        """The height from which on every block is kept."""
        return max(self._run_at(self.latest.height), 1)

    def statement(self, number: int) -> Statement:
        """The participants of an epoch. Raises KeyError for one that is not there."""
        epoch = self.epochs[number]
        block = self.block(epoch.created_at + 1)
        return Statement(epoch, active_participants(epoch), prove(self.epochs, number), validators_of(epoch), block)

    def block(self, height: int) -> Block:
        """The block of a height. Raises `HeightError`."""
        run = self._run(height)
        if height == self.latest.height and not self.is_proven(height):
            return run.at_time(height, self.latest.time_ns)
        return run.block(height)

    def signed(self, height: int) -> Signed:
        """The header of a height and its commit. Raises `HeightError`."""
        run, block = self._run(height), self.block(height)
        latest = height == self.latest.height
        return Signed(block.header, run.signed(block) if latest else run.commit(height), canonical=not latest)

    def now(self) -> Block:
        """The latest block, of the time that the clock has."""
        return self._run(self.latest.height).at_time(self.latest.height, self.latest.time_ns)

    def validators(self, height: int) -> tuple[Validator, ...]:
        """The validators of a height, in CometBFT's order; known for the next one too. Raises `HeightError`."""
        self._require(height, self.latest.height + 1)
        return validators_of(self.epoch_at(height))

    def epoch_at(self, height: int) -> Epoch:
        """The epoch whose participants sign the block of a height: from where they were written down."""
        numbers = [number for number, epoch in self.epochs.items() if epoch.created_at <= height]
        return self.epochs[max(numbers, default=min(self.epochs))]

    def is_proven(self, height: int) -> bool:
        """Whether the header of a height has the root of the state in which an epoch's participants were written."""
        return any(epoch.created_at + 1 == height for epoch in self.epochs.values())

    def _require(self, height: int, highest: int) -> None:
        if height <= 0:
            raise HeightError(f"height must be greater than 0, but got {height}")
        if height > highest:
            raise HeightError(f"height {height} must be less than or equal to the current blockchain height {highest}")
        if height < self.lowest and not 0 <= height - self.epoch_at(height).created_at < RUN:
            raise HeightError(f"height {height} is not available, lowest height is {self.lowest}")

    def _run(self, height: int) -> Run:
        self._require(height, self.latest.height)
        epoch, begins = self.epoch_at(height), self._run_at(height)
        root = prove(self.epochs, epoch.number).app_hash
        validators, interval_ns = validators_of(epoch), self.latest.interval_ns
        if begins == epoch.created_at:
            return run_from(first_blocks(begins + 1, epoch.time_ns, interval_ns, validators, root))
        time_ns = epoch.time_ns + (begins - epoch.created_at - 1) * interval_ns
        return run_from(Start(begins, time_ns, interval_ns, validators, root, root))

    def _run_at(self, height: int) -> int:
        """The height at which the run of a block begins."""
        created_at = self.epoch_at(height).created_at
        return created_at + (height - created_at) // RUN * RUN
