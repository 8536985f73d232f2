"""Whether two proof operations lead from a value to an app hash (`protocol.md` §7.2), and what is wrong where not.

Strict: the expected key and store, the constraints of both kinds of tree, every operation. The values on the way are
kept as far as the verification came.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from .ics23_proof import NO_HASH, SHA256, VAR_PROTO, Existence, Inner, Leaf, NotExistenceError, read
from .protobuf import MalformedError

REASONS: Final = {
    "op-count": "There are not exactly two proof operations.",
    "op-type": "The operations are not `ics23:iavl` and `ics23:simple`, in this order.",
    "key": "The first operation is for another key than the one that was asked for.",
    "store": "The second operation is for another store than `inference`.",
    "malformed": "A proof is no protobuf message.",
    "not-existence": "A proof is of another kind than existence.",
    "proof-key": "A proof is for another key than its operation.",
    "value": "The first proof is for another value.",
    "store-root": "The root of the first proof is not the value of the second.",
    "app-hash": "The root of the second proof is not the app hash.",
    "leaf-hash": "A leaf is not hashed with SHA-256.",
    "leaf-prehash-key": "A leaf's key is hashed before.",
    "leaf-prehash-value": "A leaf's value is not hashed with SHA-256 before.",
    "leaf-length": "A leaf's parts do not stand behind their lengths.",
    "leaf-prefix": "A leaf's prefix does not begin with 00.",
    "inner-hash": "An inner node is not hashed with SHA-256.",
    "inner-prefix-of-leaf": "An inner node's prefix begins with 00, as a leaf's does.",
    "inner-prefix-short": "An inner node's prefix is too short.",
    "inner-prefix-long": "An inner node's prefix is too long.",
    "inner-prefix-value": "An inner node of a simple tree does not begin with 01.",
    "child-length": "What stands behind a node is no sibling: its length is wrong.",
}


class RefusedError(ValueError):
    """`reason` is one of `REASONS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Op:
    """One operation; `data` are the bytes of a `CommitmentProof`."""

    type: str
    key: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Claim:
    """What has to be shown: that this value stands under this key of the store, in the state of this app hash."""

    key: bytes
    value: bytes
    ops: Sequence[Op]
    app_hash: bytes
    store: bytes = b"inference"


@dataclass(frozen=True, slots=True)
class Tree:
    """What a kind of tree allows in front of its children, and how long one child is."""

    least: int
    most: int
    child: int
    begins: bytes = b""


IAVL: Final = Tree(4, 12, 33)
SIMPLE: Final = Tree(1, 1, 32, b"\x01")


@dataclass(slots=True)
class Verdict:
    """`reason` is None for a proof that holds; the hashes (32 bytes) are those that were reached."""

    reason: str | None = None
    hashes: dict[str, bytes] = field(default_factory=dict)


def judge(claim: Claim) -> Verdict:
    """The verdict on a claim."""
    verdict = Verdict()
    try:
        _verify(claim, verdict.hashes)
    except RefusedError as refused:
        verdict.reason = refused.reason
    return verdict


def _verify(claim: Claim, hashes: dict[str, bytes]) -> None:
    _require(len(claim.ops) == 2, "op-count")
    iavl, simple = claim.ops
    _require((iavl.type, simple.type) == ("ics23:iavl", "ics23:simple"), "op-type")
    _require(iavl.key == claim.key, "key")
    _require(simple.key == claim.store, "store")
    inner = _proof(iavl)
    _require(inner.value == claim.value, "value")
    check(inner, IAVL)
    hashes["leaf_hash"], hashes["store_root"] = inner.leaf_hash, inner.root
    outer = _proof(simple)
    _require(outer.value == inner.root, "store-root")
    check(outer, SIMPLE)
    hashes["store_leaf_hash"], hashes["computed_app_hash"] = outer.leaf_hash, outer.root
    _require(outer.root == claim.app_hash, "app-hash")


def _proof(op: Op) -> Existence:
    try:
        proof = read(op.data)
    except MalformedError:
        raise RefusedError("malformed") from None
    except NotExistenceError:
        raise RefusedError("not-existence") from None
    _require(proof.key == op.key, "proof-key")
    return proof


def check(proof: Existence, tree: Tree) -> None:
    """Raise `RefusedError` for a proof that this kind of tree cannot have."""
    _check_leaf(proof.leaf)
    for step in proof.path:
        _check_step(step, tree)


def _check_leaf(leaf: Leaf) -> None:
    _require(leaf.hash == SHA256, "leaf-hash")
    _require(leaf.prehash_key == NO_HASH, "leaf-prehash-key")
    _require(leaf.prehash_value == SHA256, "leaf-prehash-value")
    _require(leaf.length == VAR_PROTO, "leaf-length")
    _require(leaf.prefix.startswith(b"\x00"), "leaf-prefix")


def _check_step(step: Inner, tree: Tree) -> None:
    """A left child has its sibling behind it, a right one in front, as a part of the prefix."""
    in_front = 0 if step.suffix else tree.child
    _require(step.hash == SHA256, "inner-hash")
    _require(not step.prefix.startswith(b"\x00"), "inner-prefix-of-leaf")
    _require(len(step.prefix) >= tree.least + in_front, "inner-prefix-short")
    _require(len(step.prefix) <= tree.most + in_front, "inner-prefix-long")
    _require(step.prefix.startswith(tree.begins), "inner-prefix-value")
    _require(len(step.suffix) in (0, tree.child), "child-length")


def _require(holds: bool, reason: str) -> None:
    if not holds:
        raise RefusedError(reason)
