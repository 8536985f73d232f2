"""From a name and fields, which may come from JSON, to a fault that is sound. Every refusal says what to change."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, TypeGuard

from .catalogue import CATALOGUE
from .records import MATCH_FIELDS, Connection, Effect, Fault, FaultError, Match, Parameter, Value

_MOST: Final = 2**53
"""The largest integer that every JSON reader reads exactly."""
_NTH_MOST: Final = 1000
_KINDS: Final = {int: "an integer", float: "a number", str: "a text", bool: "true or false"}


def effect_named(name: object) -> Effect:
    """Raises `FaultError` with the nearest name and all that exist."""
    if isinstance(name, str) and name in CATALOGUE:
        return CATALOGUE[name]
    near = difflib.get_close_matches(str(name), CATALOGUE, 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise FaultError("name", f"there is no fault {name!r}; {hint}choose one of: {', '.join(sorted(CATALOGUE))}")


def sound_fault(number: int, name: object, fields: Mapping[str, Any]) -> Fault:
    """A fault whose id is its name and that number; `fields` are parameters and fields of `Match`, of which None counts
    as not given. Raises `FaultError`."""
    effect = effect_named(name)
    match = {key: value for key, value in fields.items() if key in MATCH_FIELDS and value is not None}
    rest = {key: value for key, value in fields.items() if key not in MATCH_FIELDS}
    return Fault(f"{effect.name}-{number}", effect.name, _parameters(effect, rest), _match(effect, match))


def _parameters(effect: Effect, given: Mapping[str, Any]) -> dict[str, Value]:
    for name in given:
        if name not in effect.parameters:
            raise FaultError(name, _unknown(effect, name))
    return {
        name: checked(name, given[name], parameter) if name in given else parameter.default
        for name, parameter in effect.parameters.items()
    }


def _unknown(effect: Effect, name: str) -> str:
    near = difflib.get_close_matches(str(name), [*effect.parameters, *MATCH_FIELDS], 1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    known = f"its parameters are: {', '.join(effect.parameters)}" if effect.parameters else "it has no parameters"
    return f"{effect.name} has no field {name!r}; {hint}{known}; every fault also takes: {', '.join(MATCH_FIELDS)}"


def checked(name: str, value: object, parameter: Parameter) -> Value:
    """The value of a parameter, of its type and within its bounds. Raises `FaultError`."""
    if parameter.type in (int, float):
        return _number(name, value, parameter)
    if parameter.type is bool:
        if not isinstance(value, bool):
            raise _ill_typed(name, value, bool)
        return value
    return _text(name, str(value) if parameter.digits and _is_integer(value) else value, parameter)


def _number(name: str, value: object, parameter: Parameter) -> int | float:
    whole = parameter.type is int
    if not _is_integer(value) and (whole or not isinstance(value, float) or not math.isfinite(value)):
        raise _ill_typed(name, value, parameter.type)
    assert isinstance(value, int | float)
    low, high = parameter.minimum, parameter.maximum
    if (low is not None and value < low) or (high is not None and value > high):
        raise FaultError(name, f"{name} is {value}; give {_KINDS[parameter.type]} from {low:g} to {high:g}")
    return value if whole else float(value)


def _text(name: str, value: object, parameter: Parameter) -> str:
    if not isinstance(value, str):
        raise _ill_typed(name, value, str)
    if parameter.choices and value not in parameter.choices:
        raise FaultError(name, f"{name} is {value!r}; choose one of: {', '.join(parameter.choices)}")
    if parameter.maximum is not None and len(value) > parameter.maximum:
        raise FaultError(name, f"{name} has {len(value)} characters; shorten it to {parameter.maximum:g}")
    if parameter.one_line and not (value.isascii() and value.isprintable()):
        raise FaultError(name, f"{name} goes into a header; use printable ASCII characters only, without line breaks")
    return value


def _match(effect: Effect, given: dict[str, Any]) -> Match:
    if isinstance(effect, Connection):
        _require_only_node(effect, given)
    for name in ("route", "model"):
        if name in given and not isinstance(given[name], str):
            raise _ill_typed(name, given[name], str)
    for name in ("every", "first", "times"):
        _require_integer(name, given, 1)
    _require_integer("seed", given, -_MOST)
    _require_stream(effect, given)
    _require_node(given)
    _require_probability(given)
    if "nth" in given:
        given["nth"] = _nth(given["nth"])
    return Match(**{"route": effect.route, **given})


def _require_only_node(effect: Effect, given: Iterable[str]) -> None:
    other = next((name for name in given if name != "node"), None)
    if other is not None:
        raise FaultError(
            other, f"{effect.name} closes a port and sees no request; leave {other} out, only node selects"
        )


def _require_integer(name: str, given: Mapping[str, Any], minimum: int) -> None:
    if name not in given:
        return
    if not _is_integer(given[name]):
        raise _ill_typed(name, given[name], int)
    if not minimum <= given[name] <= _MOST:
        raise FaultError(name, f"{name} is {given[name]}; give an integer from {minimum} to {_MOST}")


def _require_stream(effect: Effect, given: Mapping[str, Any]) -> None:
    stream = given.get("stream", True)
    if not isinstance(stream, bool):
        raise _ill_typed("stream", stream, bool)
    if effect.fits == "stream" and not stream:
        raise FaultError("stream", f"{effect.name} changes streams only; leave stream out, or choose another fault")


def _require_node(given: Mapping[str, Any]) -> None:
    node = given.get("node", 1)
    if not (isinstance(node, str) and node) and not (_is_integer(node) and node >= 1):
        raise FaultError("node", f"node is {node!r}; give its number (from 1), its URL or its provider address")


def _require_probability(given: dict[str, Any]) -> None:
    if "probability" in given:
        bounds = Parameter(float, 1.0, 0, 1, "")
        given["probability"] = _number("probability", given["probability"], bounds)


def _nth(value: object) -> tuple[int, ...]:
    """Counts of requests, in order, each once; one integer is as good as a list of it."""
    counts = [value] if _is_integer(value) else value
    if not isinstance(counts, Sequence) or isinstance(counts, str | bytes) or not 1 <= len(counts) <= _NTH_MOST:
        raise FaultError("nth", f"nth is {value!r}; give a list of 1 to {_NTH_MOST} integers from 1")
    if not all(_is_integer(one) and 1 <= one <= _MOST for one in counts):
        raise FaultError("nth", "nth holds something else than counts of requests; give integers from 1")
    return tuple(sorted(set(counts)))


def _is_integer(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)


def _ill_typed(name: str, value: object, wanted: type) -> FaultError:
    return FaultError(name, f"{name} is {type(value).__name__} {str(value)[:80]!r}; give {_KINDS[wanted]}")
