"""A streamed answer, from its events to how it ended (`protocol.md` §5.3, §11.4). For the vectors, from the text."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .event_stream import Event, Stream

Ending: TypeAlias = Literal["done", "truncated", "error", "unusable"]


@dataclass(frozen=True, slots=True)
class Answer:
    """Objects that arrived before the end, the text of their first choices joined, and how it ended."""

    chunks: int
    text: str
    ending: Ending


def read(stream: Stream) -> Answer:
    """How a stream that was answered to a chat request has to be understood."""
    objects: list[dict[str, Any]] = []
    for event in stream.events:
        ending = _ending(event)
        if ending:
            return _answer(objects, ending)
        if event.data.strip():
            objects.append(json.loads(event.data))
    last = _ending(stream.unfinished) if stream.unfinished else None
    return _answer(objects, last if last in ("done", "error") else "truncated")


def _ending(event: Event) -> Ending | None:
    """What the event ends the stream with; None for a chunk, and for one that only keeps the connection alive."""
    data = event.data.strip()
    if data.startswith("[DONE]"):
        return "done"
    if not data:
        return None
    try:
        value = json.loads(data)
    except ValueError:
        value = None
    if event.type == "error" or (isinstance(value, dict) and (value.get("error") or value.get("object") == "error")):
        return "error"
    return None if isinstance(value, dict) else "unusable"


def _answer(objects: list[dict[str, Any]], ending: Ending) -> Answer:
    return Answer(len(objects), "".join(map(_words, objects)), ending)


def _words(chunk: dict[str, Any]) -> str:
    choices = chunk.get("choices") or [{}]
    return choices[0].get("delta", {}).get("content") or ""
