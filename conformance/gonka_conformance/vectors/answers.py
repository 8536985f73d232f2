"""Answers: streams of events, and errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal, TypeAlias

from .files import document, vectors_of

Ending: TypeAlias = Literal["done", "truncated", "error", "unusable"]


@dataclass(frozen=True, slots=True)
class StreamEvent:
    """An event as the HTML standard has it: text, with U+FFFD for what was no UTF-8."""

    type: str
    data: str
    last_event_id: str


@dataclass(frozen=True, slots=True)
class StreamedAnswer:
    """What a chat answer came to: objects before its end, their text, how it ended, the kind of its error."""

    chunks: int
    text: str
    ending: Ending
    kind: str | None


@dataclass(frozen=True, slots=True)
class StreamVector:
    """A stream in pieces and its events. `answer` is None where the stream is none to a chat request.

    `unfinished` is the event that the end of the stream left without its blank line.
    """

    id: str
    flags: tuple[str, ...]
    pieces: tuple[bytes, ...] = field(repr=False)
    events: tuple[StreamEvent, ...]
    retry_ms: int | None
    unfinished: StreamEvent | None
    answer: StreamedAnswer | None


@dataclass(frozen=True, slots=True)
class ErrorVector:
    """An answer (names of headers in lower case), and the kind of error that it is.

    `request`: what was asked with. `details` may hold `until_height`, `participants_url`, `served`, `new_url` and
    `retry_after_s`.
    """

    id: str
    flags: tuple[str, ...]
    request: Literal["signed", "bearer"]
    status: int
    headers: Mapping[str, str]
    body: bytes
    kind: str
    may_be_billed: bool
    details: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ErrorKind:
    """A kind of error, and the name of the class in `gonka_core` that stands for it."""

    name: str
    means: str
    may_be_billed: bool
    gonka_core: str


@cache
def streams() -> tuple[StreamVector, ...]:
    """`sse.json`."""
    return tuple(
        StreamVector(
            id=item["id"],
            flags=tuple(item["flags"]),
            pieces=tuple(bytes.fromhex(piece) for piece in item["pieces_hex"]),
            events=tuple(StreamEvent(**event) for event in item["events"]),
            retry_ms=item["retry_ms"],
            unfinished=StreamEvent(**item["unfinished"]) if item["unfinished"] else None,
            answer=_answer(item["answer"]) if "answer" in item else None,
        )
        for item in vectors_of("sse")
    )


def _answer(item: Mapping[str, Any]) -> StreamedAnswer:
    return StreamedAnswer(item["chunks"], item["text"], item["ending"], item.get("kind"))


@cache
def errors() -> tuple[ErrorVector, ...]:
    """`errors.json`."""
    return tuple(
        ErrorVector(
            id=item["id"],
            flags=tuple(item["flags"]),
            request=item["request"],
            status=item["status"],
            headers=item["headers"],
            body=bytes.fromhex(item["body_hex"]),
            **item["expected"],
        )
        for item in vectors_of("errors")
    )


@cache
def error_kinds() -> Mapping[str, ErrorKind]:
    """The kinds of `errors.json` by their names."""
    return {name: ErrorKind(name, **kind) for name, kind in document("errors")["kinds"].items()}
