"""Errors as the REST gateway of a Cosmos SDK chain answers them, and parameters as it reads them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from gonka_mock_node.reply import Reply, json_reply

_CODES: Final = {
    "Unknown": (2, 500),
    "InvalidArgument": (3, 400),
    "NotFound": (5, 404),
    "Unimplemented": (12, 501),
    "Unavailable": (14, 503),
}
_SIGNED: Final = re.compile(r"[+-]?[0-9]+", re.ASCII)
_PAGE: Final = 100
_MOST_DIGITS: Final = 4000


class ParameterError(ValueError):
    """A parameter that cannot be read; `str()` is what the gateway answers."""


def error(name: str, text: str) -> Reply:
    """An error under the name of a gRPC code."""
    code, status = _CODES[name]
    return json_reply(status, {"code": code, "message": text, "details": []})


def unavailable() -> Reply:
    """The node behind the gateway does not answer."""
    return error("Unavailable", "connection error: desc = error reading server preface: EOF")


def height(text: str) -> int:
    """The height in a path, an integer of 64 bits. Raises `ParameterError`."""
    return _integer("height", text, "ParseInt", range(-(2**63), 2**63))


def page(query: Mapping[str, str]) -> tuple[int, int]:
    """Which page is asked for, from 1, and how many fit on one: `pagination.offset` and `pagination.limit`.

    Raises `ParameterError`.
    """
    unsigned = range(2**64)
    offset, limit = (
        _integer(f"pagination.{name}", query.get(f"pagination.{name}", "0"), "ParseUint", unsigned)
        for name in ("offset", "limit")
    )
    limit = limit or _PAGE
    return offset // limit + 1, limit


def _integer(name: str, text: str, parse: str, bounds: range) -> int:
    """As Go's strconv reads it, with its words."""
    wrong = f'type mismatch, parameter: {name}, error: strconv.{parse}: parsing "{text[:64]}": '
    if not _SIGNED.fullmatch(text) or (parse == "ParseUint" and not text.isdigit()):
        raise ParameterError(f"{wrong}invalid syntax")
    number = int(text) if len(text) < _MOST_DIGITS else bounds.stop
    if number not in bounds:
        raise ParameterError(f"{wrong}value out of range")
    return number
