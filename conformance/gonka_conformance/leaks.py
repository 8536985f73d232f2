"""Looking for a key where none may be: any eight consecutive bytes of it, in the spellings that programs leak.

Raw in either byte order (pickle writes integers the other way round), hex with or without separators, both base64
alphabets, escapes as in the `repr` of bytes, lists of numbers, and the whole key as a decimal number.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from functools import cache
from typing import Final

from .material import known_keys

WINDOW: Final = 8
"""Bytes of a key that nothing may show in a row."""

_FEWEST_DISTINCT: Final = 4
"""A run such as 00 00 00 … tells nothing about a key; extreme keys consist of little else."""

_WITHHELD: Final = "(withheld: the text contains key material)"


def spelling(data: bytes | str, secret: bytes) -> str | None:
    """How `data` shows part of the key of 32 bytes, or None where it does not. Never quotes what it found."""
    haystack = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    bare = _without_separators(haystack)
    for name, needle in _spellings(secret):
        if needle in (bare if name == "hex" else haystack):
            return name
    return None


def guarded(text: str) -> str:
    """The text, unless it shows one of the keys that the kit hands out: a report quotes what a subject says."""
    if any(spelling(text, key) for key in known_keys()):
        return _WITHHELD
    return text


def _without_separators(data: bytes) -> bytes:
    return data.lower().replace(b"0x", b"").replace(b"\\x", b"").translate(None, b" \t\n:,-_")


@cache
def _spellings(secret: bytes) -> tuple[tuple[str, bytes], ...]:
    number = int.from_bytes(secret, "big")
    whole = [("decimal", b"%d" % number)] if len(set(secret)) >= _FEWEST_DISTINCT else []
    forward = [pair for run in _runs(secret, WINDOW) for pair in _of_run(run)]
    backward = [("raw", run) for run in _runs(secret[::-1], WINDOW)]
    # Eight bytes anywhere in a longer base64 text fill at least two whole groups of three.
    groups = [base64.b64encode(run) for run in _runs(secret, WINDOW - 2)]
    urlsafe = [group.translate(bytes.maketrans(b"+/", b"-_")) for group in groups]
    return (*whole, *forward, *backward, *(("base64", group) for group in {*groups, *urlsafe}))


def _of_run(run: bytes) -> Iterator[tuple[str, bytes]]:
    yield "raw", run
    yield "hex", run.hex().encode("ascii")
    yield "escapes", repr(run)[2:-1].encode("ascii")
    yield "numbers", ", ".join(map(str, run)).encode("ascii")


def _runs(secret: bytes, length: int) -> Iterator[bytes]:
    for start in range(len(secret) - length + 1):
        run = secret[start : start + length]
        if len(set(run)) >= _FEWEST_DISTINCT:
            yield run
