"""An ICS23 existence proof: read, written, and hashed the way its operations say (`protocol.md` §7.2).

Written from the protocol's text for the vectors; neither the core nor the mock node has a part in it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from .protobuf import MalformedError, bytes_field, fields, framed, number_field

NO_HASH: Final = 0
SHA256: Final = 1
SHA512: Final = 2
NO_PREFIX: Final = 0
VAR_PROTO: Final = 1
_EXISTENCE: Final = 1
Wanted = TypeVar("Wanted", int, bytes)


class NotExistenceError(ValueError):
    """A proof of another kind."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """How key and value become the hash of a leaf."""

    prefix: bytes
    hash: int = SHA256
    prehash_key: int = NO_HASH
    prehash_value: int = SHA256
    length: int = VAR_PROTO

    def apply(self, key: bytes, value: bytes) -> bytes:
        """32 bytes. `hash` is taken for SHA-256 whatever it says: what says otherwise is refused before."""
        parts = (_prehashed(self.prehash_key, key), _prehashed(self.prehash_value, value))
        return sha256(self.prefix + b"".join(framed(part) if self.length else part for part in parts))


@dataclass(frozen=True, slots=True)
class Inner:
    """One step up: what stands before and behind the hash so far."""

    prefix: bytes
    suffix: bytes = b""
    hash: int = SHA256

    def apply(self, node: bytes) -> bytes:
        return sha256(self.prefix + node + self.suffix)


@dataclass(frozen=True, slots=True)
class Existence:
    """A key with its value, and the way to the root."""

    key: bytes
    value: bytes
    leaf: Leaf
    path: tuple[Inner, ...] = ()

    @property
    def leaf_hash(self) -> bytes:
        return self.leaf.apply(self.key, self.value)

    @property
    def root(self) -> bytes:
        node = self.leaf_hash
        for step in self.path:
            node = step.apply(node)
        return node

    def with_step(self, at: int, step: Inner) -> Existence:
        """The same with another step."""
        return replace(self, path=(*self.path[:at], step, *self.path[at + 1 :]))


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def _prehashed(operation: int, data: bytes) -> bytes:
    return sha256(data) if operation == SHA256 else data


def written(proof: Existence) -> bytes:
    """The bytes of a `CommitmentProof` with this proof in it."""
    return bytes_field(_EXISTENCE, bare(proof))


def bare(proof: Existence) -> bytes:
    """The bytes of the `ExistenceProof` itself."""
    leaf = (
        number_field(1, proof.leaf.hash)
        + number_field(2, proof.leaf.prehash_key)
        + number_field(3, proof.leaf.prehash_value)
        + number_field(4, proof.leaf.length)
        + bytes_field(5, proof.leaf.prefix)
    )
    path = b"".join(bytes_field(4, _written_step(step)) for step in proof.path)
    return bytes_field(1, proof.key) + bytes_field(2, proof.value) + bytes_field(3, leaf) + path


def _written_step(step: Inner) -> bytes:
    suffix = bytes_field(3, step.suffix) if step.suffix else b""
    return number_field(1, step.hash) + bytes_field(2, step.prefix) + suffix


def read(data: bytes) -> Existence:
    """The proof in a `CommitmentProof`. Raises `NotExistenceError` for other kinds, `MalformedError` for no message."""
    outer = _collected(data)
    if set(outer) != {_EXISTENCE}:
        raise NotExistenceError(f"fields {sorted(outer)} instead of an existence proof")
    proof = _collected(_one(outer, _EXISTENCE, b""))
    leaf = _collected(_one(proof, 3, b""))
    hashes = (_one(leaf, number, 0) for number in (1, 2, 3, 4))
    steps = (_collected(step) for step in proof.get(4, []) if isinstance(step, bytes))
    return Existence(
        _one(proof, 1, b""),
        _one(proof, 2, b""),
        Leaf(_one(leaf, 5, b""), *hashes),
        tuple(Inner(_one(step, 2, b""), _one(step, 3, b""), _one(step, 1, 0)) for step in steps),
    )


def _collected(data: bytes) -> Mapping[int, list[int | bytes]]:
    found: dict[int, list[int | bytes]] = {}
    for number, value in fields(data):
        found.setdefault(number, []).append(value)
    return found


def _one(found: Mapping[int, list[int | bytes]], number: int, default: Wanted) -> Wanted:
    value = found.get(number, [default])[-1]
    if not isinstance(value, type(default)):
        raise MalformedError(f"field {number} is of another type")
    return value
