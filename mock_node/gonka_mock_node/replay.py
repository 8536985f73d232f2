"""Which signatures a node has seen (`protocol.md` §3.7)."""

from __future__ import annotations


class ReplayMemory:
    """The `Authorization` texts used at a node, each under the height of its first use.

    Old ones are dropped only when a new one is recorded, as a node does it.
    """

    def __init__(self) -> None:
        self._seen: dict[str, int] = {}

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

    def __len__(self) -> int:
        return len(self._seen)

    def clear(self) -> None:
        self._seen.clear()
