"""The time by which a node judges timestamps, as well as it can be known from outside (`protocol.md` §3.5, §6.7)."""

from __future__ import annotations

import calendar
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any, Final

from .asking import Asker

_NS: Final = 10**9
_RFC3339: Final = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Instant:
    """Nanoseconds of the latest block, how far off they may be (0 where it stands still), and where they are from."""

    time_ns: int
    margin_ns: int
    source: str


def latest_block(asker: Asker, fixed_ns: int | None) -> Instant:
    """The instant given, or of the chain's own routes, or of `Date`, which is the wall clock and not the chain's."""
    if fixed_ns is not None:
        return Instant(fixed_ns, 0, "the block time that was given")
    for path, way in _ROUTES.items():
        found = nanoseconds(_dig(asker.get(path).json(), way))
        if found is not None:
            return Instant(found, 10 * _NS, path)
    # Blocks may fall behind the wall clock: what is sent as too old has to be too old then as well.
    return Instant(_date_ns(asker), 25 * _NS, "the Date header")


_ROUTES: Final[Mapping[str, tuple[str, ...]]] = {
    "/chain-rpc/status": ("result", "sync_info", "latest_block_time"),
    "/chain-api/cosmos/base/tendermint/v1beta1/blocks/latest": ("block", "header", "time"),
}


def nanoseconds(text: object) -> int | None:
    """RFC 3339 in UTC as nanoseconds since the epoch; None for anything else."""
    match = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    seconds = calendar.timegm(time.strptime(match[1], "%Y-%m-%dT%H:%M:%S"))
    return seconds * _NS + int((match[2] or "").ljust(9, "0"))


def _date_ns(asker: Asker, now_ns: Callable[[], int] = time.time_ns) -> int:
    try:
        stamp = parsedate_to_datetime(asker.get("/v1/status").header("Date"))
    except ValueError:
        return now_ns()
    return int(stamp.timestamp()) * _NS


def _dig(value: Any, way: tuple[str, ...]) -> object:
    for name in way:
        value = value.get(name) if isinstance(value, dict) else None
    return value
