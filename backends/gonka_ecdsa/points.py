"""Points of secp256k1 in plain integers: what a table of them is built with and added up with.

A sum is X, Y, ZZ, ZZZ with x = X/ZZ, y = Y/ZZZ and ZZ³ = ZZZ²: a point is added by `madd-2008-s`, and doubled by
`dbl-2008-s-1` with a = 0 (Explicit-Formulas Database, short Weierstrass curves, "XYZZ"). There is no point at
infinity here.

The constants are those of python-ecdsa. Where gmpy2 is installed they are its integers, and so is all that follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final, TypeAlias

from ecdsa import SECP256k1

Point: TypeAlias = tuple[int, int]
"""Affine x and y."""
Sum: TypeAlias = tuple[int, int, int, int]
"""X, Y, ZZ, ZZZ."""

P: Final[int] = SECP256k1.curve.p()
"""The prime of the field."""
N: Final[int] = SECP256k1.order
"""The order of the group."""
G: Final[Point] = (SECP256k1.generator.x(), SECP256k1.generator.y())
"""The base point."""


def total(points: Sequence[Point]) -> Sum:
    """The sum of points, added one by one. ZZZ is 0 where one of them equals the sum before it, or is its opposite."""
    x1, y1 = points[0]
    zz = zzz = 1
    for x2, y2 in points[1:]:
        h = (x2 * zz - x1) % P
        r = (y2 * zzz - y1) % P
        hh = h * h % P
        hhh = h * hh % P
        q = x1 * hh % P
        x1 = (r * r - hhh - 2 * q) % P
        y1 = (r * (q - x1) - y1 * hhh) % P
        zz = zz * hh % P
        zzz = zzz * hhh % P
    return x1, y1, zz, zzz


def doubled(point: Sum) -> Sum:
    x1, y1, zz, zzz = point
    v = 4 * y1 * y1 % P
    w = 2 * y1 * v % P
    s = x1 * v % P
    m = 3 * x1 * x1 % P
    x3 = (m * m - 2 * s) % P
    return x3, (m * (s - x3) - w * y1) % P, v * zz % P, w * zzz % P


def affine(point: Sum) -> Point:
    return _over(point, pow(point[3], -1, P))


def all_affine(sums: Sequence[Sum]) -> list[Point]:
    """The same for each, with one inversion for all."""
    return [_over(*each) for each in zip(sums, _inverses([point[3] for point in sums]), strict=True)]


def _over(point: Sum, inverse: int) -> Point:
    """Affine, by 1/ZZZ; 1/ZZ is the square of ZZ/ZZZ."""
    x, y, zz, _ = point
    root = inverse * zz % P
    return x * root % P * root % P, y * inverse % P


def pairwise(pairs: Sequence[tuple[Point, Point]]) -> Iterator[Point]:
    """The sum of each pair of points, neither equal nor opposite, with one inversion for all."""
    inverses = _inverses([x2 - x1 for (x1, _), (x2, _) in pairs])
    for ((x1, y1), (x2, y2)), inverse in zip(pairs, inverses, strict=True):
        slope = (y2 - y1) * inverse % P
        x3 = (slope * slope - x1 - x2) % P
        yield x3, (slope * (x1 - x3) - y1) % P


def _inverses(numbers: Sequence[int]) -> list[int]:
    """1/a modulo p for every a, with one inversion (Montgomery's trick)."""
    products = [1]
    for number in numbers:
        products.append(products[-1] * number % P)
    inverse = pow(products.pop(), -1, P)
    inverses: list[int] = []
    for number, before in zip(reversed(numbers), reversed(products), strict=True):
        inverses.append(inverse * before % P)
        inverse = inverse * number % P
    return inverses[::-1]
