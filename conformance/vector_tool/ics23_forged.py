"""Proofs that break a constraint of their trees, with everything above hashed again (`protocol.md` §7.2).

Such a proof leads to its app hash; only who knows the constraint refuses it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from .ics23_chain import INNER, OUTER, Case, chained, left_of, right_of
from .ics23_proof import NO_HASH, NO_PREFIX, SHA256, SHA512, Existence, Inner, Leaf


def cases() -> Iterator[Case]:
    """Leaves first, then inner nodes; in both kinds of tree."""
    for comment, reason, leaf in _leaves(INNER.leaf):
        yield Case(comment, "leaf-constraint", chained(replace(INNER, leaf=leaf), OUTER), reason)
    for comment, reason, leaf in _store_leaves(OUTER.leaf):
        yield Case(comment, "leaf-constraint", chained(INNER, replace(OUTER, leaf=leaf)), reason)
    for comment, reason, proof in _nodes(INNER):
        yield Case(comment, "inner-constraint", chained(proof, OUTER), reason)
    for comment, reason, proof in _store_nodes(OUTER):
        yield Case(f"stores: {comment}", "inner-constraint", chained(INNER, proof), reason)


def _leaves(leaf: Leaf) -> Iterator[tuple[str, str, Leaf]]:
    yield "the leaf claims SHA-512", "leaf-hash", replace(leaf, hash=SHA512)
    yield "the leaf claims no hash", "leaf-hash", replace(leaf, hash=NO_HASH)
    yield "the key is hashed before", "leaf-prehash-key", replace(leaf, prehash_key=SHA256)
    yield "the value is not hashed before", "leaf-prehash-value", replace(leaf, prehash_value=NO_HASH)
    yield "no lengths", "leaf-length", replace(leaf, length=NO_PREFIX)
    yield "the leaf looks like an inner node", "leaf-prefix", replace(leaf, prefix=b"\x02" + leaf.prefix[1:])
    yield "no prefix", "leaf-prefix", replace(leaf, prefix=b"")


def _store_leaves(leaf: Leaf) -> Iterator[tuple[str, str, Leaf]]:
    yield "the store's leaf looks like an inner node", "leaf-prefix", replace(leaf, prefix=b"\x01")
    yield "the store's root is not hashed before", "leaf-prehash-value", replace(leaf, prehash_value=NO_HASH)


def _nodes(proof: Existence) -> Iterator[tuple[str, str, Existence]]:
    at, step = _step(proof, left_of(proof))
    padding = bytes(46 - len(step.prefix))
    for comment, reason, broken in (
        ("an inner node claims SHA-512", "inner-hash", replace(step, hash=SHA512)),
        ("an inner node looks like a leaf", "inner-prefix-of-leaf", replace(step, prefix=b"\x00\x02\x1e\x20")),
        ("three bytes before a left child", "inner-prefix-short", replace(step, prefix=b"\x02\x04\x20")),
        ("46 bytes before a left child", "inner-prefix-long", replace(step, prefix=step.prefix + padding)),
        ("a sibling of 32 bytes", "child-length", replace(step, suffix=step.suffix[1:])),
        ("a sibling and one byte", "child-length", replace(step, suffix=step.suffix + b"\x00")),
    ):
        yield comment, reason, proof.with_step(at, broken)
    at, step = _step(proof, right_of(proof))
    padding = b"\x02" * (46 - len(step.prefix))
    for comment, reason, broken in (
        ("36 bytes before a right child", "inner-prefix-short", replace(step, prefix=step.prefix[-36:])),
        ("46 bytes before a right child", "inner-prefix-long", replace(step, prefix=padding + step.prefix)),
    ):
        yield comment, reason, proof.with_step(at, broken)


def _store_nodes(proof: Existence) -> Iterator[tuple[str, str, Existence]]:
    at, step = _step(proof, left_of(proof))
    for comment, reason, broken in (
        ("an inner node claims no hash", "inner-hash", replace(step, hash=NO_HASH)),
        ("an inner node looks like a leaf", "inner-prefix-of-leaf", replace(step, prefix=b"\x00")),
        ("nothing before a left child", "inner-prefix-short", replace(step, prefix=b"")),
        ("34 bytes before a left child", "inner-prefix-long", replace(step, prefix=b"\x01" + bytes(33))),
        ("02 before a left child", "inner-prefix-value", replace(step, prefix=b"\x02")),
        ("a sibling of 31 bytes", "child-length", replace(step, suffix=step.suffix[1:])),
    ):
        yield comment, reason, proof.with_step(at, broken)
    at, step = _step(proof, right_of(proof))
    broken = replace(step, prefix=b"\x02" + step.prefix[1:])
    yield "02 before a right child", "inner-prefix-value", proof.with_step(at, broken)


def _step(proof: Existence, at: int) -> tuple[int, Inner]:
    return at, proof.path[at]
