"""How far it is proven who takes part: what `gonka_core.proofs` needs is fetched here, and its verdict handed on.

Nothing weaker than what is asked for is ever made of it: who asks for a level gets a `ProofError` instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from gonka_core.errors import ConfigurationError, DiscoveryError, ProofError
from gonka_core.steps import Steps

from . import commits, document, urls
from .asking import Asking
from .document import Document
from .records import LEVELS, Level, Network, Participant

if TYPE_CHECKING:
    from gonka_core.proofs.verifying import Proven

_NOT_ASKED: Final[Mapping[Level, str]] = {
    "none": "who signed the header was not looked at: verify is none",
    "consistent": "who signed the header was not looked at: verify is consistent",
}


@dataclass(frozen=True, slots=True)
class Established:
    """What is known of a document: its participants, at which level, and why not further.

    At `consistent` and above participants and height are those of the proven bytes. `anchor`: who vouches for the
    validators.
    """

    participants: tuple[Participant, ...]
    level: Level
    height: int | None
    shortfall: str | None = None
    anchor: str | None = None


class EpochMovedError(Exception):
    """Another source is in a later epoch than the document that is to be proven."""

    def __init__(self, source: str, epoch: int) -> None:
        super().__init__(source, epoch)
        self.source = source
        self.epoch = epoch


@dataclass(frozen=True, slots=True)
class Prover:
    """Proves what `source` told, as far as the network asks for; `others` are the sources at other origins."""

    network: Network
    source: str
    others: tuple[str, ...]
    asking: Asking

    def establish(self, told: Document) -> Steps[Established]:
        """Raises `ProofError` below the level that is asked for, `EpochMovedError` where the epoch has changed."""
        try:
            proven = _consistent(told.tree, told.epoch)
        except ProofError as error:
            if self.network.verify != "none":
                raise
            return Established(told.participants, "none", told.height, error.problem)
        participants, height = proven.participants, proven.height
        if self.network.verify != "validators":
            return Established(participants, "consistent", height, _NOT_ASKED[self.network.verify])
        yield from self._require_seal(proven, told)
        anchor = yield from self._anchor(proven)
        return Established(participants, "validators", height, anchor=anchor)

    def _require_seal(self, proven: Proven, told: Document) -> Steps[None]:
        """The validators signed the header, by whoever serves the commit. The first verdict against it is raised."""
        ways = [(place, way) for place in (self.source, *self.others) for way in commits.WAYS]
        verdict = _no_commit(proven.header.height)
        for (place, way), asking in self.asking.shared(ways, spare=1):
            try:
                yield from _require_seal_by(asking, place, way, proven, told)
            except ProofError as error:
                verdict = error if verdict.reason == "absent" else verdict
            else:
                return
        raise verdict

    def _anchor(self, proven: Proven) -> Steps[str]:
        """Who vouches for the validators: the user, or another source that has the same header.

        Raises `EpochMovedError` where nobody does, and another source is in a later epoch.
        """
        if proven.header.validators_hash in self.network.trusted:
            return proven.header.validators_hash.hex()
        contrary: list[str] = []
        later: EpochMovedError | None = None
        for other, asking in self.asking.shared(self.others):
            try:
                said = yield from _said_by(asking, other, proven)
            except EpochMovedError as moved:
                later = later or moved
                continue
            if said is None:
                return other
            contrary.append(f"{other}: {said}")
        raise later or _no_anchor(proven.header.validators_hash, contrary)


def _require_seal_by(asking: Asking, place: str, way: commits.Way, proven: Proven, told: Document) -> Steps[None]:
    height = proven.header.height
    commit = yield from commits.commit(asking, place, way, height)
    if commit is None:
        raise _no_commit(height)
    rows = yield from commits.validators(asking, place, way, height)
    _sealed(proven, commit, told.tree.get("validators") if rows is None else rows)


def _said_by(asking: Asking, other: str, proven: Proven) -> Steps[str | None]:
    """None where another source has the same header; what it says otherwise."""
    told = yield from asking.read(other, document.CURRENT)
    if told.trouble is not None:
        return told.trouble
    try:
        theirs = document.read(told.body)
        if theirs.epoch > proven.epoch:
            raise EpochMovedError(other, theirs.epoch)
        if theirs.epoch < proven.epoch:
            return f"it is still in epoch {theirs.epoch}"
        header = _consistent(theirs.tree, proven.epoch).header
    except DiscoveryError as error:
        return error.problem
    return None if header.hash == proven.header.hash else f"it has another header at height {header.height}"


def others_than(source: str, sources: tuple[str, ...]) -> tuple[str, ...]:
    """The sources at another origin, one of each: the same server under another path vouches for nothing."""
    seen = {urls.origin(source)}
    found: list[str] = []
    for other in sources:
        if urls.origin(other) not in seen:
            seen.add(urls.origin(other))
            found.append(other)
    return tuple(found)


def required(level: Level) -> Level:
    """The level, if there is one of that name: a misspelt one must not count as none. Raises `ConfigurationError`."""
    if level not in LEVELS:
        raise ConfigurationError(f"there is no level of proof {level!r}", f"give one of: {', '.join(LEVELS)}")
    return level


def _consistent(tree: Mapping[str, Any], epoch: int) -> Proven:
    from gonka_core.proofs.verifying import consistent

    return consistent(tree, epoch)


def _sealed(proven: Proven, commit: Mapping[str, Any], rows: Any) -> None:
    from gonka_core.proofs.verifying import sealed

    sealed(proven, commit, rows if isinstance(rows, list) else [])


def _no_commit(height: int) -> ProofError:
    return ProofError(
        f"no source serves the commit of block {height}",
        "add a source that serves /chain-rpc or /chain-api, or accept the level consistent",
        reason="absent",
    )


def _no_anchor(found: bytes, contrary: list[str]) -> ProofError:
    told = "; ".join(contrary) or "there is no other source to ask"
    return ProofError(
        f"nobody vouches for the validators who signed the header ({told})",
        f"compare {found.hex()} with a source that you trust and give it as trusted hash, or add a source",
        reason="anchor",
    )
