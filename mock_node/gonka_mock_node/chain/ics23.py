"""The protobuf of an ICS23 existence proof, and what the two kinds of tree allow in one (`protocol.md` §7.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeVar

from .merkle import Step, sha256
from .protobuf import ProtobufError, decode, delimited, encode, message

_SHA256: Final = 1
_VAR_PROTO: Final = 1
Wanted = TypeVar("Wanted", int, bytes)


class ProofError(ValueError):
    """Why a proof proves nothing."""


@dataclass(frozen=True, slots=True)
class Existence:
    """A key, its value, what is hashed in front of them, and the way up."""

    key: bytes
    value: bytes
    leaf_prefix: bytes
    path: tuple[Step, ...]

    @property
    def root(self) -> bytes:
        """32 bytes: where the way ends."""
        node = sha256(self.leaf_prefix + delimited(self.key) + delimited(sha256(self.value)))
        for step in self.path:
            node = step.climb(node)
        return node


@dataclass(frozen=True, slots=True)
class Spec:
    """What a tree allows: bytes of an inner node in front of its children, how it begins, bytes of a child's hash."""

    name: str
    least_prefix: int
    most_prefix: int
    child_bytes: int
    begins: bytes = b""

    def require(self, proof: Existence) -> None:
        """Raise `ProofError` for a proof that this kind of tree cannot have."""
        if not proof.key or not proof.value:
            raise ProofError(f"{self.name} proof without key or value")
        if not proof.leaf_prefix.startswith(b"\x00"):
            raise ProofError(f"{self.name} leaf has the prefix of an inner node")
        for step in proof.path:
            self._require_step(step)

    def _require_step(self, step: Step) -> None:
        """A left child has its sibling behind it, a right one in front."""
        sibling_in_front = 0 if step.suffix else self.child_bytes
        least, most = self.least_prefix + sibling_in_front, self.most_prefix + sibling_in_front
        begins = step.prefix.startswith(self.begins) and not step.prefix.startswith(b"\x00")
        if not begins or not least <= len(step.prefix) <= most:
            raise ProofError(f"{self.name} inner node has a prefix of the wrong form")
        if len(step.suffix) not in (0, self.child_bytes):
            raise ProofError(f"{self.name} inner node has a suffix of the wrong length")


IAVL: Final = Spec("iavl", 4, 12, 33)
SIMPLE: Final = Spec("simple", 1, 1, 32, b"\x01")


def encoded(proof: Existence) -> bytes:
    """The bytes of a `CommitmentProof` that holds this proof."""
    leaf = message(
        (1, "hash", _SHA256),
        (3, "prehash_value", _SHA256),
        (4, "length", _VAR_PROTO),
        (5, "prefix", proof.leaf_prefix),
    )
    path = tuple(
        message((1, "hash", _SHA256), (2, "prefix", step.prefix), (3, "suffix", step.suffix)) for step in proof.path
    )
    existence = message((1, "key", proof.key), (2, "value", proof.value), (3, "leaf", leaf), (4, "path", path))
    return encode(message((1, "exist", existence)))


def decoded(data: bytes) -> Existence:
    """The proof in a `CommitmentProof`. Raises `ProofError` for every other kind and every other hash or form."""
    try:
        return _existence(_only(_fields(data, 1), 1, bytes))
    except ProtobufError as error:
        raise ProofError(f"commitment proof is malformed: {error}") from None


def _existence(data: bytes) -> Existence:
    fields = _fields(data, 4)
    leaf = _fields(_only(fields, 3, bytes), 5)
    operations = tuple(_only(leaf, number, int) for number in (1, 3, 4))
    if operations != (_SHA256, _SHA256, _VAR_PROTO) or leaf.get(2, [0]) != [0]:
        raise ProofError("leaf is not hashed as SHA-256 over the key and the hash of the value")
    steps = tuple(_step(each) for each in fields.get(4, []) if isinstance(each, bytes))
    if len(steps) != len(fields.get(4, [])):
        raise ProofError("inner node is malformed")
    return Existence(_only(fields, 1, bytes), _only(fields, 2, bytes), _only(leaf, 5, bytes), steps)


def _step(data: bytes) -> Step:
    fields = _fields(data, 3)
    if _only(fields, 1, int) != _SHA256:
        raise ProofError("inner node is not hashed with SHA-256")
    return Step(_only(fields, 2, bytes), _only(fields, 3, bytes) if 3 in fields else b"")


def _fields(data: bytes, highest: int) -> Mapping[int, list[int | bytes]]:
    found: dict[int, list[int | bytes]] = {}
    for number, value in decode(data):
        if not 1 <= number <= highest:
            raise ProofError(f"unexpected field {number} in a commitment proof; only existence proofs are accepted")
        found.setdefault(number, []).append(value)
    return found


def _only(fields: Mapping[int, list[int | bytes]], number: int, wanted: type[Wanted]) -> Wanted:
    values = fields.get(number, [])
    if len(values) != 1 or not isinstance(values[0], wanted):
        raise ProofError(f"commitment proof needs field {number} exactly once")
    return values[0]
