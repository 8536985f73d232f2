"""What `gonka proxy` logs of a request: one line on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Final, TextIO

from .entries import Entry

Clock = Callable[[], datetime]
_UNKNOWN: Final = "-"


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)


class Log:
    """Writes entries to stderr, as lines to read or as JSON."""

    def __init__(self, *, as_json: bool, clock: Clock = now, to: TextIO | None = None) -> None:
        self._line = json_line if as_json else line
        self._clock = clock
        self._to = to

    def __call__(self, entry: Entry) -> None:
        (self._to or sys.stderr).write(f"{self._line(entry, self._clock())}\n")


def line(entry: Entry, at: datetime) -> str:
    """For people: when, what was asked, status, model, endpoint, milliseconds, tokens, and what went wrong."""
    tokens = f"{_or_dash(entry.prompt_tokens)}+{_or_dash(entry.completion_tokens)} tokens"
    words = [
        at.isoformat(timespec="milliseconds"),
        entry.method,
        entry.path,
        str(entry.status),
        entry.model or _UNKNOWN,
        entry.endpoint or _UNKNOWN,
        f"{entry.seconds * 1000:.1f} ms",
        tokens,
        entry.error or "",
    ]
    return " ".join(word for word in words if word)


def json_line(entry: Entry, at: datetime) -> str:
    """The same for programs: the fields of `Entry`, with milliseconds in place of seconds."""
    fields = {"event": "request", "at": at.isoformat(timespec="milliseconds"), **asdict(entry)}
    fields["ms"] = round(fields.pop("seconds") * 1000, 3)
    first = fields.pop("first_s")
    fields["first_ms"] = None if first is None else round(first * 1000, 3)
    return json.dumps(fields, ensure_ascii=False, separators=(",", ":"))


def _or_dash(count: int | None) -> str:
    return _UNKNOWN if count is None else str(count)
