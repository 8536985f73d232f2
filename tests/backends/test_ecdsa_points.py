"""The arithmetic of points by itself: against libsecp256k1, with sums whose ZZ is not 1, and no number that grows."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import coincurve
import pytest
from coincurve.utils import GROUP_ORDER_INT
from hypothesis import given
from hypothesis import strategies as st

from gonka_ecdsa import points as module
from gonka_ecdsa.points import G, N, P, Point, Sum, affine, all_affine, doubled, total

FACTORS: Final = (3, 2**200 + 1, 7, 2**255 + 11, 2)
SCALES: Final = (2, 2**255 + 3, 5, P - 1, 1)


def multiple(k: int) -> Point:
    return coincurve.PrivateKey(int(k % N).to_bytes(32, "big")).public_key.point()


def scaled(k: int, z: int) -> Sum:
    """k·G with ZZ = z² and ZZZ = z³."""
    x, y = multiple(k)
    return x * z**2 % P, y * z**3 % P, z**2 % P, z**3 % P


def sound(found: Sum) -> bool:
    """Whether every number is reduced, and ZZ³ = ZZZ²."""
    return all(0 <= number < P for number in found) and (found[2] ** 3 - found[3] ** 2) % P == 0


class Short(int):
    """Of the size of the field, or not multiplied: what is left unreduced gives the same points, in a longer time."""

    def __mul__(self, other: int) -> Short:
        assert max(self.bit_length(), other.bit_length()) <= 260, "a number of more than one size is multiplied"
        return Short(int(self) * int(other))

    def __add__(self, other: int) -> Short:
        return Short(int(self) + int(other))

    def __sub__(self, other: int) -> Short:
        return Short(int(self) - int(other))

    def __rsub__(self, other: int) -> Short:
        return Short(int(other) - int(self))

    def __mod__(self, other: int) -> Short:
        return Short(int(self) % int(other))

    __rmul__ = __mul__
    __radd__ = __add__


def shortened(pair: tuple[int, int]) -> tuple[Short, Short]:
    return Short(pair[0]), Short(pair[1])


POINTS: Final = [multiple(k) for k in FACTORS]
SUMS: Final = [scaled(*each) for each in zip(FACTORS, SCALES, strict=True)]
PAIRS: Final = list(pairwise(POINTS))


def test_the_constants() -> None:
    """SEC 2 §2.4.1."""
    assert P == 2**256 - 2**32 - 977
    assert (GROUP_ORDER_INT, multiple(1)) == (N, G)


def test_the_sum_of_points() -> None:
    found = total(POINTS)
    assert sound(found)
    assert affine(found) == multiple(sum(FACTORS))


def test_the_sum_of_one_point_is_the_point() -> None:
    assert total([G]) == (*G, 1, 1)


@pytest.mark.parametrize("point", [G, (G[0], P - G[1])], ids=["equal", "opposite"])
def test_equal_and_opposite_points_have_no_sum_and_say_so(point: Point) -> None:
    assert total([G, point])[3] == 0


def test_twice_a_point() -> None:
    found = [doubled(each) for each in SUMS]
    assert all(map(sound, found))
    assert [affine(each) for each in found] == [multiple(2 * k) for k in FACTORS]


def test_affine_points_however_they_are_scaled() -> None:
    assert [affine(each) for each in SUMS] == POINTS
    assert all_affine(SUMS) == POINTS
    assert all_affine([]) == []


def test_the_sums_of_pairs() -> None:
    expected = [multiple(left + right) for left, right in pairwise(FACTORS)]
    assert list(module.pairwise(PAIRS)) == expected
    assert list(module.pairwise([])) == []


def test_inverses_are_reduced() -> None:
    assert module._inverses(SCALES) == [pow(number, -1, P) for number in SCALES]


def test_no_number_grows() -> None:
    points = [shortened(point) for point in POINTS]
    sums = [(*shortened((x, y)), *shortened((zz, zzz))) for x, y, zz, zzz in SUMS]
    assert affine(total(points)) == affine(total(POINTS))
    assert [doubled(each) for each in sums] == [doubled(each) for each in SUMS]
    assert all_affine(sums) == POINTS
    pairs = [(shortened(left), shortened(right)) for left, right in PAIRS]
    assert list(module.pairwise(pairs)) == list(module.pairwise(PAIRS))


@given(st.lists(st.integers(1, N - 1), min_size=2, max_size=6, unique_by=lambda k: min(k, N - k)))
def test_the_sum_of_any_points(factors: list[int]) -> None:
    partial = [sum(factors[:count]) % N for count in range(1, len(factors) + 1)]
    met = any(before in (k, N - k) for before, k in zip(partial, factors[1:], strict=False))
    found = total([multiple(k) for k in factors])
    assert sound(found)
    assert (found[3] == 0) == met
    assert met or affine(found) == multiple(partial[-1])
