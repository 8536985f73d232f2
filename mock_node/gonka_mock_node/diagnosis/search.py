"""The search: which reading of the header is a signature over which digest of which message, by the right account.

A signature recovers two keys over every digest, whatever was signed; what tells the right combination is that one of
them belongs to the account that the request claims, or to another one that is known. No other proof counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final, TypeAlias

from gonka_mock_node.curve import CURVE, Recovery

from . import digests
from .addresses import account_of
from .halves import Reading
from .messages import Candidates, Message

RECOVERIES: Final = 4000
"""Combinations that are tried for one diagnosis, some 35 µs each."""
REMEMBERED: Final = 32
"""Combinations, the likeliest, whose accounts are worth remembering."""
_PLAN: Final = (
    (0, 0, 0),
    (1, 0, 0),
    (0, 1, 0),
    (0, 0, 1),
    (2, 0, 0),
    (1, 1, 0),
    (1, 0, 1),
    (0, 1, 1),
    (0, 2, 0),
    (3, 0, 0),
    (1, 1, 1),
    (2, 0, 1),
    (4, 0, 0),
    (1, 2, 0),
    (2, 1, 0),
)
"""Groups of messages, digests and readings, each counted from the right one, in the order in which they are tried."""

Known: TypeAlias = Callable[[bytes, bytes], bool]
"""Whether an account (20 bytes) signed before, or is on the chain; told with the digest and r that recovered it."""


@dataclass(frozen=True, slots=True)
class Combination:
    """A reading, a message and a digest; `account` (20 bytes) is whose signature that is.

    `right`: the digest is that which the node verified.
    """

    reading: Reading
    message: Message
    kind: digests.Kind
    account: bytes
    fingerprint: bytes
    right: bool = False

    @property
    def mistakes(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys((*self.reading.mistakes, *self.message.mistakes, *self.kind.mistakes)))


@dataclass(frozen=True, slots=True)
class Outcome:
    """`fit` explains the request: its signer is the claimed account, or one that is known. `seen` are the accounts of
    the likeliest combinations, whatever they are worth."""

    fit: Combination | None
    seen: tuple[Combination, ...]


def search(
    readings: tuple[Reading, ...],
    candidates: Candidates,
    *,
    wanted: bytes | None,
    known: Known,
    requester: str,
) -> Outcome:
    """Try combinations, the likeliest first, until one fits or the work is enough.

    `wanted` is the account (20 bytes) that should have signed; `requester` is the header's text.
    """
    seen: list[Combination] = []
    tried = _combinations(_recoverable(readings), candidates, digests.Digester(requester))
    for number, combination in enumerate(tried):
        if combination.account == wanted or known(combination.account, combination.fingerprint):
            return Outcome(combination, tuple(seen))
        if number < 2 * REMEMBERED:
            seen.append(combination)
    return Outcome(None, tuple(seen))


_Recoverable: TypeAlias = tuple[tuple[Reading, Recovery], ...]


def _recoverable(readings: tuple[Reading, ...]) -> _Recoverable:
    """Those that are a signature at all."""
    found: list[tuple[Reading, Recovery]] = []
    for reading in readings:
        try:
            found.append((reading, CURVE.recovery(reading.r, reading.s)))
        except ValueError:
            continue
    return tuple(found)


def _combinations(readings: _Recoverable, candidates: Candidates, digester: digests.Digester) -> Iterator[Combination]:
    """Every combination with each of the accounts that it recovers, none twice, the right one first."""
    done: set[tuple[bytes, int]] = set()
    for message, kind, chosen in _planned(readings, candidates, digester):
        digest = digester.digest(kind, message)
        if digest is None:
            continue
        right = message is candidates.right and kind is digests.RIGHT
        for reading, recovery in chosen:
            if (digest, id(reading)) in done:
                continue
            if len(done) == RECOVERIES:
                return
            done.add((digest, id(reading)))
            fingerprint = digest + reading.r.to_bytes(32, "big")
            for key in recovery.keys(digest):
                account = account_of(key)
                yield Combination(reading, message, kind, account, fingerprint, right and not reading.rank)


def _planned(
    readings: _Recoverable, candidates: Candidates, digester: digests.Digester
) -> Iterator[tuple[Message, digests.Kind, _Recoverable]]:
    """What the plan says, row by row; rows for which there is no reading cost nothing."""
    kinds = ((digests.RIGHT,), digests.COMMON, digests.RARE)
    for message_group, kind_group, reading_rank in _PLAN:
        chosen = tuple(found for found in readings if found[0].rank == reading_rank)
        for kind in kinds[kind_group] if chosen else ():
            messages = candidates.group(message_group)
            digester.prepare(kind, messages)
            for message in messages:
                yield message, kind, chosen
