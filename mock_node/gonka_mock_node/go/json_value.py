"""JSON as Go's `encoding/json` reads it into a struct, with the words of its errors (`protocol.md` §3.3).

Field names match in any case, the last of several wins, `null` leaves a field alone, and a number that is not an
integer of 32 bits is named as it was written. Everything else of the payload is kept as plain Python values.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final, NoReturn

from . import json_syntax as go_json_syntax

_STRUCT: Final = "OpenAiRequest"
_INT32: Final = range(-(2**31), 2**31)
_CONTENT: Final = (str, list, type(None))


class GoJsonError(ValueError):
    """`str()` is Go's own text."""


class Number(str):
    """A JSON number in the digits that it was written in."""

    __slots__ = ()


@dataclass(slots=True)
class ChatFields:
    """What a node reads of a chat request: absent fields are empty or zero, as in Go. `data` is the whole object.

    Nobody changes one; it is not frozen because one is made for each request, which would take three times as long.
    """

    model: str = ""
    seed: int = 0
    max_tokens: int = 0
    max_completion_tokens: int = 0
    messages: tuple[Any, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class CompletionsFields:
    """What a node reads of a `/v1/completions` request; `prompts` are one text, or the texts of a list."""

    model: str = ""
    seed: int = 0
    max_tokens: int = 0
    prompts: tuple[str, ...] = ()
    data: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def as_chat(self) -> ChatFields:
        """The chat request that a node makes of it, for its estimates (`protocol.md` §3.10)."""
        messages = tuple({"role": "user", "content": prompt} for prompt in self.prompts[:1])
        return ChatFields(self.model, self.seed, self.max_tokens, self.max_tokens, messages, self.data)


def parse(body: bytes) -> Any:
    """The JSON value in `body`; numbers as `Number`, objects as dicts in which the last of equal names wins.

    Raises `GoJsonError`.
    """
    try:
        return _value(body.decode("utf-8", "replace"))
    except RecursionError:
        raise GoJsonError("exceeded max depth") from None
    except ValueError as error:
        raise GoJsonError(go_json_syntax.flaw(body) or str(error)) from None


def _value(text: str) -> Any:
    """What `decode` says. It looks for white space around the value, which takes as long again where there is none."""
    try:
        value, end = _DECODER.raw_decode(text)
    except ValueError:
        return _DECODER.decode(text)
    return value if end == len(text) else _DECODER.decode(text)


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


_DECODER: Final = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=_no_constant)


def chat_fields(body: bytes, *, content_parts: bool = True) -> ChatFields:
    """The body of a chat request. Raises `GoJsonError`.

    Without `content_parts` the content of a message has to be a string, as it had before v0.2.12.
    """
    value, found = _object(body, _STRUCT)
    model, messages, seed = _string(found, "model"), _messages(found, content_parts), _int32(found, "seed")
    most, most_completion = _int32(found, "max_tokens"), _int32(found, "max_completion_tokens")
    return ChatFields(model, seed, most, most_completion, messages, value)


def completions_fields(body: bytes) -> CompletionsFields:
    """The body of a `/v1/completions` request.

    Raises `GoJsonError`, whose text no client sees (`protocol.md` §3.10).
    """
    value, found = _object(body, "CompletionsRequest")
    prompt = found.get("prompt", [])
    prompts = prompt if isinstance(prompt, list) else [prompt]
    if not all(_is_string(item) for item in prompts):
        raise GoJsonError("prompt must be a string or an array of strings")
    return CompletionsFields(
        model=_string(found, "model"),
        seed=_int32(found, "seed"),
        max_tokens=_int32(found, "max_tokens"),
        prompts=tuple(prompts),
        data=value,
    )


def _object(body: bytes, struct: str) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """The object as it is, and its fields under lower-case names without those that are null."""
    value = parse(body)
    if value is None:
        return {}, {}
    if not isinstance(value, dict):
        raise GoJsonError(f"json: cannot unmarshal {_kind(value)} into Go value of type public.{struct}")
    return value, {name.lower(): item for name, item in value.items() if item is not None}


def _string(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name, "")
    if not _is_string(value):
        _mismatch(value, name, "string")
    return str(value)


def _int32(found: Mapping[str, Any], name: str) -> int:
    if name not in found:
        return 0
    value = found[name]
    if not isinstance(value, Number):
        _mismatch(value, name, "int32")
    try:
        number = int(value)
    except ValueError:
        _mismatch(value, name, "int32")
    if number not in _INT32:
        _mismatch(value, name, "int32")
    return number


def _messages(found: Mapping[str, Any], content_parts: bool) -> tuple[Any, ...]:
    value = found.get("messages", [])
    if not isinstance(value, list):
        _mismatch(value, "messages", "[]public.Message")
    for message in value:
        (_require_message if content_parts else _require_plain_message)(message)
    return tuple(value)


def _require_plain_message(message: Any) -> None:
    """What a message had to be while role and content were two Go strings (`protocol.md` §3.11)."""
    if message is None:
        return
    if not isinstance(message, dict):
        _mismatch(message, "messages", "public.Message")
    for name, value in message.items():
        if name.lower() in ("role", "content") and value is not None and not _is_string(value):
            where = f"Message.messages.{name.lower()}"
            raise GoJsonError(f"json: cannot unmarshal {_kind(value)} into Go struct field {where} of type string")


def _is_string(value: Any) -> bool:
    return isinstance(value, str) and not isinstance(value, Number)


def _require_message(message: Any) -> None:
    if message is None:
        message = {}
    if not isinstance(message, dict):
        raise GoJsonError(f"json: cannot unmarshal {_kind(message)} into Go value of type public.Message")
    role = message.get("role")
    if not _is_string(role) or not str(role).strip():
        raise GoJsonError("message role must be a non-empty string")
    content = message.get("content")
    if isinstance(content, Number) or not isinstance(content, _CONTENT):
        raise GoJsonError("message content must be a string or an array of typed content parts")


def _mismatch(value: Any, name: str, wanted: str) -> NoReturn:
    kind = f"number {value}" if isinstance(value, Number) and wanted != "string" else _kind(value)
    raise GoJsonError(f"json: cannot unmarshal {kind} into Go struct field {_STRUCT}.{name} of type {wanted}")


def _kind(value: Any) -> str:
    if isinstance(value, Number):
        return "number"
    kinds = {bool: "bool", str: "string", list: "array", dict: "object"}
    return kinds[type(value)]
