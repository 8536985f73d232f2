"""Keccak-256 against known answers; with the padding of SHA-3 against `hashlib`."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_mock_node.diagnosis.keccak import RATE, blocks, keccak_256, keccak_256_each


@pytest.mark.parametrize(
    ("data", "digest"),
    [
        (b"", "c5d2460186f7233c927e7db2dcc703c0e500b653ca82273b7bfad8045d85a470"),
        (b"abc", "4e03657aea45a94fc7d47ba826c8d667c0d1e6e33a64a036ec44f58fa12d6c45"),
    ],
)
def test_known_answers(data: bytes, digest: str) -> None:
    assert keccak_256(data).hex() == digest


@pytest.mark.parametrize("size", [0, 1, RATE - 2, RATE - 1, RATE, RATE + 1, 2 * RATE - 1, 2 * RATE, 1000])
def test_with_the_padding_of_sha3_it_is_sha3(size: int) -> None:
    data = bytes(range(256)) * 4
    assert keccak_256(data[:size], suffix=0x06) == hashlib.sha3_256(data[:size]).digest()
    assert keccak_256(data[:size]) != hashlib.sha3_256(data[:size]).digest()


@given(st.lists(st.binary(max_size=3 * RATE), max_size=8))
def test_many_at_once_are_each_as_alone(messages: list[bytes]) -> None:
    assert keccak_256_each(messages, suffix=0x06) == [hashlib.sha3_256(data).digest() for data in messages]
    assert keccak_256_each(messages) == [keccak_256(data) for data in messages]


def test_blocks_leave_room_for_the_padding() -> None:
    assert [blocks(size) for size in (0, RATE - 1, RATE, 2 * RATE)] == [1, 1, 2, 3]
