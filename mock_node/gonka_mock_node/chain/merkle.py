"""Two Merkle trees of Cosmos chains: CometBFT's simple one and IAVL, with the way from a leaf to the root.

The simple tree splits as RFC 6962 does, at the largest power of two below the number of leaves. The IAVL tree is a
balanced one whose hashes also cover height, size and version of each node, as zig-zag varints.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from .protobuf import delimited, zigzag


@dataclass(frozen=True, slots=True)
class Step:
    """One level up: the hash of what stands in front, the hash so far, and what stands behind."""

    prefix: bytes
    suffix: bytes = b""

    def climb(self, node: bytes) -> bytes:
        """32 bytes: the hash one level up."""
        return sha256(self.prefix + node + self.suffix)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def simple_root(leaves: Sequence[bytes]) -> bytes:
    """32 bytes; of no leaves the hash of nothing."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0])
    split = _split(len(leaves))
    return sha256(b"\x01" + simple_root(leaves[:split]) + simple_root(leaves[split:]))


def simple_path(leaves: Sequence[bytes], index: int) -> tuple[Step, ...]:
    """The way from a leaf, upwards."""
    if len(leaves) == 1:
        return ()
    split = _split(len(leaves))
    if index < split:
        return (*simple_path(leaves[:split], index), Step(b"\x01", simple_root(leaves[split:])))
    return (*simple_path(leaves[split:], index - split), Step(b"\x01" + simple_root(leaves[:split])))


def _split(count: int) -> int:
    return 1 << (count - 1).bit_length() - 1


@dataclass(frozen=True, slots=True)
class Leaf:
    """An entry of a store: its key, its value and the height at which it was written."""

    key: bytes
    value: bytes
    version: int

    @property
    def prefix(self) -> bytes:
        """What is hashed in front of key and value: height 0, size 1, the version."""
        return zigzag(0) + zigzag(1) + zigzag(self.version)

    @property
    def hash(self) -> bytes:
        """32 bytes: over the key and the hash of the value, each behind its length."""
        return sha256(self.prefix + delimited(self.key) + delimited(sha256(self.value)))


@dataclass(frozen=True, slots=True)
class Tree:
    """An IAVL tree, and the way to its root from the one leaf that was asked for."""

    root: bytes
    height: int
    size: int
    version: int
    path: tuple[Step, ...] = ()


def iavl_tree(leaves: Sequence[Leaf], index: int) -> Tree:
    """The tree over leaves that are sorted by key, with the way from the leaf at an index (none where outside)."""
    if len(leaves) == 1:
        return Tree(leaves[0].hash, 0, 1, leaves[0].version)
    split = (len(leaves) + 1) // 2
    left, right = iavl_tree(leaves[:split], index), iavl_tree(leaves[split:], index - split)
    head = _head(left, right)
    if 0 <= index < split:
        path = (*left.path, Step(head + b"\x20", b"\x20" + right.root))
    else:
        path = (*right.path, Step(head + b"\x20" + left.root + b"\x20"))
    whole = _joined(left, right, head)
    return replace(whole, path=path if 0 <= index < len(leaves) else ())


def _joined(left: Tree, right: Tree, head: bytes) -> Tree:
    root = sha256(head + b"\x20" + left.root + b"\x20" + right.root)
    return Tree(root, max(left.height, right.height) + 1, left.size + right.size, max(left.version, right.version))


def _head(left: Tree, right: Tree) -> bytes:
    height, size = max(left.height, right.height) + 1, left.size + right.size
    return zigzag(height) + zigzag(size) + zigzag(max(left.version, right.version))
