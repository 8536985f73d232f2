"""`X-Timestamp`: which unit a number is in, what is wrong with a text that is none, and what was signed instead."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Final

UNITS: Final = {"nanoseconds": 1, "microseconds": 10**3, "milliseconds": 10**6, "seconds": 10**9}
"""Nanoseconds of each."""
_INT64: Final = 2**63
_LONGEST: Final = 64
_FLAWS: Final[tuple[tuple[str, re.Pattern[str]], ...]] = (
    ("timestamp-negative", re.compile(r"-[0-9]+")),
    ("timestamp-decimal", re.compile(r"[+-]?(?:[0-9]+\.[0-9]*|\.[0-9]+)")),
    ("timestamp-exponent", re.compile(r"[+-]?[0-9]*\.?[0-9]*[eE][+-]?[0-9]+")),
    ("timestamp-iso", re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}.*")),
)


@dataclass(frozen=True, slots=True)
class Stamp:
    """A timestamp as it may have been signed, with the ids of what that means; `rank` is 0 for what is likeliest."""

    mistakes: tuple[str, ...]
    text: bytes
    rank: int


def unit_of(number: int, block_time_ns: int) -> str | None:
    """The unit in which a number is a time of these years, seen from block time; None where none fits."""
    fitting = (name for name, size in UNITS.items() if block_time_ns // 2 < number * size < block_time_ns * 2)
    return next(fitting, None)


def flaw(text: str, timestamp_ns: int, block_time_ns: int) -> tuple[str, ...]:
    """What is wrong with the header by itself: an id, or nothing."""
    if timestamp_ns > 0:
        unit = unit_of(timestamp_ns, block_time_ns)
        return () if unit in (None, "nanoseconds") else (f"timestamp-{unit}",)
    text = text.strip()
    if not text:
        return ("timestamp-missing",)
    return (next((name for name, shape in _FLAWS if shape.fullmatch(text)), "timestamp-unusable"),)


def signed_stamps(text: str, timestamp_ns: int, block_time_ns: int) -> tuple[Stamp, ...]:
    """What may stand for the timestamp in the signed message; the node's own reading is the first."""
    visible = flaw(text, timestamp_ns, block_time_ns)
    if timestamp_ns > 0:
        found = _of_number(visible, text, timestamp_ns, block_time_ns)
    else:
        found = _of_text(visible, text.strip(), block_time_ns)
    kept: dict[bytes, Stamp] = {}
    for stamp in found:
        kept.setdefault(stamp.text, stamp)
    return tuple(kept.values())


def _of_number(visible: tuple[str, ...], text: str, number: int, block_time_ns: int) -> Iterator[Stamp]:
    unit = unit_of(number, block_time_ns) or "nanoseconds"
    yield Stamp(visible, b"%d" % number, 0)
    for other, size in UNITS.items():
        ids = _units_apart(unit, other)
        for value in _converted(number * UNITS[unit], size):
            yield Stamp(ids, b"%d" % value, 1)
    yield Stamp((*visible, "timestamp-not-signed"), b"", 1)
    yield Stamp((*visible, "timestamp-spelling"), _bytes(text.strip()), 1)
    if unit == "nanoseconds":
        yield Stamp(("timestamp-decimal-signed",), repr(number / UNITS["seconds"]).encode(), 1)


def _units_apart(sent: str, signed: str) -> tuple[str, ...]:
    """The header in one unit, the message in another."""
    ids = () if sent == "nanoseconds" else (f"timestamp-{sent}-sent",)
    return ids if signed == "nanoseconds" else (*ids, f"timestamp-{signed}-signed")


def _converted(nanoseconds: int, size: int) -> Iterator[int]:
    """Cut off, and rounded up where a client rounds."""
    yield nanoseconds // size
    if size > 1 and nanoseconds % size:
        yield nanoseconds // size + 1


def _of_text(visible: tuple[str, ...], text: str, block_time_ns: int) -> Iterator[Stamp]:
    """A header that a node reads as no timestamp: it signs nothing in its place; the client may have signed more."""
    yield Stamp(visible, b"", 0)
    if len(text) <= _LONGEST:
        yield Stamp(visible, _bytes(text), 0)
        for value in _instants(text, block_time_ns):
            yield Stamp(visible, b"%d" % value, 1)


def _instants(text: str, block_time_ns: int) -> Iterator[int]:
    """The integers that such a text may stand for, in every unit."""
    number = _number(text)
    if number is None:
        return
    yield int(number)
    unit = unit_of(int(number), block_time_ns)
    if unit is None:
        return
    exact, rounded = int(number * UNITS[unit]), int(float(number) * UNITS[unit])
    for size in UNITS.values():
        yield from (exact // size, rounded // size)


def _number(text: str) -> Decimal | None:
    """A number below 2^63 out of a decimal, a number with an exponent or separators, or an ISO date (in seconds)."""
    try:
        number = Decimal(re.sub(r"[_, ']", "", text)) if not _FLAWS[3][1].fullmatch(text) else _seconds(text)
    except (InvalidOperation, ValueError, OverflowError):
        return None
    return number if number.is_finite() and 0 < number < _INT64 else None


def _seconds(text: str) -> Decimal:
    moment = datetime.fromisoformat(text)
    moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
    whole = moment - datetime(1970, 1, 1, tzinfo=UTC)
    return Decimal(whole.days * 86_400 + whole.seconds) + Decimal(whole.microseconds).scaleb(-6)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")
