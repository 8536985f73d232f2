"""An answer as it was read, whole or about to stream."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

_EVENT_STREAM: Final = "text/event-stream"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer: status, headers with names in lower case, and the body; None for a body that streams."""

    status: int
    headers: Mapping[str, str]
    body: bytes | None = field(repr=False)

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300


def is_stream(status: int, headers: Mapping[str, str]) -> bool:
    """Whether the answer is a stream of events: decided by its type alone (`protocol.md` §5.3)."""
    return 200 <= status < 300 and headers.get("content-type", "").lower().startswith(_EVENT_STREAM)
