"""ICS23 proofs that the participants of an epoch stand in the chain's state (`protocol.md` §7).

The state is small but real: an IAVL tree of several entries for the store of the participants, and the simple Merkle
tree of several stores above it, whose root is the `app_hash` of the next block. `verify` is as strict as the
specifications behind such proofs, which the official SDKs for Python and TypeScript are not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from . import ics23
from .active_participants import active_participants
from .epochs import Epoch
from .ics23 import Existence, ProofError
from .merkle import Leaf, iavl_tree, sha256, simple_path, simple_root
from .protobuf import delimited, encode

STORE: Final = b"inference"
_STORES: Final = (
    b"acc",
    b"authz",
    b"bank",
    b"bls",
    b"collateral",
    b"distribution",
    b"gov",
    b"ibc",
    STORE,
    b"restrictions",
    b"slashing",
    b"staking",
    b"upgrade",
)
_OTHER_KEYS: Final = (
    b"Account/value/",
    b"EffectiveEpoch/value/",
    b"EpochGroupData/value/",
    b"Inference/value/",
    b"Model/value/",
    b"Params/value/",
)


@dataclass(frozen=True, slots=True)
class ProofOp:
    """One step of a proof; `data` is a protobuf `CommitmentProof`."""

    type: str
    key: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class Proven:
    """A value (protobuf `ActiveParticipants`), its two proofs, and the root of 32 bytes that they lead to."""

    value: bytes
    ops: tuple[ProofOp, ProofOp]
    app_hash: bytes


def participants_key(epoch: int) -> bytes:
    """The key under which the participants of an epoch are stored (`protocol.md` §7.1)."""
    return b"ActiveParticipants/value/" + epoch.to_bytes(8, "big") + b"/"


def prove(epochs: Mapping[int, Epoch], number: int) -> Proven:
    """The participants of an epoch and the proof, in the state of the height at which they were written."""
    return _proven(tuple(epoch for epoch in epochs.values() if epoch.number <= number), number)


@lru_cache(maxsize=64)
def _proven(epochs: tuple[Epoch, ...], number: int) -> Proven:
    """From the epochs up to that one. Several routes ask for the same proof."""
    key = participants_key(number)
    leaves = _state(epochs)
    at = next(index for index, leaf in enumerate(leaves) if leaf.key == key)
    tree = iavl_tree(leaves, at)
    inner = Existence(key, leaves[at].value, leaves[at].prefix, tree.path)
    stores = [delimited(name) + delimited(sha256(_root_of(name, tree.root))) for name in _STORES]
    outer = Existence(STORE, tree.root, b"\x00", simple_path(stores, _STORES.index(STORE)))
    ops = (ProofOp("ics23:iavl", key, ics23.encoded(inner)), ProofOp("ics23:simple", STORE, ics23.encoded(outer)))
    return Proven(leaves[at].value, ops, simple_root(stores))


def _state(epochs: Iterable[Epoch]) -> list[Leaf]:
    """What the store held when the participants of the last epoch were written: they, earlier ones and other things."""
    others = [Leaf(key, sha256(key), 1 + index) for index, key in enumerate(_OTHER_KEYS)]
    listed = [
        Leaf(participants_key(epoch.number), encode(active_participants(epoch)), epoch.created_at) for epoch in epochs
    ]
    return sorted([*others, *listed], key=lambda leaf: leaf.key)


def _root_of(name: bytes, root: bytes) -> bytes:
    return root if name == STORE else sha256(b"store " + name)


def verify(value: bytes, ops: Sequence[ProofOp], app_hash: bytes, key: bytes | None = None) -> None:
    """Raise `ProofError` unless the ops lead from the value to the root (32 bytes), by the rules of `protocol.md` §7.2.

    Where a key is given, the first op has to be for it and the second for the store of the participants.
    """
    if len(ops) != 2:
        raise ProofError(f"expected 2 proof ops, got {len(ops)}")
    for name, op, wanted in (("first", ops[0], "ics23:iavl"), ("second", ops[1], "ics23:simple")):
        if op.type != wanted:
            raise ProofError(f"unexpected {name} proof op type: {op.type}")
    if key is not None and (ops[0].key, ops[1].key) != (key, STORE):
        raise ProofError("proof ops are not for the key of these participants")
    store_root = _proven_root(ops[0], value, ics23.IAVL)
    if _proven_root(ops[1], store_root, ics23.SIMPLE) != app_hash:
        raise ProofError("simple proof does not match app hash")


def _proven_root(op: ProofOp, value: bytes, spec: ics23.Spec) -> bytes:
    proof = ics23.decoded(op.data)
    if proof.key != op.key:
        raise ProofError(f"{op.type} proof is for another key than its op")
    if proof.value != value:
        raise ProofError(f"{op.type} proof is for another value")
    spec.require(proof)
    return proof.root
