"""Which signatures a node has seen (`protocol.md` §3.7)."""

from __future__ import annotations

from collections import deque
from typing import Final

MOST: Final = 500_000
"""Signatures that are remembered at most: with a clock that stands still none would ever expire."""


class ReplayMemory:
    """The `Authorization` texts used at a node, each under the height of its first use.

    Old ones are dropped only when a new one is recorded, as a node does it, and the oldest where there are too many.
    Their order is kept beside the dict: one that shrinks at its front is walked through from there again and again.
    """

    def __init__(self, most: int = MOST) -> None:
        self._seen: dict[str, int] = {}
        self._order: deque[str] = deque()
        self._most = most

    def knows(self, authorization: str) -> bool:
        return authorization in self._seen

    def record(self, authorization: str, height: int, keep_blocks: int) -> None:
        seen, order, oldest = self._seen, self._order, height - keep_blocks
        # Insertion follows height, so what has expired stands in front.
        while order and seen[order[0]] < oldest:
            del seen[order.popleft()]
        if authorization in seen:
            return
        seen[authorization] = height
        order.append(authorization)
        if len(order) > self._most:
            del seen[order.popleft()]

    def __len__(self) -> int:
        return len(self._seen)

    def clear(self) -> None:
        self._seen.clear()
        self._order.clear()
