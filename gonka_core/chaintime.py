"""Time as the nodes tell it: what their clock shows, and how far ours is from it.

A node measures a timestamp by the time of its latest block: it may be up to 60 s older and up to 30 s younger
(`protocol.md` §3.5). A machine whose clock is wrong signs with `local time + offset`, where the offset is block time
minus local time, learned once from the chain's own routes, or from the `Date` of any answer (§6.7). Between two blocks
the block time stands still while ours goes on, so such a timestamp is at most a block interval, some six seconds,
younger than the block: inside the window, and nearer to its middle than to either end.

Nothing is asked here. `SOURCES` says where to ask, `block_time_of` and `date_of` read the answer, `Offsets` remembers.

**2026-11-24, how far a stranger is believed.** Whoever makes us sign for a later time holds a request that is good
then, and may be billed then (§14). An offset of more than a day in either direction is therefore not learned at all,
rather than cut down to a day: a node that is further off would refuse the shortened timestamp as well. A day covers a
wrong time zone and a chain that stood still for hours; a clock that is further off has to be set by its owner.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, Final

from .endpoints import Endpoint
from .limits import OverLimitError, parse_object

_SECOND: Final = 1_000_000_000
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)

_TIMES_IN: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "/chain-rpc/status": (("result", "sync_info", "latest_block_time"),),
    "/chain-api/cosmos/base/tendermint/v1beta1/blocks/latest": (
        ("block", "header", "time"),
        ("sdk_block", "header", "time"),
    ),
}
"""Path of a route -> where its JSON keeps the block time."""

SOURCES: Final = tuple(_TIMES_IN)
"""Paths that tell the block time, in the order to ask them, behind `Endpoint.root` (`protocol.md` §6.7)."""

BELIEVED_NS: Final = 86_400 * _SECOND
"""The longest offset, in either direction, that is learned from a node: a day."""

LONGEST_ANSWER_NS: Final = 60 * _SECOND
"""An answer that took longer says nothing: when in that time the node looked at its clock is not known well enough."""

_RFC_3339: Final = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt](\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(?:[Zz]|([+-])(\d\d):(\d\d))", re.ASCII
)


def block_time_of(path: str, body: bytes) -> int | None:
    """Nanoseconds since the epoch, from the answer to a path of `SOURCES`.

    None for any other path and for a body without a usable time: nothing that a node sends raises here.
    """
    places = _TIMES_IN.get(path, ())
    try:
        data = parse_object(body)
    except OverLimitError:
        return None
    found = (rfc3339_ns(_at(data, place)) for place in places)
    return next((time_ns for time_ns in found if time_ns is not None), None)


def date_of(headers: Mapping[str, str]) -> int | None:
    """Nanoseconds since the epoch, from the `Date` header (names in lower case), which counts whole seconds."""
    try:
        date = parsedate_to_datetime(headers["date"])
    except (KeyError, ValueError, OverflowError):
        return None
    # RFC 9110 dates are in GMT; `-0000`, which email reads as "no zone", says nothing else.
    return _since_epoch(date if date.tzinfo else date.replace(tzinfo=UTC))


def rfc3339_ns(text: object) -> int | None:
    """The time in nanoseconds since the epoch, exact to the last of up to nine digits; None for anything else."""
    match = _RFC_3339.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    day, clock, fraction, sign, hours, minutes = match.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}+00:00")
    except ValueError:
        return None
    seconds_ns = _since_epoch(moment)
    if sign:
        away = (int(hours) * 60 + int(minutes)) * 60 * _SECOND
        seconds_ns -= away if sign == "+" else -away
    return seconds_ns + int((fraction or "").ljust(9, "0"))


def _since_epoch(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(seconds=1) * _SECOND


def _at(data: Any, place: tuple[str, ...]) -> Any:
    for key in place:
        data = data.get(key) if isinstance(data, dict) else None
    return data


class Offsets:
    """How far the clock of each provider is from ours, as far as that was learned. May be shared by threads.

    Remembers `most` providers; whoever is known longest makes room. Offsets are whole seconds, rounded down: the window
    is wide, and few different offsets keep the timestamps of a process near its clock (see `clock.WallClock`).
    """

    # No lock, which a process forked in the middle would inherit locked: each step is one operation on a dict.

    def __init__(self, *, most: int = 1024, believed_ns: int = BELIEVED_NS) -> None:
        self._most = most
        self._believed_ns = believed_ns
        self._known: dict[str, int] = {}

    def learn(self, endpoint: Endpoint, block_time_ns: int, asked_ns: int, answered_ns: int) -> int:
        """The offset to sign with from now on, in ns: block time minus the local time halfway through the asking.

        `asked_ns` and `answered_ns` are local times, without any offset. Where the result is more than `believed_ns`,
        or the answer took more than a minute, nothing is learned and the offset stays as it was: a caller that sees
        the number it had before has no reason to try again.
        """
        offset = (block_time_ns - (asked_ns + answered_ns) // 2) // _SECOND * _SECOND
        if endpoint.signed and abs(offset) <= self._believed_ns and 0 <= answered_ns - asked_ns <= LONGEST_ANSWER_NS:
            self._known[endpoint.provider_address] = offset
            self._make_room()
        return self.offset_ns(endpoint)

    def offset_ns(self, endpoint: Endpoint) -> int:
        """Nanoseconds to add to the local time; 0 where nothing was learned."""
        return self._known.get(endpoint.provider_address, 0)

    def _make_room(self) -> None:
        excess = len(self._known) - self._most
        for oldest in list(self._known)[: max(excess, 0)]:
            self._known.pop(oldest, None)

    def __len__(self) -> int:
        return len(self._known)
