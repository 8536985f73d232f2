"""Learning who takes part: sources are asked in turn, and the first whose answer holds is believed as far as it holds.

No I/O: `learn` is a part of a flow (`steps.Steps`), which `driving` or a client carries out. A source that does not
answer, stalls, sends something else or cannot prove what it has to is passed over with its reason. Each has its part of
the time: what is left, divided by the sources that are left.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from gonka_core.asking import Asking
from gonka_core.errors import DiscoveryError, NobodyLeftError, ProofError
from gonka_core.steps import Steps

from . import choosing, document, urls
from .document import Document
from .proving import EpochMovedError, Established, Prover, others_than
from .records import Discovered, Network
from .requirements import require_sound

TIMEOUT_S: Final = 20.0


def learn(
    network: Network, seconds: Callable[[], float], now: Callable[[], float], timeout_s: float = TIMEOUT_S
) -> Steps[Discovered]:
    """Who takes part. `seconds` is a monotonic clock, `now` tells seconds since the epoch.

    Raises `DiscoveryError` where no source is of use, `NobodyLeftError` where one answered and nobody may be asked, and
    `ProofError` where one could not prove what it told as far as `network.verify` wants it: nothing weaker is used in
    its place. `sources` of the error says of each what was wrong with it.
    """
    require_sound(network)
    sources = urls.sources(network.sources)
    errors: dict[str, DiscoveryError] = {}
    for source, asking in Asking.within(seconds, timeout_s).shared(sources):
        try:
            return (yield from _Learner(network, source, others_than(source, sources), asking, now).learn())
        except DiscoveryError as error:
            errors[source] = error
    raise _nobody(errors)


@dataclass(frozen=True, slots=True)
class _Learner:
    """Learns from one source; the others are asked for what anybody may hand out, and to vouch."""

    network: Network
    source: str
    others: tuple[str, ...]
    asking: Asking
    now: Callable[[], float]

    def learn(self) -> Steps[Discovered]:
        told = yield from self._document()
        try:
            established = yield from self._prover().establish(told)
        except EpochMovedError as moved:
            told, established = yield from self._once_more(moved)
        allow_list = yield from self._allow_list()
        return self._chosen(told, established, allow_list)

    def _document(self) -> Steps[Document]:
        return document.read((yield from self.asking.require(self.source, document.CURRENT)))

    def _prover(self) -> Prover:
        return Prover(self.network, self.source, self.others, self.asking, self.now())

    def _once_more(self, moved: EpochMovedError) -> Steps[tuple[Document, Established]]:
        """An epoch may begin between two requests: once that explains it."""
        told = yield from self._document()
        try:
            return told, (yield from self._prover().establish(told))
        except EpochMovedError as again:
            raise ProofError(
                f"it lists the participants of epoch {told.epoch} as the current ones, while {again.source} is in "
                f"epoch {again.epoch}",
                "leave out the source that is behind, or wait until it has caught up",
                reason="epoch",
            ) from None

    def _allow_list(self) -> Steps[tuple[str, ...] | None]:
        """The chain's list, from whoever serves the chain's routes; None where nobody does."""
        for place, asking in self.asking.shared((self.source, *self.others)):
            found = choosing.allow_list_of((yield from asking.read(place, choosing.PARAMS)).content)
            if found is not None:
                return found
        return None

    def _chosen(self, told: Document, established: Established, allow_list: tuple[str, ...] | None) -> Discovered:
        choice = choosing.choose(
            established.participants,
            excluded=told.excluded,
            allow_list=allow_list,
            reach=urls.reach_of(self.source, self.network.private),
        )
        left_out = {**told.left_out, **choice.left_out}
        choosing.require_one(choice, told.epoch, left_out)
        return Discovered(
            epoch=told.epoch,
            source=self.source,
            endpoints=choice.endpoints,
            level=established.level,
            learned_at=self.now(),
            height=established.height,
            shortfall=established.shortfall,
            left_out=left_out,
            allow_list=allow_list,
            anchor=established.anchor,
            header_time=established.header_time,
        )


def _nobody(errors: dict[str, DiscoveryError]) -> DiscoveryError:
    """One error for all sources: the gravest kind, in the words of the first source that ended in it."""
    kinds = (ProofError, NobodyLeftError, DiscoveryError)
    first = next(error for kind in kinds for error in errors.values() if isinstance(error, kind))
    sources = {source: error.problem for source, error in errors.items()}
    told = "; ".join(f"{source}: {problem}" for source, problem in sources.items())
    if isinstance(first, ProofError):
        return ProofError(
            f"who takes part is not proven as far as was asked ({told})",
            first.next_step,
            reason=first.reason,
            sources=sources,
        )
    kind = NobodyLeftError if isinstance(first, NobodyLeftError) else DiscoveryError
    return kind(f"no source tells who takes part in the network ({told})", first.next_step, sources=sources)
