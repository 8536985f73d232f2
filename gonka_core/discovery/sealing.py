"""Who signed a header: its commit and its validators are fetched from whoever serves them, and verified."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gonka_core.asking import Asking
from gonka_core.errors import ProofError
from gonka_core.steps import Steps

from . import commits

if TYPE_CHECKING:
    from gonka_core.proofs.header import Header
    from gonka_core.proofs.moving import Link


@dataclass(frozen=True, slots=True)
class Sealer:
    """Asks these places, each by both ways."""

    places: tuple[str, ...]

    def linked(self, asking: Asking, header: Header, rows: object = None) -> Steps[Link]:
        """The header with those who signed it. `rows`: validators as JSON, where no place tells them by itself.

        Raises `ProofError`: the first verdict against it, or the first that names what was changed.
        """
        ways = [(place, way) for place in self.places for way in commits.WAYS]
        verdict = _no_commit(header.height)
        for (place, way), part in asking.shared(ways, spare=1):
            try:
                return (yield from _linked_by(part, place, way, header, rows))
            except ProofError as error:
                verdict = _graver(verdict, error)
        raise verdict


def _linked_by(asking: Asking, place: str, way: commits.Way, header: Header, rows: object) -> Steps[Link]:
    from gonka_core.proofs.verifying import linked

    committed = yield from commits.commit(asking, place, way, header.height)
    if committed is None:
        raise _no_commit(header.height)
    told: Any = yield from commits.validators(asking, place, way, header.height)
    told = rows if told is None else told
    return linked(header, committed.commit, told if isinstance(told, list) else [], committed.header)


def _graver(one: ProofError, other: ProofError) -> ProofError:
    """The one of two verdicts, in the order in which they came, that says more."""
    return other if one.reason == "absent" or (other.reason == "header" != one.reason) else one


def _no_commit(height: int) -> ProofError:
    return ProofError(
        f"no source serves the commit of block {height}",
        "add a source that serves /chain-rpc or /chain-api, or accept the level consistent",
        reason="absent",
    )
