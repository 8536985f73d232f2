"""Values of a stranger's JSON, read so that no two texts mean the same bytes.

What is wrong raises `ProofError` (`malformed`) and is never quoted: `what` names the place, in our own words.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

from gonka_core.chaintime import rfc3339_ns
from gonka_core.errors import ProofError
from gonka_core.numbers import whole

from .reasons import refused

INT64: Final = 2**63 - 1
"""The largest number of most fields of a block."""

_HEX: Final = re.compile(r"(?:[0-9a-f]{2})*|(?:[0-9A-F]{2})*", re.ASCII)


def malformed(what: str, wanted: str) -> ProofError:
    return refused("malformed", f"{what} is not {wanted}")


def mapping(value: object, what: str) -> Mapping[str, Any]:
    """A JSON object."""
    if not isinstance(value, Mapping):
        raise malformed(what, "a JSON object")
    return value


def rows(value: object, what: str) -> Sequence[Any]:
    """A JSON array."""
    if not isinstance(value, list | tuple):
        raise malformed(what, "a JSON array")
    return value


def text(value: object, what: str) -> str:
    """ASCII text, which may be empty."""
    if not isinstance(value, str) or not value.isascii():
        raise malformed(what, "ASCII text")
    return value


def number(value: object, what: str, most: int = INT64) -> int:
    """A whole number from 0 to `most`, as a number or as its decimal digits."""
    found = whole(value)
    if found is None or found > most:
        raise malformed(what, f"a whole number from 0 to {most}")
    return found


def hexadecimal(value: object, what: str) -> bytes:
    """Bytes as hex digits of one case."""
    if not isinstance(value, str) or _HEX.fullmatch(value) is None:
        raise malformed(what, "hex digits of one case")
    return bytes.fromhex(value)


def base64_bytes(value: object, what: str) -> bytes:
    """Bytes in the one base64 text (RFC 4648 §4, with padding) that stands for them."""
    try:
        data = base64.b64decode(value, validate=True) if isinstance(value, str) else None
    except (binascii.Error, ValueError):
        data = None
    if data is None or base64.b64encode(data).decode() != value:
        raise malformed(what, "canonical base64")
    return data


def octets(value: object, what: str, length: int, *, optional: bool = False) -> bytes:
    """`length` bytes, in hex or base64, which their lengths tell apart; none of them (also null) where `optional`."""
    if optional and value in (None, ""):
        return b""
    as_hex = isinstance(value, str) and len(value) == 2 * length
    data = hexadecimal(value, what) if as_hex else base64_bytes(value, what)
    if len(data) != length:
        raise malformed(what, f"{length} bytes in hex or base64")
    return data


def time_ns(value: object, what: str) -> int:
    """An RFC 3339 time in nanoseconds since the epoch, exactly; negative before 1970."""
    found = rfc3339_ns(value)
    if found is None:
        raise malformed(what, "a time as in RFC 3339")
    return found
