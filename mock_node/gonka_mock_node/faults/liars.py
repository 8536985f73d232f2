"""Ledgers of nodes that lie about their epochs: each changes one link of the chain of evidence, and leaves the rest."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from gonka_mock_node.chain import Epoch, Ledger, Participant, Signed, Statement, ics23
from gonka_mock_node.chain.active_participants import active_participants
from gonka_mock_node.chain.headers import NO_VOTE, Block, Commit
from gonka_mock_node.chain.proofs import Proven, prove
from gonka_mock_node.chain.protobuf import encode
from gonka_mock_node.chain.validator_keys import LIAR, public_key, seed_of
from gonka_mock_node.chain.validators import Validator


def moved(epoch: Epoch, url: str) -> Epoch:
    """The epoch with another URL for its first participant that has an address."""
    at = next((place for place, each in enumerate(epoch.participants) if each.address), None)
    if at is None:
        return epoch
    listed = epoch.participants
    return replace(epoch, participants=(*listed[:at], replace(listed[at], url=url), *listed[at + 1 :]))


@dataclass(frozen=True)
class Retelling(Ledger):
    """Tells what another ledger does, but for what a subclass changes."""

    inner: Ledger

    @property
    def current(self) -> int:
        return self.inner.current

    def statement(self, number: int) -> Statement:
        return self.inner.statement(number)

    def block(self, height: int) -> Block:
        return self.inner.block(height)

    def signed(self, height: int) -> Signed:
        return self.inner.signed(height)

    def now(self) -> Block:
        return self.inner.now()

    def validators(self, height: int) -> tuple[Validator, ...]:
        return self.inner.validators(height)


class StaleEpoch(Retelling):
    """The epoch before is under way; where there is none, the first."""

    @property
    def current(self) -> int:
        now = self.inner.current
        return max((number for number in self.epochs if number < now), default=now)


@dataclass(frozen=True)
class ContradictingParticipants(Retelling):
    """What is shown is not what is proven."""

    url: str

    def statement(self, number: int) -> Statement:
        told = self.inner.statement(number)
        return replace(told, shown=active_participants(moved(told.epoch, self.url)))


@dataclass(frozen=True)
class ForgedProof(Retelling):
    """Another value with the true proof; where `fitted`, its first op is for that value, and leads to another root."""

    url: str
    fitted: bool

    def statement(self, number: int) -> Statement:
        told = self.inner.statement(number)
        shown = active_participants(moved(told.epoch, self.url))
        return replace(told, shown=shown, proven=self._proven(told.proven, encode(shown)))

    def _proven(self, proven: Proven, value: bytes) -> Proven:
        first, second = proven.ops
        if self.fitted:
            first = replace(first, data=ics23.encoded(replace(ics23.decoded(first.data), value=value)))
        return replace(proven, value=value, ops=(first, second))


@dataclass(frozen=True)
class ForgedAppHash(Retelling):
    """Another value, a tree that has it, and that tree's root in the header; the true commit is for another block."""

    url: str

    @property
    def forged(self) -> Mapping[int, Epoch]:
        return {number: moved(epoch, self.url) for number, epoch in self.epochs.items()}

    def statement(self, number: int) -> Statement:
        told, forged = self.inner.statement(number), self.forged
        shown, proven = active_participants(forged[number]), prove(forged, number)
        return replace(told, shown=shown, proven=proven, block=self.block(told.block.header.height))

    def block(self, height: int) -> Block:
        block = self.inner.block(height)
        if not self.is_proven(height):
            return block
        root = prove(self.forged, self.epoch_at(height).number).app_hash
        return replace(block, header=replace(block.header, app_hash=root))

    def signed(self, height: int) -> Signed:
        return replace(self.inner.signed(height), header=self.block(height).header)


class ForgedCommit(ForgedAppHash):
    """The same, and the commit names the forged block: its signatures are still those of the true one."""

    def block(self, height: int) -> Block:
        block = super().block(height)
        return _behind(self.signed(height - 1).commit, block) if self.is_proven(height - 1) else block

    def signed(self, height: int) -> Signed:
        signed = super().signed(height)
        if not self.is_proven(height):
            return replace(signed, header=self.inner.signed(height).header)
        return replace(signed, commit=replace(signed.commit, block_id=signed.header.id))


class MinorityCommit(Retelling):
    """The true header and true signatures, of at most two thirds of the power."""

    def block(self, height: int) -> Block:
        block = self.inner.block(height)
        return _behind(self.signed(height - 1).commit, block) if self.is_proven(height - 1) else block

    def signed(self, height: int) -> Signed:
        signed = self.inner.signed(height)
        if not self.is_proven(height):
            return signed
        return replace(signed, commit=_thinned(signed.commit, self.inner.validators(height)))


def with_validators_of_its_own(ledger: Ledger, url: str) -> Ledger:
    """A whole chain that holds together, whose validators' keys are the liar's: one URL is another, and only who knows
    the true validators can tell."""
    epochs = {
        number: replace(epoch, participants=tuple(_replaced(each) for each in moved(epoch, url).participants))
        for number, epoch in ledger.epochs.items()
    }
    return Ledger(ledger.provider_address, epochs, ledger.latest)


def _replaced(participant: Participant) -> Participant:
    return replace(participant, validator_key=public_key(seed_of(participant.address, LIAR)))


def _behind(front: Commit, block: Block) -> Block:
    """The block with another commit of the one in front, whose id and hash its header has."""
    header = replace(block.header, last_block_id=front.block_id, last_commit_hash=front.hash)
    return Block(header, front)


def _thinned(commit: Commit, validators: tuple[Validator, ...]) -> Commit:
    """As many votes as stay within two thirds of the power, the heaviest first."""
    total, kept = sum(validator.power for validator in validators), 0
    votes = []
    for validator, vote in zip(validators, commit.votes, strict=True):
        stays = 3 * (kept + validator.power) <= 2 * total
        kept += validator.power if stays else 0
        votes.append(vote if stays else NO_VOTE)
    return replace(commit, votes=tuple(votes))
