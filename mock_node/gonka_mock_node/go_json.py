"""JSON as Go's `encoding/json` reads it into a struct, with the words of its errors (`protocol.md` §3.3).

Field names match in any case, the last of several wins, `null` leaves a field alone, and a number that is not an
integer of 32 bits is named as it was written. Everything else of the payload is kept as plain Python values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from . import go_json_syntax

_STRUCT: Final = "OpenAiRequest"
_INTEGERS: Final = ("seed", "max_tokens", "max_completion_tokens")
_INT32: Final = range(-(2**31), 2**31)


class GoJsonError(ValueError):
    """`str()` is Go's own text."""


class Number(str):
    """A JSON number in the digits that it was written in."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class ChatFields:
    """What a node reads of a chat request: absent fields are empty or zero, as in Go. `data` is the whole object."""

    model: str = ""
    seed: int = 0
    max_tokens: int = 0
    max_completion_tokens: int = 0
    messages: tuple[Any, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)


def parse(body: bytes) -> Any:
    """The JSON value in `body`; numbers as `Number`, objects as dicts in which the last of equal names wins.

    Raises `GoJsonError`.
    """
    try:
        return json.loads(
            body.decode("utf-8", "replace"), parse_int=Number, parse_float=Number, parse_constant=_no_constant
        )
    except RecursionError:
        raise GoJsonError("exceeded max depth") from None
    except ValueError as error:
        raise GoJsonError(go_json_syntax.flaw(body) or str(error)) from None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def chat_fields(body: bytes) -> ChatFields:
    """The body of a chat request. Raises `GoJsonError`."""
    value = parse(body)
    if value is None:
        return ChatFields()
    if not isinstance(value, dict):
        raise GoJsonError(f"json: cannot unmarshal {_kind(value)} into Go value of type public.{_STRUCT}")
    found = {name.lower(): item for name, item in value.items() if item is not None}
    return ChatFields(
        model=_string(found, "model"),
        messages=_messages(found),
        data=value,
        **{name: _int32(found, name) for name in _INTEGERS},
    )


def _string(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name, "")
    if isinstance(value, Number) or not isinstance(value, str):
        _mismatch(value, name, "string")
    return value


def _int32(found: Mapping[str, Any], name: str) -> int:
    value = found.get(name, Number("0"))
    if not isinstance(value, Number):
        _mismatch(value, name, "int32")
    try:
        number = int(value)
    except ValueError:
        _mismatch(value, name, "int32")
    if number not in _INT32:
        _mismatch(value, name, "int32")
    return number


def _messages(found: Mapping[str, Any]) -> tuple[Any, ...]:
    value = found.get("messages", [])
    if not isinstance(value, list):
        _mismatch(value, "messages", "[]public.OpenAiMessage")
    for message in value:
        _require_message(message)
    return tuple(value)


def _require_message(message: Any) -> None:
    if message is None:
        message = {}
    if not isinstance(message, dict):
        raise GoJsonError(f"json: cannot unmarshal {_kind(message)} into Go value of type public.OpenAiMessage")
    role = message.get("role")
    if isinstance(role, Number) or not isinstance(role, str) or not role.strip():
        raise GoJsonError("message role must be a non-empty string")
    content = message.get("content")
    if isinstance(content, Number) or not isinstance(content, str | list | None):
        raise GoJsonError("message content must be a string or an array of typed content parts")


def _mismatch(value: Any, name: str, wanted: str) -> NoReturn:
    kind = f"number {value}" if isinstance(value, Number) and wanted != "string" else _kind(value)
    raise GoJsonError(f"json: cannot unmarshal {kind} into Go struct field {_STRUCT}.{name} of type {wanted}")


def _kind(value: Any) -> str:
    if isinstance(value, Number):
        return "number"
    kinds = {bool: "bool", str: "string", list: "array", dict: "object"}
    return kinds[type(value)]
