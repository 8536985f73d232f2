"""Where two messages differ, byte by byte, told briefly: long stretches are cut.

The shortest edit script is sought by Myers' greedy algorithm, up to a bound; beyond it, what lies between the common
beginning and the common end counts as different. The work is bounded whatever the messages are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

Kind: TypeAlias = Literal["same", "expected", "signed", "gap"]

MOST_EDITS: Final = 400
"""Bytes inserted or removed up to which the shortest script is sought."""
MOST_BYTES: Final = 16 * 1024
"""Bytes between the common beginning and the common end up to which it is sought."""
_EDGE: Final = 48
"""Bytes of a long stretch that are shown at either end."""
_NOISE: Final = 4
"""A stretch shorter than this that two different ones have in common is chance."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """A stretch of `same` bytes, of bytes of only one message, or a `gap` that tells how many bytes are not shown.

    `offset` counts bytes in the signed message where `kind` is `signed`, in the expected one otherwise. Bytes that are
    no UTF-8 appear in `text` as `\\xNN`.
    """

    kind: Kind
    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class _Run:
    """A stretch that both have: where it begins in either, and its length."""

    expected: int
    signed: int
    length: int


def hunks(expected: bytes, signed: bytes) -> tuple[Hunk, ...]:
    """The differences between the message that a node expects and the one that was signed."""
    found: list[Hunk] = []
    at = _Run(0, 0, 0)
    for run in _common(expected, signed):
        found += _shown("expected", expected[at.expected : run.expected], at.expected)
        found += _shown("signed", signed[at.signed : run.signed], at.signed)
        found += _shown("same", expected[run.expected : run.expected + run.length], run.expected)
        at = _Run(run.expected + run.length, run.signed + run.length, 0)
    return tuple(found)


def _shown(kind: Kind, data: bytes, offset: int) -> Iterator[Hunk]:
    edge = _EDGE if kind == "same" else 8 * _EDGE
    if len(data) <= 2 * edge + _EDGE:
        if data:
            yield Hunk(kind, data.decode("utf-8", "backslashreplace"), offset)
        return
    head, tail = data[:edge], data[-edge:]
    yield Hunk(kind, head.decode("utf-8", "backslashreplace"), offset)
    left_out = len(data) - 2 * edge
    yield Hunk("gap", f"{left_out} bytes", offset + edge)
    yield Hunk(kind, tail.decode("utf-8", "backslashreplace"), offset + len(data) - edge)


def _common(expected: bytes, signed: bytes) -> Iterator[_Run]:
    """The stretches that both have, in order; the first and the last, at the ends of both, may be empty."""
    head = _common_prefix(expected, signed)
    tail = _common_prefix(expected[head:][::-1], signed[head:][::-1])
    yield _Run(0, 0, head)
    for run in _matches(expected[head : len(expected) - tail], signed[head : len(signed) - tail]):
        if run.length >= _NOISE:
            yield _Run(run.expected + head, run.signed + head, run.length)
    yield _Run(len(expected) - tail, len(signed) - tail, tail)


def _common_prefix(left: bytes, right: bytes) -> int:
    """By halving, so that the comparisons are those of whole slices."""
    low, high = 0, min(len(left), len(right))
    while low < high:
        middle = (low + high + 1) // 2
        if left[low:middle] == right[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _matches(left: bytes, right: bytes) -> list[_Run]:
    """The matching stretches of a shortest edit script; none where it would take too long to find."""
    if not left or not right or max(len(left), len(right)) > MOST_BYTES:
        return []
    trace = _trace(left, right)
    return [] if trace is None else _walked_back(len(left), len(right), trace)


def _trace(left: bytes, right: bytes) -> list[dict[int, int]] | None:
    """For each number of edits, how far into `left` each diagonal reached before the last of them."""
    reach = {1: 0}
    trace: list[dict[int, int]] = []
    for edits in range(MOST_EDITS + 1):
        trace.append(dict(reach))
        for diagonal in range(-edits, edits + 1, 2):
            x, _ = _entered(reach, diagonal, edits)
            while x < len(left) and x - diagonal < len(right) and left[x] == right[x - diagonal]:
                x += 1
            reach[diagonal] = x
            if x >= len(left) and x - diagonal >= len(right):
                return trace
    return None


def _entered(reach: dict[int, int], diagonal: int, edits: int) -> tuple[int, bool]:
    """Where a diagonal is entered, and whether by inserting a byte of `right`; else one of `left` was removed."""
    removed, inserted = reach.get(diagonal - 1, -1) + 1, reach.get(diagonal + 1, -1)
    if diagonal == -edits or (diagonal != edits and removed <= inserted):
        return inserted, True
    return removed, False


def _walked_back(x: int, y: int, trace: list[dict[int, int]]) -> list[_Run]:
    """The stretches, found from the end of both to their beginning."""
    runs: list[_Run] = []
    for edits in range(len(trace) - 1, -1, -1):
        diagonal = x - y
        start, was_inserted = _entered(trace[edits], diagonal, edits)
        runs.append(_Run(start, start - diagonal, x - start))
        x, y = (start, start - diagonal - 1) if was_inserted else (start - 1, start - diagonal)
    return runs[::-1]
