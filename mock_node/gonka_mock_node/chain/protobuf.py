"""As much of protobuf as a proof needs: messages out to bytes and to two kinds of JSON, and a strict way back.

A message is written down once, as numbers, names and values; its bytes and its JSON come from the same record, so that
they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final, TypeAlias, Union

VARINT: Final = 0
FIXED64: Final = 1
BYTES: Final = 2
_UINT64: Final = 2**64

Single: TypeAlias = Union[int, str, bytes, "Message"]
Value: TypeAlias = Single | tuple[Single, ...]
"""A tuple is a repeated field."""


class ProtobufError(ValueError):
    """Bytes that are no message of the form that was asked for."""


@dataclass(frozen=True, slots=True)
class Field:
    """One field. `value` 0, empty or an empty tuple is not written, as in proto3; integers have 64 bits."""

    number: int
    name: str
    value: Value


@dataclass(frozen=True, slots=True)
class Message:
    """Fields in the order in which they are declared."""

    fields: tuple[Field, ...]


def message(*fields: tuple[int, str, Value]) -> Message:
    """A message from (number, name, value)."""
    return Message(tuple(Field(*each) for each in fields))


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first; negative numbers as two's complement of 64 bits."""
    number %= _UINT64
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*out, number])


def zigzag(number: int) -> bytes:
    """A varint in which the sign is the lowest bit, as Go's `binary.PutVarint` writes it."""
    return varint(number << 1 if number >= 0 else (-number << 1) - 1)


def delimited(data: bytes) -> bytes:
    """Bytes behind their length."""
    return varint(len(data)) + data


def fixed64(number: int, value: int) -> bytes:
    """A field of eight bytes, the lowest first; nothing where it is 0."""
    return tag(number, FIXED64) + value.to_bytes(8, "little", signed=True) if value else b""


def tag(number: int, wire_type: int) -> bytes:
    return varint(number << 3 | wire_type)


def encode(value: Message) -> bytes:
    """The bytes of a message."""
    return b"".join(_field(field) for field in value.fields)


def _field(field: Field) -> bytes:
    if isinstance(field.value, tuple):
        return b"".join(_single(field.number, item) for item in field.value)
    present = isinstance(field.value, Message) or field.value
    return _single(field.number, field.value) if present else b""


def _single(number: int, value: Single) -> bytes:
    if isinstance(value, int):
        return tag(number, VARINT) + varint(value)
    data = encode(value) if isinstance(value, Message) else value.encode() if isinstance(value, str) else value
    return tag(number, BYTES) + delimited(data)


def go_json(value: Message) -> dict[str, Any]:
    """As Go's `encoding/json` writes the struct: declaration order, numbers as numbers, nothing that is zero."""
    return {field.name: _go_value(field.value) for field in value.fields if field.value or _is_message(field.value)}


def _go_value(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_go_value(item) for item in value]
    return go_json(value) if isinstance(value, Message) else value


def proto_json(value: Message) -> dict[str, Any]:
    """As protobuf's JSON mapping writes it, put through a Go map: defaults too, sorted keys, numbers as strings."""
    return {field.name: _proto_value(field.value) for field in sorted(value.fields, key=lambda field: field.name)}


def _proto_value(value: Value) -> Any:
    if isinstance(value, tuple):
        return [_proto_value(item) for item in value]
    if isinstance(value, Message):
        return proto_json(value)
    return str(value) if isinstance(value, int) else value


def _is_message(value: Value) -> bool:
    return isinstance(value, Message)


def decode(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """The fields of a message: numbers, and integers or bytes. Raises `ProtobufError`, also for other wire types."""
    position = 0
    while position < len(data):
        key, position = _read_varint(data, position)
        value, position = _read_varint(data, position)
        if key & 7 == VARINT:
            yield key >> 3, value
        elif key & 7 == BYTES and position + value <= len(data):
            yield key >> 3, data[position : position + value]
            position += value
        else:
            raise ProtobufError("unexpected EOF" if key & 7 == BYTES else f"proto: illegal wireType {key & 7}")


def _read_varint(data: bytes, position: int) -> tuple[int, int]:
    number = 0
    for shift in range(0, 70, 7):
        if position == len(data):
            raise ProtobufError("unexpected EOF")
        byte = data[position]
        position += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            if number >= _UINT64 or (byte == 0 and shift):
                break
            return number, position
    raise ProtobufError("proto: integer overflow")
