"""The input as a whole: which file it is, and whether every line of it can be sent. Read as a stream, however long."""

from __future__ import annotations

import hashlib
import os
import stat
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

from gonka_core.errors import PayloadError

from .lines import MOST_BYTES, Line, read_line

_NAMED: Final = 10
"""Flaws that are told; the others are counted."""
_BUCKETS: Final = 256
_BLOCK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Survey:
    """An input that was read to its end: its `size` in bytes, the SHA-256 of all of it in hex, how many `lines` it has,
    how many of them are `requests` (the others are blank), and the `models` that they name, sorted.
    """

    size: int
    sha256: str
    lines: int
    requests: int
    models: tuple[str, ...]


def raw_lines(path: Path) -> Iterator[tuple[int, bytes]]:
    """Number and bytes of each line that is not blank. One that is too long comes cut, a byte longer than allowed."""
    number = 0
    with path.open("rb") as file:
        while data := file.readline(MOST_BYTES + 1):
            number += 1
            if data.strip():
                yield number, data
            while not data.endswith(b"\n") and len(data) > MOST_BYTES:
                data = file.readline(MOST_BYTES + 1)


def fingerprint(path: Path) -> tuple[int, str]:
    """Size and SHA-256 of a file. Raises `PayloadError` for a file that cannot be read, or is none."""
    digest, size = hashlib.sha256(), 0
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):
            raise PayloadError(f"the input {str(path)!r} is not a file", "write it into one: it is read more than once")
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
                size += len(block)
    except OSError as error:
        reason = error.strerror or type(error).__name__
    else:
        return size, digest.hexdigest()
    raise PayloadError(f"the input {str(path)!r} cannot be read ({reason})", "check its path and permissions")


def survey(path: Path) -> Survey:
    """What is in the input. Raises `PayloadError`, which names the first lines that cannot be sent and counts the rest,
    as well for two lines with the same `custom_id` and for a file without any line.
    """
    size, sha256 = fingerprint(path)
    flaws, names, models = _Flaws(), _Names(), set[str]()
    last = requests = 0
    for last, data in raw_lines(path):
        requests += 1
        line = flaws.line(last, data)
        if line is not None:
            names.add(line.custom_id)
            models.add(line.model)
    for number in _repeated(path, names.seen_twice()):
        flaws.found(PayloadError(f"line {number} has a custom_id that an earlier line has", "give each line its own"))
    flaws.raise_any(path)
    if not requests:
        raise PayloadError(f"the input {str(path)!r} has no lines", "write a request into each line")
    return Survey(size, sha256, last, requests, tuple(sorted(models)))


class _Flaws:
    def __init__(self) -> None:
        self._errors: list[PayloadError] = []
        self._count = 0

    def line(self, number: int, data: bytes) -> Line | None:
        try:
            return read_line(data, number)
        except PayloadError as error:
            self.found(error)
            return None

    def found(self, error: PayloadError) -> None:
        self._count += 1
        if len(self._errors) < _NAMED:
            self._errors.append(error)

    def raise_any(self, path: Path) -> None:
        if not self._count:
            return
        told = "; ".join(error.problem for error in self._errors)
        more = self._count - len(self._errors)
        step = (
            self._errors[0].next_step if self._count == 1 else f"mend them, the first so: {self._errors[0].next_step}"
        )
        raise PayloadError(
            f"{self._count} flaws in {str(path)!r}, so that nothing was sent: {told}{f'; and {more} more' * bool(more)}"
            if self._count > 1
            else f"in {str(path)!r} {told}, so that nothing was sent",
            step,
        )


class _Names:
    """Eight bytes for each name, so that the names of millions of lines fit into memory."""

    def __init__(self) -> None:
        self._hashes: Sequence[array[int]] = tuple(array("Q") for _ in range(_BUCKETS))

    def add(self, name: str) -> None:
        value = _hash(name)
        self._hashes[value % _BUCKETS].append(value)

    def seen_twice(self) -> set[int]:
        twice: set[int] = set()
        for bucket in self._hashes:
            ordered = sorted(bucket)
            twice |= {one for one, other in pairwise(ordered) if one == other}
        return twice


def _repeated(path: Path, hashes: set[int]) -> Iterator[int]:
    """The numbers of lines whose name stands in an earlier one. `hashes` are those that came twice."""
    if not hashes:
        return
    seen: set[str] = set()
    for number, data in raw_lines(path):
        try:
            name = read_line(data, number).custom_id
        except PayloadError:
            continue
        if _hash(name) in hashes:
            if name in seen:
                yield number
            seen.add(name)


def _hash(name: str) -> int:
    digest = hashlib.blake2b(name.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "big")
