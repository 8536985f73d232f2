"""Instants as Go, CometBFT and protobuf's JSON write them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final

from .protobuf import Message, message

_NS: Final = 10**9
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
ZERO_TIME_NS: Final = -62_135_596_800 * _NS
"""Go's zero time, the first instant of the year 1: no time at all."""


def rfc3339(instant_ns: int) -> str:
    """Whole seconds, as Go's `time.RFC3339`."""
    return (_EPOCH + timedelta(seconds=instant_ns // _NS)).isoformat().replace("+00:00", "Z")


def rfc3339_nano(instant_ns: int) -> str:
    """With the fraction of a second as far as it goes, as Go's `time.RFC3339Nano`."""
    fraction = f".{instant_ns % _NS:09d}".rstrip("0").rstrip(".")
    return rfc3339(instant_ns).removesuffix("Z") + fraction + "Z"


def timestamp(instant_ns: int) -> Message:
    """protobuf's `Timestamp`: seconds and nanoseconds."""
    return message((1, "seconds", instant_ns // _NS), (2, "nanos", instant_ns % _NS))
