"""One request of the proxy as it is told to whoever keeps a log: no body, no header, no key."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from gonka_core.events import CallFinished, Event

GONE: Final = 499
"""The status of a request whose client left before its answer: none was sent."""


@dataclass(slots=True)
class Entry:
    """What came of a request. `seconds` until its answer ended, `first_s` until it began; `error` is a word.

    `endpoint` is the base URL that answered, and `attempts` how many were asked to; the tokens are as the node counts
    them. What is not known is None. The last four are there only where the client tells `watch`.
    """

    method: str
    path: str
    status: int = 0
    seconds: float = 0.0
    first_s: float | None = None
    model: str | None = None
    stream: bool | None = None
    error: str | None = None
    endpoint: str | None = None
    attempts: int | None = None
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


CURRENT: Final[ContextVar[Entry | None]] = ContextVar("gonka_proxy_entry", default=None)
"""The entry of the request that this task answers."""


def watch(event: Event) -> None:
    """An observer for the client of a proxy (`on_event=watch`): the entries then tell endpoint, attempts and tokens."""
    entry = CURRENT.get()
    if entry is None or not isinstance(event, CallFinished):
        return
    entry.endpoint, entry.attempts = event.endpoint, event.attempts
    entry.prompt_tokens, entry.completion_tokens = event.prompt_tokens, event.completion_tokens
