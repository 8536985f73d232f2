"""The face of the room: what is proven of an answer, level by level (`discovery.records.Level`, `docs/proofs.md`).

No I/O: whoever asks nodes hands over their JSON. protobuf and cryptography (the extra `proofs`) are imported where they
are needed, so that this module can always be imported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gonka_core.discovery.records import MAINNET, MAX_AGE_S, Participant
from gonka_core.errors import ProofError

from .reasons import REASONS, refused
from .strict import hexadecimal, mapping, number

if TYPE_CHECKING:
    from .commit import Commit
    from .header import Header
    from .moving import Link
    from .validators import ValidatorSet

__all__ = [
    "AHEAD_S",
    "MAINNET",
    "MAX_AGE_S",
    "REASONS",
    "Proven",
    "anchored",
    "consistent",
    "header_of_epoch",
    "linked",
    "recent",
    "sealed",
]

AHEAD_S: Final = 600.0
"""Seconds that a header may be ahead of this machine's clock, which is not always right."""


_SECOND: Final = 10**9
_HOURS_FROM: Final = 7200.0


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


def recent(proven: Proven, now: float, *, max_age_s: float = MAX_AGE_S) -> None:
    """Raise `ProofError` (`age`) unless what is proven may be of the epoch under way: every earlier one is proven too.

    `now`: seconds since the epoch. The time of the header is that of its validators, who have signed it at the level
    `validators`; below that it is what the source says.
    """
    age_s = now - proven.header.time_ns / _SECOND
    if age_s > max_age_s:
        problem = f"the list is {_span(age_s)} old, and at most {_span(max_age_s)} are accepted"
        raise refused("age", problem)
    if age_s < -AHEAD_S:
        raise refused("age", f"the list is {_span(-age_s)} ahead of this machine's clock")


def _span(seconds: float) -> str:
    return f"{seconds / 3600:.1f} h" if seconds >= _HOURS_FROM else f"{seconds:.0f} s"


def _complete(document: object) -> Mapping[str, Any]:
    answer = mapping(document, "the answer")
    for name in ("active_participants_bytes", "proof_ops", "block", "active_participants"):
        if answer.get(name) in (None, ""):
            raise refused("absent", f"the answer has no {name}")
    return answer


def sealed(proven: Proven, commit: object, validators: Sequence[Any], header: object = None) -> ValidatorSet:
    """The validators who signed the header of what is proven: the level `validators`, but for the anchor.

    `commit`: JSON of the commit of the header's own height (`signed_header.commit` of RPC; `last_commit` of the block
    after it). `validators`: JSON rows of all validators of that height. Both prove themselves, whoever tells them.
    Then somebody has to vouch for `hash` of the set: see `anchored`. `header`: JSON of the header that stands beside
    the commit, if one does (`signed_header.header`): where that is the one that was signed, what was changed is named.

    Raises `ProofError`: `malformed`, `validators`, `header`, `commit`, `minority`, `library`.
    """
    return linked(proven.header, commit, validators, header).validators


def linked(header: Header, commit: object, validators: Sequence[Any], beside: object = None) -> Link:
    """`sealed` for any header: it, its validators, and who of them signed it; see `Link.vouches_for`."""
    with _libraries():
        from .commit import commit_of
        from .moving import link_of
        from .validators import validators_of
    signers, told = validators_of(validators), commit_of(commit)
    try:
        return link_of(header, told, signers)
    except ProofError:
        if beside is not None:
            _require_unchanged(header, beside, told, signers)
        raise


def header_of_epoch(document: Mapping[str, Any]) -> Header:
    """The header that an answer about an epoch shows, of which nothing is proven: `linked` says whether it was signed.

    Raises `ProofError`: `absent`, `malformed`, `height`, `library`.
    """
    with _libraries():
        from .header import header_at
    listed = mapping(mapping(document, "the answer").get("active_participants"), "active_participants")
    written = number(listed.get("created_at_block_height"), "created_at_block_height")
    return header_at(document.get("block"), written + 1)


def _require_unchanged(header: Header, beside: object, commit: Commit, signers: ValidatorSet) -> None:
    from .commit import require_unchanged
    from .header import header_of

    try:
        signed = header_of(beside)
    except ProofError:
        return
    require_unchanged(header, signed, commit, signers)


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
