"""The shape of `messages` (`protocol.md` §4): in order, the first flaw in the node's own words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .go.json_value import Number

_ROLES: Final = ("developer", "system", "user", "assistant", "tool", "function")

_SPEAKERS: Final = ("developer", "system", "user")


class ShapeError(ValueError):
    """`str()` is the validator's text."""


def require_messages(messages: Any) -> None:
    """Raise `ShapeError` for the first message that is not as OpenAI has it."""
    if not isinstance(messages, (list, tuple)):
        raise ShapeError("messages must be an array")
    open_calls: set[str] = set()
    for i, message in enumerate(messages):
        if _is_ordinary(message):
            continue
        where = f"messages[{i}]"
        if not isinstance(message, dict):
            raise ShapeError(f"{where} must be an object")
        role = _text(message, "role", where)
        if role not in _ROLES:
            raise ShapeError(f'{where}.role has unsupported value "{role}"')
        _require_role(role, message, where, open_calls)


def _is_ordinary(message: Any) -> bool:
    """Whether it is text said by the user or to the model, and nothing else: most are, and need no further look."""
    if type(message) is not dict or len(message) != 2 or message.get("role") not in _SPEAKERS:
        return False
    content = message.get("content")
    return type(content) is str and not content.isspace() and content != ""


def _require_role(role: str, message: Mapping[str, Any], where: str, open_calls: set[str]) -> None:
    if role == "assistant":
        _assistant(message, where, open_calls)
    elif role == "tool":
        _tool(message, where, open_calls)
    elif role == "function":
        _text(message, "name", where)
        _content(message, where)
    else:
        _forbid(message, where, "tool_calls", "tool_call_id", "function_call")
        _content(message, where)


def _assistant(message: Mapping[str, Any], where: str, open_calls: set[str]) -> None:
    _forbid(message, where, "tool_call_id")
    if "tool_calls" in message:
        open_calls |= _tool_calls(message["tool_calls"], f"{where}.tool_calls")
    if "function_call" in message:
        call = message["function_call"]
        if not isinstance(call, dict):
            raise ShapeError(f"{where}.function_call must be an object")
        _named_with_arguments(call, f"{where}.function_call")
    if message.get("content") is not None:
        _content(message, where)
    elif "tool_calls" not in message and "function_call" not in message:
        raise ShapeError(f"{where}.content: is required unless tool_calls or function_call is provided")


def _tool_calls(calls: Any, where: str) -> set[str]:
    if not isinstance(calls, list):
        raise ShapeError(f"{where} must be an array")
    if not calls:
        raise ShapeError(f"{where} must not be empty")
    seen: set[str] = set()
    for j, call in enumerate(calls):
        seen.add(_tool_call(call, f"{where}[{j}]", seen))
    return seen


def _tool_call(call: Any, where: str, seen: set[str]) -> str:
    if not isinstance(call, dict):
        raise ShapeError(f"{where} must be an object")
    identity = _text(call, "id", where)
    if identity in seen:
        raise ShapeError(f"{where}.id is duplicated")
    if _text(call, "type", where) != "function":
        raise ShapeError(f'{where}.type must be "function"')
    function = call.get("function")
    if function is None:
        raise ShapeError(f"{where}.function is required")
    if not isinstance(function, dict):
        raise ShapeError(f"{where}.function must be an object")
    _named_with_arguments(function, f"{where}.function")
    return identity


def _named_with_arguments(function: Mapping[str, Any], where: str) -> None:
    _text(function, "name", where)
    arguments = function.get("arguments")
    if arguments is not None and not _is_text(arguments):
        raise ShapeError(f"{where}.arguments: must be a string")


def _tool(message: Mapping[str, Any], where: str, open_calls: set[str]) -> None:
    _forbid(message, where, "tool_calls", "function_call", "name")
    identity = _text(message, "tool_call_id", where)
    if identity not in open_calls:
        raise ShapeError(f"{where}.tool_call_id does not match any previous assistant tool_calls")
    open_calls.discard(identity)
    _content(message, where)


def _content(message: Mapping[str, Any], where: str) -> None:
    content = message.get("content")
    if content is None:
        raise ShapeError(f"{where}.content: is required")
    if _is_text(content):
        if not content.strip():
            raise ShapeError(f"{where}.content: must not be empty")
    elif isinstance(content, list):
        if not content:
            raise ShapeError(f"{where}.content: must not be empty")
        for j, part in enumerate(content):
            _part(part, f"{where}.content: [{j}]")
    else:
        raise ShapeError(f"{where}.content: must be a string or an array of typed content parts")


def _part(part: Any, where: str) -> None:
    if not isinstance(part, dict):
        raise ShapeError(f"{where} must be an object")
    kind = _text(part, "type", where)
    if kind == "text":
        _text(part, "text", where)


def _text(fields: Mapping[str, Any], name: str, where: str) -> str:
    value = fields.get(name)
    if value is None:
        raise ShapeError(f"{where}.{name}: is required")
    if not _is_text(value):
        raise ShapeError(f"{where}.{name}: must be a string")
    if not value.strip():
        raise ShapeError(f"{where}.{name}: must not be empty")
    text: str = value
    return text


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Number)


def _forbid(message: Mapping[str, Any], where: str, *names: str) -> None:
    for name in names:
        if name in message:
            raise ShapeError(f"{where}: {name} is not allowed for this role")
