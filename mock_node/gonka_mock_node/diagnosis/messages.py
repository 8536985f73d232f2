"""The messages that a client may have signed instead of the right one (`protocol.md` §1.2), each with its mistakes.

A message is a head (the body, or its hash), a timestamp and a provider address in some layout. Every part has one right
form and several wrong ones; what is tried is the right message, every single departure from it, and pairs of them.
"""

from __future__ import annotations

import base64
import hashlib
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Final, TypeAlias

from gonka_mock_node.verification import Scheme

from . import bodies
from .evidence import Evidence
from .stamps import Stamp, signed_stamps

Details: TypeAlias = tuple[tuple[str, str], ...]
"""What the wording of a mistake needs to know, by name."""

_OTHER_SCHEME: Final = 6
_COMMON: Final = 10
_RARE: Final = 15
_UNUSUAL: Final = 17
"""How far a departure is from the right form. The distances of several add up."""
_NEAR: Final = (0, _RARE, _OTHER_SCHEME + _UNUSUAL)
_FAR: Final = (_COMMON + _RARE, 2 * _RARE)
"""Up to which distance a message belongs to which group."""
_OTHERS: Final = 32


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message as it may have been signed."""

    mistakes: tuple[str, ...]
    data: bytes = field(repr=False)
    cost: int
    details: Details = ()


@dataclass(frozen=True, slots=True)
class Layout:
    """The order of head, timestamp and provider address, what stands between them and behind them."""

    mistakes: tuple[str, ...] = ()
    order: tuple[int, int, int] = (0, 1, 2)
    separator: bytes = b""
    end: bytes = b""
    cost: int = 0
    details: Details = ()

    def parts(self, pieces: tuple[bytes, bytes, bytes]) -> tuple[bytes, ...]:
        """The message in pieces, so that a long head is not copied."""
        first, second, third = (pieces[index] for index in self.order)
        gap = self.separator
        return first, (gap if first and second else b"") + second + (gap if third else b"") + third + self.end


@dataclass(frozen=True, slots=True)
class Message:
    """What may have been signed. `parts` one behind the other are its bytes."""

    mistakes: tuple[str, ...]
    parts: tuple[bytes, ...] = field(repr=False)
    details: Details = ()

    @property
    def size(self) -> int:
        return sum(map(len, self.parts))

    def joined(self) -> bytes:
        return b"".join(self.parts)


_SEPARATORS: Final = (
    (b"\n", "a line feed", _RARE),
    (b".", "'.'", _RARE),
    (b":", "':'", _RARE),
    (b"|", "'|'", _RARE),
    (b" ", "a space", _RARE),
    (b",", "','", _UNUSUAL),
    (b"\r\n", "a carriage return and a line feed", _UNUSUAL),
    (b"-", "'-'", _UNUSUAL),
    (b";", "';'", _UNUSUAL),
    (b"_", "'_'", _UNUSUAL),
    (b"\0", "a zero byte", _UNUSUAL),
    (b"&", "'&'", _UNUSUAL),
    (b"/", "'/'", _UNUSUAL),
)
_ORDERS: Final = (
    ((0, 2, 1), _RARE),
    ((1, 0, 2), _UNUSUAL),
    ((1, 2, 0), _UNUSUAL),
    ((2, 0, 1), _UNUSUAL),
    ((2, 1, 0), _UNUSUAL),
)
_LAYOUTS: Final = (
    Layout(),
    *(Layout(("order",), order=order, cost=cost) for order, cost in _ORDERS),
    *(
        Layout(("separators",), separator=gap, cost=cost, details=(("separator", name),))
        for gap, name, cost in _SEPARATORS
    ),
    Layout(("message-newline",), end=b"\n", cost=_RARE),
)


class Candidates:
    """The messages to try, in five groups: the right one (first in its group); single mistakes; unusual ones, and
    likely pairs; other pairs with a common mistake; the rest. The last two, which are many, are built when asked for.
    """

    def __init__(self, evidence: Evidence) -> None:
        self._heads = tuple(_heads(evidence.scheme, evidence.body))
        self._stamps = signed_stamps(evidence.timestamp_text, evidence.timestamp_ns, evidence.block_time_ns)
        self._providers = tuple(_providers(evidence))
        self._seen: set[tuple[bytes, ...]] = set()
        self._groups = self._built(_NEAR)

    @property
    def right(self) -> Message:
        """The message that the node verified."""
        return self._groups[0][0]

    def group(self, number: int) -> tuple[Message, ...]:
        if number >= len(self._groups):
            self._groups += self._built(_FAR)
        return self._groups[number]

    def _built(self, limits: tuple[int, ...]) -> tuple[tuple[Message, ...], ...]:
        """A group up to each of these distances, without what was in a group before."""
        groups: tuple[list[Message], ...] = tuple([] for _ in limits)
        for cost, message in sorted(self._up_to(limits[-1]), key=lambda found: found[0]):
            if message.parts not in self._seen:
                self._seen.add(message.parts)
                groups[bisect_left(limits, cost)].append(message)
        return tuple(map(tuple, groups))

    def _up_to(self, farthest: int) -> Iterator[tuple[int, Message]]:
        for head in self._heads:
            if head.cost + _COMMON <= farthest:
                alone = (*head.mistakes, "only-body-signed")
                yield head.cost + _COMMON, Message(alone, (head.data, b""), head.details)
            for stamp, provider in product(self._stamps, self._providers):
                if head.cost + stamp.rank * _COMMON + provider.cost <= farthest:
                    yield from _laid_out(head, stamp, provider, farthest)


def _laid_out(head: Part, stamp: Stamp, provider: Part, farthest: int) -> Iterator[tuple[int, Message]]:
    """The three parts in every layout; a long head is not copied for one in which it does not come first."""
    cost = head.cost + stamp.rank * _COMMON + provider.cost
    movable = len(head.data) <= bodies.REWRITTEN_UP_TO
    for layout in _LAYOUTS:
        if cost + layout.cost <= farthest and (movable or not layout.order[0]):
            mistakes = (*head.mistakes, *stamp.mistakes, *provider.mistakes, *layout.mistakes)
            parts = layout.parts((head.data, stamp.text, provider.data))
            yield cost + layout.cost, Message(mistakes, parts, (*head.details, *provider.details, *layout.details))


def _heads(scheme: Scheme, body: bytes) -> Iterator[Part]:
    right: Scheme = scheme
    other: Scheme = "hash" if scheme == "raw" else "raw"
    yield Part((), _head(right, body), 0)
    yield Part(("other-scheme",), _head(other, body), _OTHER_SCHEME)
    yield from _other_hashes(scheme, body)
    for changed in bodies.other_bodies(body):
        cost = _UNUSUAL if changed.unusual else _RARE
        details = (("written", changed.words),)
        yield Part((changed.mistake,), _head(right, changed.data), cost, details)
        yield Part(("other-scheme", changed.mistake), _head(other, changed.data), cost + _OTHER_SCHEME, details)
    yield Part(("body-missing",), b"", _RARE)


def _head(scheme: Scheme, body: bytes) -> bytes:
    return body if scheme == "raw" else hashlib.sha256(body).hexdigest().encode()


def _other_hashes(scheme: Scheme, body: bytes) -> Iterator[Part]:
    """The hash of the body in another form than lower-case hex, or another hash."""
    before = () if scheme == "hash" else ("other-scheme",)
    digest = hashlib.sha256(body)
    yield Part((*before, "body-hash-bytes"), digest.digest(), _RARE)
    yield Part((*before, "body-hash-upper-case"), digest.hexdigest().upper().encode(), _RARE)
    yield Part((*before, "body-hash-base64"), base64.b64encode(digest.digest()), _RARE)
    yield Part((*before, "body-hash-prefix"), b"0x" + digest.hexdigest().encode(), _UNUSUAL)
    if len(body) <= bodies.REWRITTEN_UP_TO:
        for name in ("sha1", "sha512", "sha3_256", "md5"):
            other = hashlib.new(name, body, usedforsecurity=False).hexdigest().encode()
            yield Part((*before, "body-hash-function"), other, _UNUSUAL)


def _providers(evidence: Evidence) -> Iterator[Part]:
    right = evidence.provider_address
    yield Part((), _bytes(right), 0)
    yield Part(("provider-missing",), b"", _COMMON)
    for other in evidence.other_providers[:_OTHERS]:
        yield Part(("provider-of-another-node",), _bytes(other), _COMMON, (("other_provider", other),))
    yield Part(("provider-is-requester",), _bytes(evidence.requester), _COMMON)
    yield Part(("provider-upper-case",), _bytes(right.upper()), _RARE)
    yield Part(("provider-decorated",), _bytes(f'"{right}"'), _UNUSUAL)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
