"""CometBFT's simple Merkle tree: that of RFC 6962 §2.1, with SHA-256."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence


def sha256(data: bytes) -> bytes:
    """32 bytes."""
    return hashlib.sha256(data).digest()


def simple_root(leaves: Sequence[bytes]) -> bytes:
    """The root (32 bytes) over leaves of any length; of none the hash of nothing."""
    if not leaves:
        return sha256(b"")
    level = [sha256(b"\x00" + leaf) for leaf in leaves]
    while len(level) > 1:
        # Joining neighbours, with an odd one out carried up, gives the same tree as RFC 6962's split at a power of two.
        joined = [sha256(b"\x01" + left + right) for left, right in zip(level[::2], level[1::2], strict=False)]
        level = joined + level[len(joined) * 2 :]
    return level[0]
