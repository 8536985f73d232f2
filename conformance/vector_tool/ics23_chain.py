"""Proofs that hold: from the mock node's chain, from small trees, and from the documentation."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

from gonka_mock_node.chain import BlockClock, Chain, Participant
from gonka_mock_node.chain.merkle import Leaf as StoreLeaf
from gonka_mock_node.chain.merkle import iavl_tree, simple_path
from gonka_mock_node.chain.proofs import participants_key, prove
from gonka_mock_node.chain.protobuf import delimited

from . import ics23_sample as sample
from .ics23_proof import Existence, Inner, Leaf, read, sha256, written
from .ics23_verdict import Claim, Op
from .published import PROVIDERS, TIMESTAMP_NS

EPOCH: Final = 172
STORE: Final = b"inference"


@dataclass(frozen=True, slots=True)
class Case:
    """A claim; `reason` is what is wrong with it, None where it holds."""

    comment: str
    flag: str
    claim: Claim
    reason: str | None = None


def of_epoch(epoch: int) -> Claim:
    """A proof of the mock node's chain, whose trees have several leaves and both kinds of children."""
    chain = Chain(clock=BlockClock(lambda: TIMESTAMP_NS), models=("test",))
    for number, address in enumerate(PROVIDERS):
        chain.join(Participant(address, f"http://node{number}.example:8000", 100 * (number + 1)))
    chain.next_epoch()
    proven = prove(chain.epochs, epoch)
    ops = tuple(Op(op.type, op.key, op.data) for op in proven.ops)
    return Claim(participants_key(epoch), proven.value, ops, proven.app_hash)


def in_small_trees(count: int, at: int) -> Claim:
    """A proof in trees of one or two leaves, for the leaf at an index."""
    keys = [participants_key(EPOCH - at + number) for number in range(count)]
    leaves = [StoreLeaf(key, b"value of " + key, 9 + number) for number, key in enumerate(keys)]
    tree = iavl_tree(leaves, at)
    path = tuple(Inner(step.prefix, step.suffix) for step in tree.path)
    inner = Existence(leaves[at].key, leaves[at].value, Leaf(leaves[at].prefix), path)
    names = [*(b"bank",)[:at], STORE, *(b"staking",)[at : count - 1]]
    stores = [delimited(name) + delimited(sha256(tree.root)) for name in names]
    path = tuple(Inner(step.prefix, step.suffix) for step in simple_path(stores, at))
    return chained(inner, Existence(STORE, inner.root, Leaf(b"\x00"), path))


def chained(inner: Existence, outer: Existence) -> Claim:
    """The claim of two proofs, the second over the root of the first: whatever they are, they lead to its app hash."""
    outer = replace(outer, value=inner.root)
    ops = (Op("ics23:iavl", inner.key, written(inner)), Op("ics23:simple", outer.key, written(outer)))
    return Claim(inner.key, inner.value, ops, outer.root)


SAMPLE: Final = Claim(sample.KEY, sample.VALUE, sample.OPS, sample.APP_HASH)
GOOD: Final = of_epoch(EPOCH)
INNER: Final = read(GOOD.ops[0].data)
OUTER: Final = read(GOOD.ops[1].data)
"""The two proofs of `GOOD`."""


def left_of(proof: Existence) -> int:
    """The first step of a left child, which has its sibling behind it."""
    return next(at for at, step in enumerate(proof.path) if step.suffix)


def right_of(proof: Existence) -> int:
    """The first step of a right child, which has its sibling in front."""
    return next(at for at, step in enumerate(proof.path) if not step.suffix)


def flipped(data: bytes) -> bytes:
    """The same but for one bit."""
    return data[:-1] + bytes([data[-1] ^ 1])
