"""ICS23 proofs of existence: that a value stands under a key of a store, in the state of a root (`protocol.md` §7.2).

As strict as ics23 v0.11 with its specs for IAVL and for CometBFT's simple tree, and stricter where those trees leave
no choice: the lengths in front of hashes in an IAVL node, the one byte in front of a leaf or a node of the simple tree,
numbers in their shortest form. Without these bounds whoever chooses the bytes of a path could have them read as
another leaf. The key and the store come from the caller, never from the proof.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from . import messages
from .merkle import sha256
from .reasons import refused
from .strict import base64_bytes, mapping, rows, text

STORE: Final = b"inference"
"""Key of the store that holds the participants."""

WORDS: Final[Mapping[str, str]] = {
    "op-count": "there are not exactly two operations",
    "op-type": "the operations are not ics23:iavl and ics23:simple, in this order",
    "key": "the first operation is for another key than that of the epoch",
    "store": "the second operation is for another store",
    "malformed": "it is no protobuf of the usual form",
    "not-existence": "it is of another kind than existence",
    "proof-key": "it is for another key than its operation",
    "value": "it is for another value, or for none",
    "store-root": "the root of the first proof is not the value of the second",
    "depth": "a path is longer than 128 steps",
    "leaf-hash": "a leaf is not hashed with SHA-256",
    "leaf-prehash-key": "the key of a leaf is hashed before",
    "leaf-prehash-value": "the value of a leaf is not hashed with SHA-256 before",
    "leaf-length": "the parts of a leaf do not stand behind their lengths",
    "leaf-prefix": "the prefix of a leaf is none that a leaf has",
    "inner-hash": "a node is not hashed with SHA-256",
    "inner-prefix-of-leaf": "the prefix of a node begins as that of a leaf",
    "inner-prefix-short": "the prefix of a node is too short",
    "inner-prefix-long": "the prefix of a node is too long",
    "inner-prefix-value": "the prefix of a node is none that a node has",
    "child-length": "what stands behind a node is no sibling",
}
"""Each way in which a proof can fail to hold; the message of an error has the word in brackets."""

_SHA256: Final = 1
_VAR_PROTO: Final = 1
_MOST_STEPS: Final = 128
_HASH_LENGTH: Final = b"\x20"


@dataclass(frozen=True, slots=True)
class ProofOp:
    """One operation: its type, its key, and the bytes of a `CommitmentProof`."""

    type: str
    key: bytes
    data: bytes


@dataclass(frozen=True, slots=True)
class _Tree:
    """What a tree allows: bytes of a node in front of its children, bytes of a child, how a node begins."""

    least: int
    most: int
    child: int
    begins: bytes


_IAVL: Final = _Tree(4, 12, 33, b"")
_SIMPLE: Final = _Tree(1, 1, 32, b"\x01")


def ops_of(told: object) -> tuple[ProofOp, ...]:
    """The operations in `proof_ops` of an answer. Raises `ProofError` (`malformed`)."""
    return tuple(_op(each) for each in rows(mapping(told, "proof_ops").get("ops"), "proof_ops.ops"))


def _op(told: object) -> ProofOp:
    op = mapping(told, "an operation of the proof")
    return ProofOp(
        text(op.get("type"), "the type of an operation"),
        base64_bytes(op.get("key"), "the key of an operation"),
        base64_bytes(op.get("data"), "the data of an operation"),
    )


def proven_root(value: bytes, ops: Sequence[ProofOp], key: bytes, store: bytes = STORE) -> bytes:
    """The root (32 bytes) of the one state in which, by the proof, the value stands under the key of the store.

    Raises `ProofError` (`proof`), with a word of `WORDS` in its message. What the root is compared with is the
    caller's business.
    """
    _require(len(ops) == 2, "op-count")
    iavl, simple = ops
    _require((iavl.type, simple.type) == ("ics23:iavl", "ics23:simple"), "op-type")
    _require(iavl.key == key, "key")
    _require(simple.key == store, "store")
    below, above = _existence(iavl), _existence(simple)
    _require(below.exist.value == value and bool(value), "value")
    store_root = _climbed(below.exist, _IAVL)
    _require(above.exist.value == store_root, "store-root")
    root = _climbed(above.exist, _SIMPLE)
    _check_form(below.exist)
    _require(_is_usual(below, iavl.data) and _is_usual(above, simple.data), "malformed")
    return root


def _existence(op: ProofOp) -> Any:
    try:
        proof = messages.parse(messages.CommitmentProof, op.data)
    except messages.MalformedError:
        raise _broken("malformed") from None
    _require(proof.WhichOneof("proof") == "exist", "not-existence")
    _require(proof.exist.key == op.key, "proof-key")
    return proof


def _is_usual(proof: Any, data: bytes) -> bool:
    try:
        messages.require_usual(proof, data)
    except messages.MalformedError:
        return False
    return True


def _climbed(proof: Any, tree: _Tree) -> bytes:
    _require(len(proof.path) <= _MOST_STEPS, "depth")
    _check_leaf(proof.leaf, tree)
    node = sha256(proof.leaf.prefix + _delimited(proof.key) + _delimited(sha256(proof.value)))
    for step in proof.path:
        _check_step(step, tree)
        node = sha256(step.prefix + node + step.suffix)
    return node


def _check_leaf(leaf: Any, tree: _Tree) -> None:
    _require(leaf.hash == _SHA256, "leaf-hash")
    _require(leaf.prehash_key == 0, "leaf-prehash-key")
    _require(leaf.prehash_value == _SHA256, "leaf-prehash-value")
    _require(leaf.length == _VAR_PROTO, "leaf-length")
    _require(leaf.prefix.startswith(b"\x00"), "leaf-prefix")
    _require(tree is _IAVL or leaf.prefix == b"\x00", "leaf-prefix")


def _check_step(step: Any, tree: _Tree) -> None:
    """A left child has its sibling behind it, a right one in front, as a part of the prefix."""
    in_front = 0 if step.suffix else tree.child
    _require(step.hash == _SHA256, "inner-hash")
    _require(not step.prefix.startswith(b"\x00"), "inner-prefix-of-leaf")
    _require(len(step.prefix) >= tree.least + in_front, "inner-prefix-short")
    _require(len(step.prefix) <= tree.most + in_front, "inner-prefix-long")
    _require(step.prefix.startswith(tree.begins), "inner-prefix-value")
    _require(len(step.suffix) in (0, tree.child), "child-length")


def _check_form(proof: Any) -> None:
    """What an IAVL tree leaves no choice in: height, size and version, then hashes of 32 bytes behind their lengths."""
    numbers, rest = _three_numbers(proof.leaf.prefix)
    _require(numbers[:1] == [0] and rest == b"", "leaf-prefix")
    for layer, step in enumerate(proof.path, start=1):
        numbers, rest = _three_numbers(step.prefix)
        in_front = rest[33:] if not step.suffix and rest.startswith(_HASH_LENGTH) else rest
        _require(numbers[:1] >= [layer] and in_front == _HASH_LENGTH, "inner-prefix-value")
        _require(step.suffix[:1] in (b"", _HASH_LENGTH), "child-length")


def _three_numbers(data: bytes) -> tuple[list[int], bytes]:
    """Three numbers of zero or more, as Go's zig-zag varints in their shortest form, and the rest; none if not so."""
    numbers: list[int] = []
    for _ in range(3):
        end = next((at for at, byte in enumerate(data[:9], start=1) if byte < 0x80), 0)
        value = sum((byte & 0x7F) << 7 * at for at, byte in enumerate(data[:end]))
        if not end or value & 1 or (end > 1 and data[end - 1] == 0):
            return [], data
        numbers.append(value >> 1)
        data = data[end:]
    return numbers, data


def _delimited(data: bytes) -> bytes:
    return varint(len(data)) + data


def varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first."""
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes([*out, value])


def _require(holds: bool, word: str) -> None:
    if not holds:
        raise _broken(word)


def _broken(word: str) -> Exception:
    return refused("proof", f"the proof does not hold ({word}: {WORDS[word]})")
