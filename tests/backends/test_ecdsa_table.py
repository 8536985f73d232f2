"""Multiples of the base point by the table: against libsecp256k1, python-ecdsa and the textbook of the kit."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Final

import coincurve
import pytest
from ecdsa import SECP256k1
from hypothesis import given
from hypothesis import strategies as st

from gonka_conformance import reference
from gonka_ecdsa import fixed_base
from gonka_ecdsa.fixed_base import multiple, table
from gonka_ecdsa.points import N, Point, doubled, total

EQUAL_POINTS: Final = 510 * 256**31 - N
"""The one factor whose last addition meets two equal points."""
EDGES: Final = {
    "1": 1,
    "2": 2,
    "3": 3,
    "255": 255,
    "256": 256,
    "257": 257,
    "2^128": 2**128,
    "2^248-1": 2**248 - 1,
    "2^255": 2**255,
    "n/2": N // 2,
    "n/2+1": N // 2 + 1,
    "n-2": N - 2,
    "n-1": N - 1,
    "equal points": EQUAL_POINTS,
    "equal points, negated": N - EQUAL_POINTS,
}


def by_libsecp256k1(k: int) -> Point:
    return coincurve.PrivateKey((k % N).to_bytes(32, "big")).public_key.point()


@pytest.mark.parametrize("k", EDGES.values(), ids=EDGES)
def test_a_multiple_at_an_edge(k: int) -> None:
    assert multiple(table(), k) == by_libsecp256k1(k)


@given(st.integers(1, N - 1))
def test_a_multiple_by_three_others(k: int) -> None:
    x, y = multiple(table(), k)
    point = SECP256k1.generator * k
    assert (x, y) == (point.x(), point.y()) == by_libsecp256k1(k)
    assert bytes([2 + y % 2]) + x.to_bytes(32, "big") == reference.public_key(k.to_bytes(32, "big"))


@given(st.integers(1, N - 2))
def test_the_next_multiple_is_one_point_further(k: int) -> None:
    point, base, following = (multiple(table(), each) for each in (k, 1, k + 1))
    if k == 1:
        assert _affine(doubled((*base, 1, 1))) == following
    else:
        assert _affine(total([point, base])) == following


def test_every_point_of_the_table() -> None:
    rows = table()
    assert [len(row) for row in rows] == [256] * 32
    for i, row in enumerate(rows):
        assert list(row) == [by_libsecp256k1((2 * place - 255) * 256**i) for place in range(256)]


def test_the_one_factor_that_has_equal_points_to_add() -> None:
    places = ((EQUAL_POINTS + 2**256 - 1) // 2).to_bytes(32, "little")
    points = [row[place] for row, place in zip(table(), places, strict=True)]
    assert total(points)[3] == 0
    assert total(points[:-1])[3] != 0
    assert _affine(total(points[:-1])) == points[-1]


@pytest.fixture
def unbuilt() -> Iterator[None]:
    """No table yet, as in a new process. What is built afterwards stays."""
    fixed_base._built.cache_clear()
    yield
    table()


@pytest.mark.usefixtures("unbuilt")
def test_threads_that_ask_at_once_get_the_same_table() -> None:
    together = Barrier(8)

    def asked(_: int) -> int:
        together.wait(timeout=30)
        return id(table())

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(asked, range(8)))) == 1
    assert fixed_base._built.cache_info().misses == 1


def test_the_table_is_not_built_before_a_signer_is_made() -> None:
    program = (
        "from gonka_core import PrivateKey\n"
        "from gonka_ecdsa import fixed_base, signer\n"
        "before = fixed_base._built.cache_info().currsize\n"
        "signer.EcdsaSigner(PrivateKey.generate())\n"
        "print(before, fixed_base._built.cache_info().currsize)"
    )
    done = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True, timeout=60)
    assert done.stdout.split() == ["0", "1"]


def _affine(found: tuple[int, int, int, int]) -> Point:
    """x = X/ZZ and y = Y/ZZZ, as it is written."""
    x, y, zz, zzz = found
    return x * pow(zz, -1, reference.P) % reference.P, y * pow(zzz, -1, reference.P) % reference.P
