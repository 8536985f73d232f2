"""Whether validators that the user pinned lead to those of today: each epoch may have others.

A pin is a hash and has no height. So earlier epochs are looked through, each of which shows a header (`protocol.md`
§6.6), back to one that the pinned validators signed; from there on links lead forward, as few as will do
(`proofs.moving`). Where a header is from does not matter: one that its validators did not sign is no link.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gonka_core.asking import Asking, object_of
from gonka_core.errors import ProofError
from gonka_core.steps import Steps

from . import document
from .records import Network
from .sealing import Sealer

if TYPE_CHECKING:
    from gonka_core.proofs.header import Header
    from gonka_core.proofs.moving import Link

MOST_EPOCHS: Final = 32
"""So many epochs are looked through at most."""
_PARTS: Final = 4
"""Parts of the time that is left which no question uses up for those behind it."""
_SECOND: Final = 10**9


@dataclass(frozen=True, slots=True)
class Mover:
    """Looks for the way; `places` are asked for everything, `now` is in seconds since the epoch."""

    network: Network
    places: tuple[str, ...]
    asking: Asking
    now: float

    def pinned(self, epoch: int, latest: Link) -> Steps[bytes | None]:
        """The hash (32 bytes) of a pinned set that leads to `latest`, the link of that epoch; None where none does."""
        headers = yield from self._headers(epoch)
        if not headers or headers[0].validators_hash not in self.network.trusted:
            return None
        links: dict[int, Link | None] = {}
        at, current = 0, (yield from self._link(headers[0]))
        while current is not None:
            if current.vouches_for(latest):
                return headers[0].validators_hash
            at, current = yield from self._furthest(current, headers, at, links)
        return None

    def _furthest(
        self, current: Link, headers: list[Header], at: int, links: dict[int, Link | None]
    ) -> Steps[tuple[int, Link | None]]:
        """The latest link for which the current one, at that place, vouches, and its place; each is fetched once."""
        for place in range(len(headers) - 1, at, -1):
            if place not in links:
                links[place] = yield from self._link(headers[place])
            link = links[place]
            if link is not None and current.vouches_for(link):
                return place, link
        return at, None

    def _headers(self, epoch: int) -> Steps[list[Header]]:
        """Headers of earlier epochs, the earliest first: back to one with pinned validators, or as far as is told.

        Whether they are of this chain, and follow each other, is for links to say.
        """
        found: list[Header] = []
        for number in range(epoch - 1, max(epoch - 1 - MOST_EPOCHS, 0), -1):
            header = yield from self._header(number)
            if header is None or self.now - header.time_ns / _SECOND > self.network.trusting_s:
                break
            found.insert(0, header)
            if header.validators_hash in self.network.trusted:
                break
        return found

    def _header(self, epoch: int) -> Steps[Header | None]:
        from gonka_core.proofs.verifying import header_of_epoch

        for place, asking in self.asking.shared(self.places, spare=_PARTS):
            tree = object_of((yield from asking.read(place, document.path_of(epoch))).content)
            try:
                return header_of_epoch(tree or {})
            except ProofError:
                continue
        return None

    def _link(self, header: Header) -> Steps[Link | None]:
        _, asking = next(self.asking.shared((header,), spare=_PARTS))
        try:
            return (yield from Sealer(self.places).linked(asking, header))
        except ProofError:
            return None
