"""This machine's clock against the chain's blocks, by which a node judges timestamps (`protocol.md` §3.5, §6.7).

A block may be old because the chain is slow, or look old because our clock is fast. The header `Date` tells them apart:
it is the node's wall clock, and does not stand still with the chain.
"""

from __future__ import annotations

from typing import Any, Final

from gonka_core import chaintime
from gonka_core.endpoints import Endpoint
from gonka_core.numbers import whole

from . import chain
from .findings import Finding, ok, unknown, wrong
from .patient import Patient

_SECOND: Final = 1_000_000_000
AHEAD_S: Final = 30.0
"""How much younger than the latest block a timestamp may be, on mainnet."""
BEHIND_S: Final = 60.0
"""How much older."""
_APART_S: Final = 10.0
"""What two wall clocks may differ by before one of them is called wrong."""

_SET: Final = "set this machine's clock: timedatectl set-ntp true (Windows: w32tm /resync)"


def clock(patient: Patient) -> Finding:
    """The offset between a timestamp of now and the latest block, against the window of 60 s and 30 s."""
    readers = list(patient.readers())
    for endpoint in readers:
        block = chain.latest_block(patient, endpoint)
        if block is not None:
            return _judged(patient, block)
    for endpoint in readers:
        found = _by_date(patient, endpoint)
        if found is not None:
            return found
    return unknown("clock", f"nobody tells the time of the chain's blocks: {patient.nobody()}")


def _judged(patient: Patient, block: chain.Block) -> Finding:
    ahead, behind = _window(patient)
    offset = (block.local_ns - block.time_ns) / _SECOND
    ours = None if block.date_ns is None else (block.local_ns - block.date_ns) / _SECOND
    facts: dict[str, Any] = {
        "ahead_of_block_s": round(offset, 3),
        "ahead_of_date_s": None if ours is None else round(ours, 3),
    }
    if block.catching_up:
        return wrong(
            "clock",
            f"{block.source} is catching up: its latest block is {_span(offset)} old, and the chain's are newer",
            "use another endpoint until it has caught up",
            **facts,
        )
    if -behind <= offset <= ahead:
        return ok("clock", f"this machine's clock is {_side(offset)} the latest block: inside the window", **facts)
    if ours is None or abs(ours) > _APART_S:
        return _our_fault(offset if ours is None else ours, **facts)
    late = f"lags: the latest block at {block.source} is {_span(offset)} old"
    early = f"is early: the latest block at {block.source} is {_span(offset)} ahead"
    return wrong(
        "clock",
        f"the chain {late if offset > 0 else early}, while this machine's clock agrees with the node's",
        "wait for blocks of the present, or use another endpoint; a client learns the offset, at one refusal each",
        **facts,
    )


def _by_date(patient: Patient, endpoint: Endpoint) -> Finding | None:
    """Without block time: a wall clock that is far from the node's is wrong, one that is near says little."""
    heard = patient.asker.read(endpoint, "/health")
    date = chaintime.date_of(heard.headers)
    if date is None:
        return None
    ours = (heard.local_ns - date) / _SECOND
    if not -BEHIND_S <= ours <= AHEAD_S:
        return _our_fault(ours, ahead_of_date_s=round(ours, 3))
    return unknown(
        "clock",
        f"nobody tells the time of the chain's blocks: {patient.nobody()}; "
        f"this machine's clock is {_side(ours)} the node's",
        ahead_of_date_s=round(ours, 3),
    )


def _our_fault(offset: float, **facts: Any) -> Finding:
    return wrong("clock", f"this machine's clock is {_side(offset)} the network's", _SET, **facts)


def _window(patient: Patient) -> tuple[float, float]:
    """Seconds that a timestamp may be ahead of, and behind, the latest block: the chain's own, if they are told."""
    told = chain.table(chain.params(patient) or {}, "validation_params")
    found = []
    for name, usual in (("timestamp_advance", AHEAD_S), ("timestamp_expiration", BEHIND_S)):
        seconds = whole(told.get(name))
        found.append(usual if seconds is None else float(seconds or 10))
    return found[0], found[1]


def _side(seconds: float) -> str:
    return f"{_span(seconds)} {'ahead of' if seconds >= 0 else 'behind'}"


def _span(seconds: float) -> str:
    away = abs(seconds)
    if away >= 7200:
        return f"{away / 3600:.1f} h"
    return f"{away:.1f} s"
