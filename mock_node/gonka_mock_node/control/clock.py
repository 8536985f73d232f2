"""`/mock/clock`: read it, stop it, move it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from gonka_mock_node.chain.clock import BlockClock

from .calls import Answer, Call, ControlError, Route, json_route
from .fields import LARGEST, Fields, payload_fields
from .overview import clock_object

_LONGEST_S: Final = 10.0**9
"""Thirty years: what is added to the present stays within 64 bits of nanoseconds."""
_WAYS: Final = ("freeze", "thaw", "advance_s", "lag_s", "jump_s")


def _read(call: Call) -> Answer:
    return Answer(clock_object(call.network.chain.clock))


def _write(call: Call) -> Answer:
    fields = payload_fields(call)
    clock = call.network.chain.clock
    changes = [change for name in _WAYS if (change := _change(clock, fields, name)) is not None]
    fields.require_no_more()
    if len(changes) != 1:
        raise ControlError(400, f"{len(changes)} changes at once; send exactly one of: {', '.join(_WAYS)}")
    changes[0]()
    return _read(call)


def _change(clock: BlockClock, fields: Fields, name: str) -> Callable[[], None] | None:
    if name == "freeze":
        return _freeze(clock, fields)
    if name == "thaw":
        return clock.thaw if _is_true(fields, name) else None
    seconds = fields.number(name, 0 if name == "jump_s" else -_LONGEST_S, _LONGEST_S)
    if seconds is None:
        return None
    act = {"advance_s": clock.advance, "lag_s": clock.lag, "jump_s": clock.jump}[name]
    return lambda: act(seconds)


def _freeze(clock: BlockClock, fields: Fields) -> Callable[[], None] | None:
    try:
        return clock.freeze if _is_true(fields, "freeze") else None
    except ControlError:
        at_ns = fields.integer("freeze", 1, LARGEST)
        return lambda: clock.freeze(at_ns)


def _is_true(fields: Fields, name: str) -> bool:
    value = fields.flag(name)
    if value is False:
        raise ControlError(400, f"{name} can only be true; leave it out, or send the opposite change", name)
    return value is True


ROUTES: Final[tuple[Route, ...]] = (json_route("GET", "clock", _read), json_route("POST", "clock", _write))
