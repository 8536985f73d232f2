"""The face of the room: what is proven of an answer, level by level (`discovery.records.Level`, `docs/proofs.md`).

No I/O: whoever asks nodes hands over their JSON. protobuf and cryptography (the extra `proofs`) are imported where they
are needed, so that this module can always be imported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gonka_core.discovery.records import Participant

from .reasons import REASONS, refused
from .strict import hexadecimal, mapping

if TYPE_CHECKING:
    from .header import Header
    from .validators import ValidatorSet

__all__ = ["MAINNET", "REASONS", "Proven", "anchored", "consistent", "sealed"]

MAINNET: Final = "gonka-mainnet"


@dataclass(frozen=True, slots=True)
class Proven:
    """Participants of an epoch as the chain keeps them, and the header that has the root of the state they stand in.

    Whether that header is one of the chain is not proven yet: see `sealed`.
    """

    participants: tuple[Participant, ...]
    epoch: int
    header: Header

    @property
    def height(self) -> int:
        """That of the block in which the participants were written: the one in front of the header's."""
        return self.header.height - 1


def consistent(document: Mapping[str, Any], epoch: int | None, *, chain_id: str = MAINNET) -> Proven:
    """What an answer of `/v1/epochs/{epoch}/participants` proves by itself: the level `consistent`.

    `epoch`: the one that was asked for; None where it was `current`, which takes the one in the proven bytes. The
    participants come from those bytes and from nothing else; a list beside them that differs is refused.

    Raises `ProofError`: `absent`, `malformed`, `epoch`, `proof`, `height`, `chain`, `app-hash`, `contradiction`,
    `library`.
    """
    with _libraries():
        from .header import header_at
        from .ics23 import ops_of, proven_root
        from .participants import active_of, participants_key, require_shown
    answer = _complete(document)
    value = hexadecimal(answer["active_participants_bytes"], "active_participants_bytes")
    active = active_of(value)
    if epoch not in (None, active.epoch):
        raise refused("epoch")
    root = proven_root(value, ops_of(answer["proof_ops"]), participants_key(active.epoch))
    header = header_at(answer["block"], active.created_at + 1)
    if header.chain_id != chain_id:
        raise refused("chain")
    if header.app_hash != root:
        raise refused("app-hash")
    require_shown(active, answer["active_participants"])
    return Proven(active.participants, active.epoch, header)


def _complete(document: object) -> Mapping[str, Any]:
    answer = mapping(document, "the answer")
    for name in ("active_participants_bytes", "proof_ops", "block", "active_participants"):
        if answer.get(name) in (None, ""):
            raise refused("absent", f"the answer has no {name}")
    return answer


def sealed(proven: Proven, commit: object, validators: Sequence[Any]) -> ValidatorSet:
    """The validators who signed the header of what is proven: the level `validators`, but for the anchor.

    `commit`: JSON of the commit of the header's own height (`signed_header.commit` of RPC; `last_commit` of the block
    after it). `validators`: JSON rows of all validators of that height. Both prove themselves, whoever tells them.
    Then somebody has to vouch for `hash` of the set: see `anchored`.

    Raises `ProofError`: `malformed`, `validators`, `commit`, `minority`, `library`.
    """
    with _libraries():
        from .commit import commit_of, verify_commit
        from .validators import validators_of
    signers = validators_of(validators)
    verify_commit(commit_of(commit), proven.header, signers)
    return signers


def anchored(set_hash: bytes, trusted: Collection[bytes]) -> None:
    """Raise `ProofError` (`anchor`) unless the hash of a set (32 bytes) is one of those that are vouched for."""
    if set_hash not in trusted:
        raise refused("anchor", f"nobody vouches for the validators with the hash {set_hash.hex()}")


@contextmanager
def _libraries() -> Iterator[None]:
    try:
        yield
    except ImportError as error:
        raise refused("library", f"proofs need protobuf and cryptography: {error}") from error
