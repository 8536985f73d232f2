"""What a caching proxy in front of a node has kept: the latest complete answer to each kind of request."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeAlias

from gonka_mock_node.reply import Reply, Step

from .records import Seen

KEPT: Final = 100
"""Kinds of requests of which an answer is kept."""
LONGEST: Final = 4 * 1024 * 1024
"""Bytes of the longest stream that is kept."""
_Kind: TypeAlias = tuple[str, bool]


class Memory:
    """Answers with status 200, one for each route, whole and as a stream."""

    def __init__(self) -> None:
        self._kept: dict[_Kind, Reply] = {}

    def earlier(self, seen: Seen) -> Reply | None:
        """The latest complete answer to such a request, good for any number of writings."""
        return self._kept.get((seen.route, seen.stream))

    def remembering(self, seen: Seen, reply: Reply) -> Reply:
        """The same reply, which is kept: now, or, where its steps are lazy, once they were written to the end."""
        kind = (seen.route, seen.stream)
        if reply.status != 200 or (kind not in self._kept and len(self._kept) >= KEPT):
            return reply
        if not isinstance(reply.steps, tuple):
            return reply._replace(steps=self._listened(kind, reply))
        self._kept[kind] = reply._replace(before=()) if reply.before else reply
        return reply

    def _listened(self, kind: _Kind, reply: Reply) -> Iterator[Step]:
        pieces: list[bytes] = []
        length = 0
        for step in reply.steps:
            yield step
            if isinstance(step, bytes) and (length := length + len(step)) <= LONGEST:
                pieces.append(step)
        if length <= LONGEST:
            self._kept[kind] = reply._replace(steps=tuple(pieces), before=())
