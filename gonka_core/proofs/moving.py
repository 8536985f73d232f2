"""From validators that are vouched for to later ones: skipping verification of CometBFT's light client (0.38).

A header that more than two thirds of its own validators signed is a link. It vouches for a later link where more than a
third of the power of its validators signed that one too: as long as less than a third of them are liars, an honest one
is among those who signed, and signs nothing but the chain's own blocks. How long that may be supposed of validators who
have nothing to lose any more is the caller's to say (the light client's trusting period).
"""

from __future__ import annotations

from dataclasses import dataclass

from .commit import FOR_BLOCK, Commit, verify_commit
from .header import Header
from .validators import ValidatorSet


@dataclass(frozen=True, slots=True)
class Link:
    """A header and its validators; `signers`: keys (32 bytes) of those who signed it. Made by `link_of` alone."""

    header: Header
    validators: ValidatorSet
    signers: frozenset[bytes]

    def vouches_for(self, later: Link) -> bool:
        """Whether `later` is later, of the same chain, and signed by more than a third of the power of this one."""
        if later.header.chain_id != self.header.chain_id:
            return False
        if later.header.height <= self.header.height or later.header.time_ns <= self.header.time_ns:
            return False
        signed = sum(each.power for each in self.validators.validators if each.key in later.signers)
        return signed * 3 > self.validators.power


def link_of(header: Header, commit: Commit, validators: ValidatorSet) -> Link:
    """Raises the `ProofError` of `verify_commit` where the header is not signed by its validators."""
    verify_commit(commit, header, validators)
    votes = zip(commit.votes, validators.validators, strict=True)
    return Link(header, validators, frozenset(each.key for vote, each in votes if vote.flag == FOR_BLOCK))
