"""Proofs that hold, and each of them broken in one place."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from gonka_mock_node.chain.proofs import participants_key

from . import ics23_forged
from . import ics23_sample as sample
from .ics23_chain import (
    EPOCH,
    GOOD,
    INNER,
    OUTER,
    SAMPLE,
    STORE,
    Case,
    chained,
    flipped,
    in_small_trees,
    left_of,
    of_epoch,
)
from .ics23_proof import Leaf, bare, written
from .ics23_verdict import Claim, Op
from .protobuf import bytes_field

_IAVL, _SIMPLE = GOOD.ops
_EARLIER: Final = of_epoch(EPOCH - 1)


def cases() -> Iterator[Case]:
    """All of them; the number of each is its place."""
    yield from _holding()
    yield from _other_operations()
    yield from _other_contents()
    yield from _other_names()
    yield from _tampered_paths()
    yield from ics23_forged.cases()


def _with_ops(*ops: Op) -> Claim:
    return replace(GOOD, ops=ops)


def _holding() -> Iterator[Case]:
    yield Case("the documentation's sample", "published", SAMPLE)
    yield Case("epoch 172 of a small chain", "several-leaves", GOOD)
    yield Case("epoch 171 of the same chain: another state", "several-leaves", _EARLIER)
    yield Case("a leaf that is the root, in both trees", "one-leaf", in_small_trees(1, 0))
    yield Case("two leaves, the left one", "several-leaves", in_small_trees(2, 0))
    yield Case("two leaves, the right one", "several-leaves", in_small_trees(2, 1))


def _other_operations() -> Iterator[Case]:
    yield Case("one operation", "operations", _with_ops(_IAVL), "op-count")
    yield Case("three operations", "operations", _with_ops(_IAVL, _SIMPLE, _SIMPLE), "op-count")
    yield Case("none", "operations", _with_ops(), "op-count")
    yield Case("in the other order", "operations", _with_ops(_SIMPLE, _IAVL), "op-type")
    other = replace(_IAVL, type="ics23:smt")
    yield Case("another type of tree", "operations", _with_ops(other, _SIMPLE), "op-type")
    absence = bytes_field(2, bytes_field(1, INNER.key + b"/") + bytes_field(2, bare(INNER)))
    yield Case("a proof of absence", "kind", _with_ops(replace(_IAVL, data=absence), _SIMPLE), "not-existence")
    batch = bytes_field(3, bytes_field(1, written(INNER)))
    yield Case("a batch of proofs", "kind", _with_ops(replace(_IAVL, data=batch), _SIMPLE), "not-existence")
    yield Case("no bytes", "kind", _with_ops(_IAVL, replace(_SIMPLE, data=b"")), "not-existence")
    yield Case("cut short", "kind", _with_ops(replace(_IAVL, data=_IAVL.data[:-1]), _SIMPLE), "malformed")


def _other_contents() -> Iterator[Case]:
    for comment, root, claim in (
        ("the sample, with the header that is printed beside it", sample.HEADERS_APP_HASH, SAMPLE),
        ("the app hash of another state", _EARLIER.app_hash, GOOD),
        ("one bit of the app hash", flipped(GOOD.app_hash), GOOD),
        ("no app hash", b"", GOOD),
    ):
        yield Case(comment, "wrong-root", replace(claim, app_hash=root), "app-hash")
    longer = replace(INNER, value=INNER.value + b"\x00")
    claim = replace(GOOD, value=longer.value)
    yield Case("one byte more in the value", "wrong-value", claim, "value")
    claim = replace(claim, ops=(replace(_IAVL, data=written(longer)), _SIMPLE))
    yield Case("the same in the proof as well", "wrong-value", claim, "store-root")
    above = replace(_SIMPLE, data=written(replace(OUTER, value=longer.root)))
    claim = replace(claim, ops=(claim.ops[0], above))
    yield Case("and the root in the second proof", "wrong-value", claim, "app-hash")


def _other_names() -> Iterator[Case]:
    yield Case("a whole proof, of another epoch", "wrong-key", replace(_EARLIER, key=GOOD.key), "key")
    earlier = participants_key(EPOCH - 1)
    claim = replace(_with_ops(replace(_IAVL, key=earlier), _SIMPLE), key=earlier)
    yield Case("another epoch written on the operation", "wrong-key", claim, "proof-key")
    bank = chained(INNER, replace(OUTER, key=b"bank"))
    yield Case("a whole proof, of another store", "wrong-store", bank, "store")
    ops = (bank.ops[0], replace(bank.ops[1], key=STORE))
    yield Case("another store under this name", "wrong-store", replace(bank, ops=ops), "proof-key")


def _tampered_paths() -> Iterator[Case]:
    at = left_of(INNER)
    step = INNER.path[at]
    first, second, *others = INNER.path
    older = step.prefix[:-2] + flipped(step.prefix[-2:-1]) + step.prefix[-1:]
    for comment, proof in (
        ("the last step is missing", replace(INNER, path=INNER.path[:-1])),
        ("no steps", replace(INNER, path=())),
        ("two steps in the other order", replace(INNER, path=(second, first, *others))),
        ("a sibling that differs in one bit", INNER.with_step(at, replace(step, suffix=flipped(step.suffix)))),
        ("another version in an inner node", INNER.with_step(at, replace(step, prefix=older))),
        ("another version in the leaf", replace(INNER, leaf=Leaf(flipped(INNER.leaf.prefix)))),
    ):
        yield Case(comment, "tampered-path", _with_ops(replace(_IAVL, data=written(proof)), _SIMPLE), "store-root")
    shorter = replace(OUTER, path=OUTER.path[:-1])
    claim = _with_ops(_IAVL, replace(_SIMPLE, data=written(shorter)))
    yield Case("the last step between stores is missing", "tampered-path", claim, "app-hash")
