"""As much of protobuf as an ICS23 proof needs, from the encoding guide: varints and length-delimited fields."""

from __future__ import annotations

from collections.abc import Iterator


class MalformedError(ValueError):
    """Bytes that are no message."""


def varint(number: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    head, rest = number & 0x7F, number >> 7
    return bytes([head | 0x80]) + varint(rest) if rest else bytes([head])


def framed(data: bytes) -> bytes:
    """Bytes behind their length."""
    return varint(len(data)) + data


def number_field(field: int, value: int) -> bytes:
    """Nothing for 0, as in proto3."""
    return varint(field << 3) + varint(value) if value else b""


def bytes_field(field: int, value: bytes) -> bytes:
    return varint(field << 3 | 2) + framed(value)


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """Numbers and values of a message. Raises `MalformedError` for bytes that end too early and other wire types."""
    while data:
        key, data = _number(data)
        value, data = _number(data)
        if key & 7 == 0:
            yield key >> 3, value
        elif key & 7 == 2 and value <= len(data):
            yield key >> 3, data[:value]
            data = data[value:]
        else:
            raise MalformedError("a field of another type, or one that is cut short")


def _number(data: bytes) -> tuple[int, bytes]:
    for at, byte in enumerate(data[:10]):
        if byte < 0x80:
            return sum((part & 0x7F) << 7 * place for place, part in enumerate(data[: at + 1])), data[at + 1 :]
    raise MalformedError("a number that does not end")
