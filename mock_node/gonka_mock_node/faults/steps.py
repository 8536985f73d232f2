"""The steps of a reply, taken apart and put together: bytes, events of a stream, JSON. Lazy where streams are."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any, Final

from gonka_mock_node.reply import Drop, Reply, Step, go_json

_BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n")
_DATA: Final = b"data: "
DONE: Final = b"data: [DONE]\n\n"


def is_stream(reply: Reply) -> bool:
    """Whether it is a stream of server-sent events; the content type decides (`protocol.md` §5.3)."""
    return (reply.header("Content-Type") or "").startswith("text/event-stream")


def body_of(reply: Reply) -> bytes:
    """The whole body; uses up lazy steps."""
    return b"".join(step for step in reply.steps if isinstance(step, bytes))


def with_body(reply: Reply, body: bytes) -> Reply:
    return reply._replace(steps=(body,), length=len(body))


def with_stream(reply: Reply, steps: Iterable[Step]) -> Reply:
    """Other steps, in chunks: what they come to is not known yet."""
    return reply._replace(steps=steps, length=None)


def events(steps: Iterable[Step]) -> Iterator[Step]:
    """The same steps, but each piece of bytes is one event with its blank line; the last may lack it."""
    held = bytearray()
    for step in steps:
        if isinstance(step, bytes):
            yield from _completed(held, step)
            continue
        if isinstance(step, Drop) and held:
            yield bytes(held)
            held.clear()
        yield step
    if held:
        yield bytes(held)


def _completed(held: bytearray, piece: bytes) -> Iterator[bytes]:
    """The events that are complete with one more piece; what is left stays in `held`."""
    start = max(len(held) - 3, 0)
    held += piece
    while end := _BLANK_LINE.search(held, start):
        at = end.end()
        yield bytes(held[:at])
        del held[:at]
        start = 0


def is_done(step: Step) -> bool:
    return isinstance(step, bytes) and step.startswith(_DATA + b"[DONE]")


def first_events(steps: Iterable[Step], count: int) -> Iterator[Step]:
    """So many events, and never `[DONE]`."""
    for number, step in _numbered(steps):
        if number > count or is_done(step):
            return
        yield step


def after_event(steps: Iterable[Step], count: int, inserted: Step) -> Iterator[Step]:
    """A step put in behind so many events; at the end of a stream that has fewer."""
    waiting = True
    for number, step in _numbered(steps):
        if waiting and number > count:
            waiting = False
            yield inserted
        yield step
    if waiting:
        yield inserted


def _numbered(steps: Iterable[Step]) -> Iterator[tuple[int, Step]]:
    """Each step with the number, from 1, of the event that it is, or that the last one was."""
    number = 0
    for step in events(steps):
        number += isinstance(step, bytes)
        yield number, step


def first_bytes(steps: Iterable[Step], count: int) -> Iterator[Step]:
    """The steps until so many bytes are written."""
    for step in steps:
        if count <= 0:
            return
        yield step[:count] if isinstance(step, bytes) else step
        count -= len(step) if isinstance(step, bytes) else 0


def after_byte(steps: Iterable[Step], count: int, inserted: Step) -> Iterator[Step]:
    """A step put in behind so many bytes; at the end of a body that has fewer."""
    waiting = True
    for step in steps:
        if not (waiting and isinstance(step, bytes) and len(step) > count):
            count -= len(step) if isinstance(step, bytes) else 0
            yield step
            continue
        waiting = False
        yield from (piece for piece in (step[:count], inserted, step[count:]) if piece != b"")
    if waiting:
        yield inserted


def event(value: dict[str, Any]) -> bytes:
    """A data line with its blank line; keys sorted, as executors send them (`protocol.md` §5.3)."""
    return _DATA + go_json(value, sort_keys=True) + b"\n\n"


def json_object(step: Step) -> dict[str, Any] | None:
    """The object of a data line, or None."""
    if not (isinstance(step, bytes) and step.startswith(_DATA + b"{")):
        return None
    return parsed(step.removeprefix(_DATA))


def parsed(body: bytes) -> dict[str, Any] | None:
    """The JSON object that a body is, or None."""
    try:
        value = json.loads(body)
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
