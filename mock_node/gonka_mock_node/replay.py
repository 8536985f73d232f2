"""Which signatures a node has seen (`protocol.md` §3.7)."""

from __future__ import annotations

from typing import Final

MOST: Final = 500_000
"""Signatures that are remembered at most: with a clock that stands still none would ever expire."""


class ReplayMemory:
    """The `Authorization` texts used at a node, each under the height of its first use.

    Old ones are dropped only when a new one is recorded, as a node does it, and the oldest where there are too many.
    """

    def __init__(self, most: int = MOST) -> None:
        self._seen: dict[str, int] = {}
        self._most = most

    def knows(self, authorization: str) -> bool:
        return authorization in self._seen

    def record(self, authorization: str, height: int, keep_blocks: int) -> None:
        oldest = height - keep_blocks
        # Insertion follows height, so what has expired stands in front.
        expired = []
        for key, seen_at in self._seen.items():
            if seen_at >= oldest:
                break
            expired.append(key)
        for key in expired:
            del self._seen[key]
        self._seen.setdefault(authorization, height)
        if len(self._seen) > self._most:
            del self._seen[next(iter(self._seen))]

    def __len__(self) -> int:
        return len(self._seen)

    def clear(self) -> None:
        self._seen.clear()
