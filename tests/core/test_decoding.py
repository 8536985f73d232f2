"""Content codings: undone piece by piece, within bounds, and what is damaged is told."""

from __future__ import annotations

import gzip
import itertools
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.decoding import CodingError, decoder


def undone(coding: str, pieces: list[bytes]) -> bytes:
    found = decoder({"content-encoding": coding})
    plain = b"".join(part for piece in pieces for part in found.feed(piece))
    found.finish()
    return plain


def raw_deflate(body: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(body) + packer.flush()


def cut(data: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(data) + 1) for place in places), len(data)]
    return [data[start:end] for start, end in itertools.pairwise(edges)]


@given(st.binary(max_size=2000), st.lists(st.integers(0, 10_000), max_size=6))
def test_any_body_comes_back_however_it_is_cut(body: bytes, places: list[int]) -> None:
    assert undone("", cut(body, places)) == body
    assert undone("Identity", cut(body, places)) == body
    assert undone("gzip", cut(gzip.compress(body), places)) == body
    assert undone(" GZIP ", cut(gzip.compress(body), places)) == body
    assert undone("deflate", cut(zlib.compress(body), places)) == body
    assert undone("deflate", cut(raw_deflate(body), places)) == body


def test_a_bomb_goes_off_in_small_pieces() -> None:
    bomb = gzip.compress(bytes(50 * 2**20))
    parts = decoder({"content-encoding": "gzip"}).feed(bomb)
    assert max(len(next(parts)) for _ in range(10)) <= 64 * 1024


@given(st.binary(min_size=1, max_size=300), st.integers(1, 100))
def test_what_ends_too_early_is_told(body: bytes, missing: int) -> None:
    packed = gzip.compress(body)
    with pytest.raises(CodingError, match=r"too early|damaged"):
        undone("gzip", [packed[: -min(missing, len(packed) - 1)]])


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_what_is_no_coding_is_told(coding: str) -> None:
    with pytest.raises(CodingError, match="damaged"):
        undone(coding, [b"this is neither"])


@pytest.mark.parametrize("coding", ["br", "zstd", "gzip, gzip", "x" * 100])
def test_an_unknown_coding_is_told(coding: str) -> None:
    with pytest.raises(CodingError, match="not asked for") as caught:
        decoder({"content-encoding": coding})
    assert len(str(caught.value)) < 120
