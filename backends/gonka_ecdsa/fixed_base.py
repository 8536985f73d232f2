"""Multiples of the base point G of secp256k1, by a table of its multiples: 31 additions and one inversion.

*Digits.* A factor k, 0 < k < n, is odd, or n - k is, which gives the same point but for the sign of y. An odd number
below 2²⁵⁶ is the sum of 32 digits d_i·256^i that are odd themselves, from -255 to 255: with u_i for the bytes of
(k + 2²⁵⁶ - 1) / 2, the lowest first, d_i = 2·u_i - 255. Row i of the table holds d·256^i·G for every such d, by u_i.
No digit is zero, so every factor takes the same additions, however short it is.

*Equal points.* |d_i|·256^i is more than all digits below it together, so a point is neither equal nor opposite to the
sum it is added to as long as n is out of reach. It is in reach of the last addition only, and there for one factor:
510·256³¹ - n has two equal points to add.

*Cost.* Eight bits a digit are 8,192 points: 15 ms to build, 1.2 MB to keep. Ten bits would take 15 % off a
multiplication for three times both.

Which entries are read depends on the factor, and Python's integers take a time of their own: see `signer`.
"""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import Final, TypeAlias

from .points import G, N, P, Point, Sum, affine, all_affine, doubled, pairwise, total

Table: TypeAlias = tuple[tuple[Point, ...], ...]
"""32 rows of 256 points."""

_ROWS: Final = 32
_BITS: Final = 8
_BUILDING: Final = Lock()


def table() -> Table:
    """The table, built when it is first asked for, once, by whichever thread asks first."""
    with _BUILDING:
        return _built()


def multiple(rows: Table, k: int) -> Point:
    """k·G, affine, for 0 < k < n."""
    points = [row[place] for row, place in zip(rows, _places(k if k & 1 else N - k), strict=True)]
    found = total(points)
    x, y = affine(found if found[3] else doubled((*points[-1], 1, 1)))
    return x, y if k & 1 else P - y


def _places(odd: int) -> bytes:
    """Where in its row each digit's point is: the bytes of (k + 2²⁵⁶ - 1) / 2, for an odd k."""
    return int(odd // 2 + 2**255).to_bytes(_ROWS, "little")


@cache
def _built() -> Table:
    """Each row begins as its 1; then 2^m added to what there is, 1 to 2^m - 1, gives 2^m + 1 to 2^(m+1) - 1."""
    powers = _powers()
    rows = [[first] for first in powers[::_BITS]]
    for m in range(1, _BITS):
        sums = pairwise([(point, powers[i * _BITS + m]) for i, row in enumerate(rows) for point in row])
        rows = [row + [next(sums) for _ in row] for row in rows]
    return tuple(tuple([(x, P - y) for x, y in reversed(row)] + row) for row in rows)


def _powers() -> list[Point]:
    """G, 2G, 4G, … 2²⁵⁵G."""
    powers: list[Sum] = [(*G, 1, 1)]
    for _ in range(_ROWS * _BITS - 1):
        powers.append(doubled(powers[-1]))
    return all_affine(powers)
