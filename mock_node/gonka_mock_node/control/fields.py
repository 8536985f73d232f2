"""The fields of a call, read one by one: each has a type and bounds, and what was not read is an error."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any, Final

from .calls import Call, ControlError

LARGEST: Final = 2**63 - 1
"""The largest integer of Go's int64."""


class Fields:
    """Reads the fields of a JSON object. Absent fields, and null unless said otherwise, are None.

    Every method raises `ControlError` (400) naming the field. Values are never repeated in a message: one of them may
    be something that must not be shown.
    """

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)
        self._known: list[str] = []

    def has(self, name: str) -> bool:
        return name in self._values

    def integer(self, name: str, minimum: int = 0, maximum: int = LARGEST) -> int | None:
        value = self._take(name)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and minimum <= value <= maximum:
            return value
        raise _wrong(name, f"give an integer from {minimum} to {maximum}")

    def number(self, name: str, minimum: float, maximum: float) -> float | None:
        value = self._take(name)
        if value is None:
            return None
        if isinstance(value, int | float) and not isinstance(value, bool) and minimum <= value <= maximum:
            return float(value)
        raise _wrong(name, f"give a number from {minimum:g} to {maximum:g}")

    def text(self, name: str) -> str | None:
        value = self._take(name)
        if value is None or isinstance(value, str):
            return value
        raise _wrong(name, "give a text")

    def texts(self, name: str) -> list[str] | None:
        value = self._take(name)
        if value is None or (isinstance(value, list) and all(isinstance(item, str) for item in value)):
            return value
        raise _wrong(name, "give a list of texts")

    def flag(self, name: str) -> bool | None:
        value = self._take(name)
        if value is None or isinstance(value, bool):
            return value
        raise _wrong(name, "give true or false")

    def require_no_more(self, *others: str) -> None:
        """Raises for a field that nobody reads; `others` are read elsewhere. Call it before anything is changed."""
        names = [*dict.fromkeys((*self._known, *others))]
        unknown = next((name for name in self._values if name not in names), None)
        if unknown is None:
            return
        near = difflib.get_close_matches(unknown, names, 1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        known = f"choose from: {', '.join(names)}" if names else "leave it out"
        raise ControlError(400, f"there is no field {unknown[:80]!r} here; {hint}{known}", unknown[:80])

    def _take(self, name: str) -> Any:
        self._known.append(name)
        return self._values.get(name)


def payload_fields(call: Call) -> Fields:
    """The fields of the body, which has to be there."""
    if call.payload is None:
        raise ControlError(400, "the body is missing; send a JSON object")
    return Fields(call.payload)


def query_fields(call: Call) -> Fields:
    """The fields of the query: what looks like an integer is one, `true` and `false` are flags."""
    return Fields({name: _plain(value) for name, value in call.query.items()})


def _plain(value: str) -> object:
    if value.isascii() and value.isdecimal() and len(value) <= 18:
        return int(value)
    return {"true": True, "false": False}.get(value, value)


def _wrong(name: str, next_step: str) -> ControlError:
    return ControlError(400, f"{name} cannot be that; {next_step}", name)
