"""Payloads as the vectors describe them: an encoding instead of megabytes, with length and SHA-256 as a check."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable, Mapping
from typing import Any, Final, TypeAlias

Description: TypeAlias = Mapping[str, Any]


def rebuild(description: Description) -> bytes:
    """The bytes that a payload object of `sign.json` or `verify.json` stands for.

    Raises ValueError for an unknown encoding, and where length or SHA-256 are not those that the object states.
    """
    payload = _encode(description)
    if len(payload) != description["length"]:
        raise ValueError(f"the payload has {len(payload)} bytes where {description['length']} are stated")
    if hashlib.sha256(payload).hexdigest() != description["sha256"]:
        raise ValueError(f"the SHA-256 of a payload in {description['encoding']} is not the one stated")
    return payload


def _encode(description: Description) -> bytes:
    encoding = description["encoding"]
    if encoding not in _ENCODINGS:
        raise ValueError(f"unknown payload encoding {encoding!r}; there are: {', '.join(_ENCODINGS)}")
    return _ENCODINGS[encoding](description)


def _utf8(description: Description) -> bytes:
    return str(description["value"]).encode("utf-8")


def _base64(description: Description) -> bytes:
    return base64.b64decode(description["value"], validate=True)


def _repeat(description: Description) -> bytes:
    return bytes.fromhex(description["unit_hex"]) * int(description["count"])


def _sha256_counter(description: Description) -> bytes:
    seed = str(description["seed"]).encode("utf-8")
    length = int(description["length"])
    blocks = (hashlib.sha256(seed + counter.to_bytes(4, "big")).digest() for counter in range(-(-length // 32)))
    return b"".join(blocks)[:length]


def _wrap(description: Description) -> bytes:
    prefix, suffix = (str(description[end]).encode("utf-8") for end in ("prefix", "suffix"))
    return prefix + _encode(description["inner"]) + suffix


_ENCODINGS: Final[Mapping[str, Callable[[Description], bytes]]] = {
    "utf8": _utf8,
    "base64": _base64,
    "repeat": _repeat,
    "sha256-ctr": _sha256_counter,
    "wrap": _wrap,
}
