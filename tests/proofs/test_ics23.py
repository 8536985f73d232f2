"""What vectors do not say about proofs: what only an IAVL tree's form forbids, and encodings with two readings."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.errors import ProofError
from gonka_core.proofs.ics23 import WORDS, ProofOp, ops_of, proven_root

from .building import b64, num, octet, sha, sub, varint

KEY, VALUE, STORE = b"key", b"value", b"store"
SIBLING = sha(b"sibling")


def zigzag(*numbers: int) -> bytes:
    return b"".join(varint(number * 2 if number >= 0 else -number * 2 - 1) for number in numbers)


@dataclass(frozen=True)
class Proof:
    """An existence proof: prefix of the leaf, and prefix and suffix of each step."""

    key: bytes
    value: bytes
    leaf: bytes
    path: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def root(self) -> bytes:
        node = sha(self.leaf + varint(len(self.key)) + self.key + b"\x20" + sha(self.value))
        for prefix, suffix in self.path:
            node = sha(prefix + node + suffix)
        return node

    @property
    def bytes(self) -> bytes:
        leaf = num(1, 1) + num(3, 1) + num(4, 1) + octet(5, self.leaf)
        steps = (sub(4, num(1, 1) + octet(2, prefix) + octet(3, suffix)) for prefix, suffix in self.path)
        return sub(1, octet(1, self.key) + octet(2, self.value) + sub(3, leaf) + b"".join(steps))


LEFT = (zigzag(1, 2, 9) + b"\x20", b"\x20" + SIBLING)
RIGHT = (zigzag(2, 3, 9) + b"\x20" + SIBLING + b"\x20", b"")
GOOD = Proof(KEY, VALUE, zigzag(0, 1, 9), (LEFT, RIGHT))


def ops(proof: Proof, path: tuple[tuple[bytes, bytes], ...] = ()) -> tuple[Proof, Sequence[ProofOp]]:
    above = Proof(STORE, proof.root, b"\0", path)
    return above, (ProofOp("ics23:iavl", KEY, proof.bytes), ProofOp("ics23:simple", STORE, above.bytes))


def word(proof: Proof, path: tuple[tuple[bytes, bytes], ...] = ()) -> str | None:
    above, both = ops(proof, path)
    try:
        root = proven_root(VALUE, both, KEY, STORE)
    except ProofError as error:
        found = error.problem.partition("(")[2].partition(":")[0]
        return found if f"the proof does not hold ({found}: {WORDS[found]})" == error.problem else error.problem
    return None if root == above.root else "another root"


def test_a_good_one() -> None:
    assert word(GOOD) is None
    assert word(GOOD, ((b"\1", SIBLING), (b"\1" + SIBLING, b""))) is None


@pytest.mark.parametrize(
    ("leaf", "found"),
    [
        (zigzag(0, 1), "leaf-prefix"),
        (zigzag(0, 1, 9, 1), "leaf-prefix"),
        (zigzag(0, -1, 9), "leaf-prefix"),
        (zigzag(0, 1, -9), "leaf-prefix"),
        (b"\0\2\x80", "leaf-prefix"),
        (b"\0\2\x92\x00", "leaf-prefix"),
        (b"\0\2" + b"\xff" * 12, "leaf-prefix"),
        (b"\0" + b"more", "leaf-prefix"),
        (zigzag(0, 2**40, 2**50), None),
    ],
    ids=str,
)
def test_leaves_that_only_the_form_forbids(leaf: bytes, found: str | None) -> None:
    assert word(replace(GOOD, leaf=leaf)) == found


@pytest.mark.parametrize(
    ("step", "found"),
    [
        ((zigzag(0, 2, 9) + b"\x20", b"\x20" + SIBLING), "inner-prefix-of-leaf"),
        ((zigzag(1, 2, 9) + b"\x21", b"\x20" + SIBLING), "inner-prefix-value"),
        ((zigzag(1, 2, 9) + b"\x20\x20", b"\x20" + SIBLING), "inner-prefix-value"),
        ((zigzag(1, 2, 9, 9), b"\x20" + SIBLING), "inner-prefix-value"),
        ((zigzag(1, -2, 9) + b"\x20", b"\x20" + SIBLING), "inner-prefix-value"),
        ((zigzag(-1, 2, 9) + b"\x20", b"\x20" + SIBLING), "inner-prefix-value"),
        ((b"\x82\x00\x04\x12\x20", b"\x20" + SIBLING), "inner-prefix-value"),
        ((b"\xff" * 12, b"\x20" + SIBLING), "inner-prefix-value"),
        ((zigzag(1, 2, 9) + b"\x20", b"\x21" + SIBLING), "child-length"),
        ((zigzag(1, 2, 9) + b"\x20" + SIBLING + b"\x21", b""), "inner-prefix-value"),
        ((zigzag(1, 2, 9) + b"\x21" + SIBLING + b"\x20", b""), "inner-prefix-value"),
        ((zigzag(1, 2, 9) + b"\x20" + SIBLING + b"\x20\x20", b""), "inner-prefix-value"),
        ((zigzag(1, 2, 9) + b"\x20" + SIBLING + b"\x20", b"\x20" + SIBLING), "inner-prefix-long"),
        ((zigzag(1, 2**20, 2**28) + b"\x20", b"\x20" + SIBLING), None),
    ],
    ids=str,
)
def test_nodes_that_only_the_form_forbids(step: tuple[bytes, bytes], found: str | None) -> None:
    assert word(replace(GOOD, path=(step,))) == found


def test_a_node_is_as_high_as_it_stands() -> None:
    """Otherwise a path could be longer than the tree is high."""
    assert word(replace(GOOD, path=(LEFT, LEFT))) == "inner-prefix-value"


@pytest.mark.parametrize(("steps", "found"), [(126, None), (128, None), (129, "depth")])
def test_the_longest_path(steps: int, found: str | None) -> None:
    path = tuple((zigzag(height, 2, 9) + b"\x20", b"\x20" + SIBLING) for height in range(1, steps + 1))
    assert word(replace(GOOD, path=path)) == found


@pytest.mark.parametrize("prefix", [b"\0\0", b"\0more"])
def test_the_leaf_of_a_simple_tree_has_one_byte_in_front(prefix: bytes) -> None:
    above = Proof(STORE, GOOD.root, prefix)
    both = (ProofOp("ics23:iavl", KEY, GOOD.bytes), ProofOp("ics23:simple", STORE, above.bytes))
    with pytest.raises(ProofError, match=r"\(leaf-prefix:"):
        proven_root(VALUE, both, KEY, STORE)


def other_readings(proof: Proof) -> Iterator[bytes]:
    """An unknown field outside and inside, a second proof, one merged into another, a longer length, another order."""
    head = 2 + len(octet(1, proof.key) + octet(2, proof.value))
    assert proof.bytes[:head] == bytes([10, len(proof.bytes) - 2]) + octet(1, proof.key) + octet(2, proof.value)
    yield proof.bytes + num(5, 1)
    yield sub(1, proof.bytes[2:] + num(9, 1))
    yield proof.bytes + sub(1, b"")
    yield replace(proof, path=()).bytes + proof.bytes
    yield bytes([10, len(proof.bytes) - 2 | 128, 0]) + proof.bytes[2:]
    yield sub(1, octet(2, proof.value) + octet(1, proof.key) + proof.bytes[head:])


@pytest.mark.parametrize("place", [0, 1])
def test_an_encoding_with_another_reading(place: int) -> None:
    above, both = ops(GOOD)
    for data in other_readings((GOOD, above)[place]):
        altered = [*both]
        altered[place] = replace(both[place], data=data)
        with pytest.raises(ProofError, match=r"\(malformed:"):
            proven_root(VALUE, altered, KEY, STORE)


def test_no_value_is_proven() -> None:
    empty = replace(GOOD, value=b"")
    _, both = ops(empty)
    with pytest.raises(ProofError, match=r"\(value:"):
        proven_root(b"", both, KEY, STORE)


@given(st.binary(max_size=80))
def test_noise(noise: bytes) -> None:
    _, both = ops(GOOD)
    for place in (0, 1):
        altered = [*both]
        altered[place] = replace(both[place], data=noise)
        with pytest.raises(ProofError):
            proven_root(VALUE, altered, KEY, STORE)


@given(st.lists(st.tuples(st.booleans(), st.binary(min_size=32, max_size=32)), max_size=20), st.integers(1, 2**48))
def test_any_way_up_an_iavl_tree(turns: list[tuple[bool, bytes]], version: int) -> None:
    def step(height: int, left: bool, sibling: bytes) -> tuple[bytes, bytes]:
        head = zigzag(height, 2**height % 2**20, version % 2**20) + b"\x20"
        return (head, b"\x20" + sibling) if left else (head + sibling + b"\x20", b"")

    path = tuple(step(height, *turn) for height, turn in enumerate(turns, start=1))
    assert word(replace(GOOD, leaf=zigzag(0, 1, version), path=path)) is None


class TestJson:
    OP: ClassVar = {"type": "ics23:iavl", "key": b64(b"k"), "data": b64(b"data")}

    def test_it_is_read(self) -> None:
        assert ops_of({"ops": [self.OP]}) == (ProofOp("ics23:iavl", b"k", b"data"),)
        assert ops_of({"ops": []}) == ()

    @pytest.mark.parametrize(
        "told",
        [
            None,
            [],
            {},
            {"ops": None},
            {"ops": {}},
            {"ops": "x"},
            {"ops": [None]},
            {"ops": [{}]},
            {"ops": [OP | {"type": 5}]},
            {"ops": [OP | {"key": "a"}]},
            {"ops": [OP | {"key": "aa=="}]},
            {"ops": [OP | {"key": "ab=="}]},
            {"ops": [OP | {"key": "YQ"}]},
            {"ops": [OP | {"key": "YQ==\n"}]},
            {"ops": [OP | {"key": "Y-=="}]},
            {"ops": [OP | {"data": "é"}]},
            {"ops": [OP | {"data": None}]},
        ],
        ids=str,
    )
    def test_what_is_not_of_its_form(self, told: object) -> None:
        with pytest.raises(ProofError) as caught:
            ops_of(told)
        assert caught.value.reason == "malformed"
