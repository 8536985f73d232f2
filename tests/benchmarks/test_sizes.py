"""Sizes as people write them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_bench.sizes import parsed, told


@pytest.mark.parametrize(
    ("text", "size"),
    [("200", 200), ("200B", 200), ("4KB", 4096), ("4 kb", 4096), (" 256 KB ", 262_144), ("10MB", 10 * 1024 * 1024)],
)
def test_what_is_understood(text: str, size: int) -> None:
    assert parsed(text) == size


@pytest.mark.parametrize("text", ["", "KB", "-1", "1.5MB", "10GB", "10 MiB", "٣٠٠", "0", "99", "65MB", "9999999999"])
def test_what_is_not_says_so(text: str) -> None:
    with pytest.raises(ValueError, match=r"size|smallest|large"):
        parsed(text)


@given(st.integers(200, 64 * 1024**2))
def test_what_is_told_is_understood(size: int) -> None:
    assert parsed(told(size).replace(",", "")) == size
