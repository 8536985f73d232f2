"""Why a timestamp is outside the window around block time (`protocol.md` §3.5): the rule `timestamp`, in numbers."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from .evidence import Diagnosis, Evidence
from .stamps import UNITS, flaw, unit_of
from .wording import describe

_SECOND: Final = UNITS["seconds"]
_HALF_HOUR: Final = 1800
_ZONES: Final = 14 * 3600
_SLACK: Final = 60


def diagnose_timestamp(evidence: Evidence) -> Diagnosis:
    """Whether the number is in another unit, or the right unit at the wrong time."""
    visible = flaw(evidence.timestamp_text, evidence.timestamp_ns, evidence.block_time_ns)
    if visible:
        explanation, step = describe(visible, {})
        return Diagnosis(visible, f"{explanation}{_as_unit(evidence)}", step, True)
    if unit_of(evidence.timestamp_ns, evidence.block_time_ns) is None:
        return _no_time(evidence)
    return _off(evidence)


def _as_unit(evidence: Evidence) -> str:
    unit = unit_of(evidence.timestamp_ns, evidence.block_time_ns)
    if unit is None:
        return ""
    as_ns, as_unit = (_distance(evidence.block_time_ns - evidence.timestamp_ns * size) for size in (1, UNITS[unit]))
    return (
        f" Read as nanoseconds, {evidence.timestamp_ns} lies {as_ns} block time; read as {unit} it lies {as_unit} "
        "block time."
    )


def _no_time(evidence: Evidence) -> Diagnosis:
    away = _distance(evidence.block_time_ns - evidence.timestamp_ns)
    return Diagnosis(
        ("timestamp-no-time",),
        f"{evidence.timestamp_ns} is a time of these years in no unit: as nanoseconds since 1970 it lies {away} block "
        "time. A clock that counts from another moment, such as a monotonic one, gives numbers like this.",
        "Read the wall clock, in nanoseconds since 1970.",
        True,
    )


def _off(evidence: Evidence) -> Diagnosis:
    late = evidence.block_time_ns - evidence.timestamp_ns
    zone = _zone_hint(late)
    if late > 0:
        cause = "The client's clock is slow, or the request was signed long before it was sent or sent again later."
        ids = ("timestamp-behind",)
        step = "Set the clock (NTP), and sign each attempt anew, right before it is sent."
    else:
        cause = "The client's clock is fast, or the chain stands still."
        ids = ("timestamp-ahead",)
        step = "Set the clock (NTP); if it is right, wait for the chain or ask another node."
    text = f"The timestamp is in nanoseconds and lies {_distance(late)} block time. {cause}{zone}"
    return Diagnosis(ids, text, step, True)


def _zone_hint(late_ns: int) -> str:
    seconds = abs(late_ns) // _SECOND
    nearest = (seconds + _HALF_HOUR // 2) // _HALF_HOUR * _HALF_HOUR
    if 0 < nearest <= _ZONES and abs(seconds - nearest) <= _SLACK:
        return f" The distance is close to {nearest / 3600:g} h, as when local time is taken for UTC."
    return ""


def _distance(late_ns: int) -> str:
    """`12.5 s behind`: how far in front of block time or behind it."""
    seconds = abs(late_ns) / _SECOND
    amount = f"{seconds:.3f} s" if seconds < 86_400 else f"{_days(seconds)} days"
    return f"{amount} {'behind' if late_ns >= 0 else 'ahead of'}"


def _days(seconds: float) -> str:
    return f"{min(seconds, timedelta.max.total_seconds()) / 86_400:.0f}"
