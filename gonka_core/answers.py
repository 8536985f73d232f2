"""An answer as it was read, whole or about to stream."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, NamedTuple

_EVENT_STREAM: Final = "text/event-stream"


class Answer(NamedTuple):
    """An answer: status, headers with names in lower case, and the body; None for a body that streams."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None

    def __repr__(self) -> str:
        return f"Answer(status={self.status})"

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


def is_stream(status: int, headers: Mapping[str, str]) -> bool:
    """Whether the answer is a stream of events: decided by its type alone (`protocol.md` §5.3)."""
    return 200 <= status < 300 and headers.get("content-type", "").lower().startswith(_EVENT_STREAM)
