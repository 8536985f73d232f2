"""How far it is proven who takes part: what `gonka_core.proofs` needs is fetched here, and its verdict handed on.

Nothing weaker than what is asked for is ever made of it: who asks for a level gets a `ProofError` instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from gonka_core.asking import Asking
from gonka_core.errors import DiscoveryError, ProofError
from gonka_core.steps import Steps

from . import document, urls
from .document import Document
from .epochs import told_epoch
from .moving import Mover
from .records import Level, Network, Participant
from .sealing import Sealer

if TYPE_CHECKING:
    from gonka_core.proofs.moving import Link
    from gonka_core.proofs.verifying import Proven

_NOT_ASKED: Final[Mapping[Level, str]] = {
    "none": "who signed the header was not looked at: verify is none",
    "consistent": "who signed the header was not looked at: verify is consistent",
}

_SECOND: Final = 10**9


@dataclass(frozen=True, slots=True)
class Established:
    """What is known of a document: its participants, at which level, and why not further.

    At `consistent` and above participants and height are those of the proven bytes. `anchor`: who vouches for the
    validators. `header_time`: seconds since the epoch, of the header of the proof; None below `consistent`.
    """

    participants: tuple[Participant, ...]
    level: Level
    height: int | None
    shortfall: str | None = None
    anchor: str | None = None
    header_time: float | None = None


class EpochMovedError(Exception):
    """Another source is in a later epoch than the document that is to be proven."""

    def __init__(self, source: str, epoch: int) -> None:
        super().__init__(source, epoch)
        self.source = source
        self.epoch = epoch


@dataclass(frozen=True, slots=True)
class Prover:
    """Proves what `source` told, as far as the network asks for; `others` are the sources at other origins.

    `now`: seconds since the epoch.
    """

    network: Network
    source: str
    others: tuple[str, ...]
    asking: Asking
    now: float

    def establish(self, told: Document) -> Steps[Established]:
        """Raises `ProofError` below the level that is asked for, `EpochMovedError` where the epoch has changed."""
        try:
            proven = _consistent(told.tree, told.epoch, self.network.chain_id)
            _require_recent(proven, self.now, self.network.max_age_s)
        except ProofError as error:
            if self.network.verify != "none":
                raise
            return Established(told.participants, "none", told.height, error.problem)
        written = proven.header.time_ns / _SECOND
        reached = Established(proven.participants, "consistent", proven.height, header_time=written)
        if self.network.verify != "validators":
            return replace(reached, shortfall=_NOT_ASKED[self.network.verify])
        link = yield from Sealer(self._places).linked(self.asking, proven.header, told.tree.get("validators"))
        anchor = yield from self._anchor(proven, link)
        return replace(reached, level="validators", anchor=anchor)

    def _anchor(self, proven: Proven, link: Link) -> Steps[str]:
        """Who vouches for the validators: the user, or another source that has the same header.

        Raises `EpochMovedError` where another source is in a later epoch, and proves it or nobody vouches for this one.
        """
        if link.validators.hash in self.network.trusted:
            yield from self._require_latest(proven, link)
            return link.validators.hash.hex()
        mover, contrary = self._mover(), list[str]()
        later: EpochMovedError | None = None
        for other, asking in self.asking.shared(self.others, spare=0 if mover is None else 1):
            try:
                said = yield from _said_by(asking, other, proven)
            except EpochMovedError as moved:
                later = later or moved
                continue
            if said is None:
                return other
            contrary.append(f"{other}: {said}")
        pinned = None if mover is None else (yield from mover.pinned(proven.epoch, link))
        if pinned is not None:
            yield from self._require_latest(proven, link)
            return pinned.hex()
        raise later or self._no_anchor(link, contrary)

    def _require_latest(self, proven: Proven, link: Link) -> Steps[None]:
        """Raise `EpochMovedError` where another source shows a later epoch, and the validators here vouch for it.

        A pin is as good for an epoch that is over. Whoever claims a later one without being vouched for stops nobody.
        """
        for other, asking in self.asking.shared(self.others, spare=1):
            told = yield from _later_by(asking, other, proven)
            if told is None:
                continue
            theirs, rows = told
            try:
                later = yield from Sealer((other, self.source)).linked(asking, theirs.header, rows)
            except ProofError:
                continue
            if link.vouches_for(later):
                raise EpochMovedError(other, theirs.epoch)

    @property
    def _places(self) -> tuple[str, ...]:
        return (self.source, *self.others)

    def _mover(self) -> Mover | None:
        """Who looks for a way from pinned validators; None where none are, or where only they themselves will do."""
        if not self.network.trusted or self.network.trusting_s == 0:
            return None
        return Mover(self.network, self._places, self.asking, self.now)

    def _no_anchor(self, link: Link, contrary: list[str]) -> ProofError:
        told = "; ".join(contrary) or "there is no other source to ask"
        if self.network.trusted:
            days = f"{self.network.trusting_s / 86_400:g}"
            told += f"; they are not the trusted ones, and those of the last {days} days do not lead to them"
        return ProofError(
            f"nobody vouches for the validators who signed the header ({told})",
            f"compare {link.validators.hash.hex()} with a source that you trust and give it as trusted hash, or add a "
            "source",
            reason="anchor",
        )


def _said_by(asking: Asking, other: str, proven: Proven) -> Steps[str | None]:
    """None where another source has the same header; what it says otherwise."""
    heard = yield from asking.read(other, document.CURRENT)
    trouble = heard.trouble(document.CURRENT)
    if trouble is not None:
        return trouble
    try:
        theirs = document.read(heard.content)
        if theirs.epoch > proven.epoch:
            raise EpochMovedError(other, theirs.epoch)
        if theirs.epoch < proven.epoch:
            return f"it is still in epoch {theirs.epoch}"
        header = _consistent(theirs.tree, proven.epoch, proven.header.chain_id).header
    except DiscoveryError as error:
        return error.problem
    return None if header.hash == proven.header.hash else f"it has another header at height {header.height}"


def _later_by(asking: Asking, other: str, proven: Proven) -> Steps[tuple[Proven, object] | None]:
    """A later epoch that another source shows and proves, and validators as it has them; None where it does not."""
    latest = yield from told_epoch(asking, other)
    if latest is None or latest <= proven.epoch:
        return None
    heard = yield from asking.read(other, document.CURRENT)
    try:
        told = document.read(heard.content)
        theirs = _consistent(told.tree, told.epoch, proven.header.chain_id)
    except DiscoveryError:
        return None
    return (theirs, told.tree.get("validators")) if theirs.epoch > proven.epoch else None


def others_than(source: str, sources: tuple[str, ...]) -> tuple[str, ...]:
    """The sources at another origin, one of each: the same server under another path vouches for nothing."""
    seen = {urls.origin(source)}
    found: list[str] = []
    for other in sources:
        if urls.origin(other) not in seen:
            seen.add(urls.origin(other))
            found.append(other)
    return tuple(found)


def _consistent(tree: Mapping[str, Any], epoch: int, chain_id: str) -> Proven:
    from gonka_core.proofs.verifying import consistent

    return consistent(tree, epoch, chain_id=chain_id)


def _require_recent(proven: Proven, now: float, max_age_s: float) -> None:
    from gonka_core.proofs.verifying import recent

    recent(proven, now, max_age_s=max_age_s)
