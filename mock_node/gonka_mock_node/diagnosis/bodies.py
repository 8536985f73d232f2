"""Other bodies that a client may have signed than the one it sent, most often the same JSON written otherwise."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, Final

from gonka_mock_node.reply import go_json

REWRITTEN_UP_TO: Final = 256 * 1024
"""Bytes of a body beyond which its JSON is not written again."""
_INDENTED_UP_TO: Final = 32 * 1024
"""Python indents with Python code, which takes its time."""
_FIELDS: Final = 8
_SHOWN: Final = 40
_COMPACT: Final = (",", ":")
_SEPARATORS: Final = (
    (_COMPACT, "compact", False),
    ((", ", ": "), "with a space behind each comma and colon", False),
    ((",", ": "), "with a space behind each colon", True),
    ((", ", ":"), "with a space behind each comma", True),
)
_INDENTS: Final[tuple[tuple[int | str, str, bool], ...]] = (
    (2, "2 spaces", False),
    (4, "4 spaces", False),
    ("\t", "tabs", True),
)
"""Each with its words, and whether it is unusual."""


@dataclass(frozen=True, slots=True)
class Body:
    """A body with the id of what sets it apart, how it is written in words, and whether that is rarely met."""

    mistake: str
    data: bytes
    words: str = ""
    unusual: bool = False


def other_bodies(body: bytes) -> Iterator[Body]:
    """Each at most once, the likeliest first; never the body itself."""
    if len(body) > REWRITTEN_UP_TO:
        return
    seen = {body}
    for other in _all(body):
        if other.data not in seen:
            seen.add(other.data)
            yield other


def _all(body: bytes) -> Iterator[Body]:
    yield Body("body-newline", body.rstrip(b"\r\n"))
    yield Body("body-newline", body + b"\n")
    yield Body("body-newline", body.strip())
    yield Body("body-newline", body + b"\r\n", unusual=True)
    try:
        value = json.loads(body.decode())
        rewritten = [*_variants(value, indented=len(body) <= _INDENTED_UP_TO), *_of_other_languages(value)]
        parts = list(_parts(value)) if isinstance(value, dict) else []
    except (ValueError, RecursionError):
        return
    yield from rewritten
    for other in rewritten:
        yield replace(other, data=other.data + b"\n", words=f"{other.words}, with a line feed at the end")
    yield from parts
    yield from _other_encodings(body.decode())


def _variants(value: Any, *, indented: bool) -> Iterator[Body]:
    for sort, ascii_only in product((False, True), (True, False)):
        words = (", keys sorted" if sort else "") + (r", \u escapes" if ascii_only else ", no escapes")
        for separators, name, unusual in _SEPARATORS:
            text = json.dumps(value, separators=separators, sort_keys=sort, ensure_ascii=ascii_only)
            yield _json(text, name + words, unusual=unusual)
        for indent, name, unusual in _INDENTS if indented else ():
            text = json.dumps(value, indent=indent, sort_keys=sort, ensure_ascii=ascii_only)
            yield _json(text, f"indented by {name}{words}", unusual=unusual)


def _of_other_languages(value: Any) -> Iterator[Body]:
    whole = _with_whole_numbers(value)
    for sort in (False, True):
        words = ", keys sorted" if sort else ""
        text = json.dumps(whole, separators=_COMPACT, ensure_ascii=False, sort_keys=sort)
        yield _json(text, f"as JavaScript writes it{words}")
        yield _json(go_json(value, sort_keys=sort).decode(), f"as Go writes it{words}")
    compact = json.dumps(value, separators=_COMPACT)
    yield _json(compact.replace("/", r"\/"), "as PHP writes it", unusual=True)
    yield _json(repr(value), "as Python's `str` writes it, which is no JSON", unusual=True)
    yield _json(json.dumps(compact), "encoded twice, as a JSON string", unusual=True)


def _json(text: str, words: str, *, unusual: bool = False, mistake: str = "body-reserialised") -> Body:
    return Body(mistake, text.encode("utf-8", "surrogatepass"), words, unusual)


def _with_whole_numbers(value: Any) -> Any:
    """1.0 becomes 1: JavaScript knows no difference."""
    if isinstance(value, dict):
        return {name: _with_whole_numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_with_whole_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _parts(value: dict[str, Any]) -> Iterator[Body]:
    """The body before a field was added to it, or a part of it alone."""
    messages = value.get("messages")
    for separators, written, _ in _SEPARATORS[:2]:
        for name in tuple(value)[-_FIELDS:]:
            rest = {key: item for key, item in value.items() if key != name}
            text = json.dumps(rest, separators=separators, ensure_ascii=False)
            yield _json(text, json.dumps(name)[:_SHOWN], unusual=True, mistake="body-changed")
        text = json.dumps(messages, separators=separators, ensure_ascii=False)
        yield _json(text, f"its `messages`, {written}", unusual=True, mistake="body-part")
    last = messages[-1] if isinstance(messages, list) and messages else None
    content = last.get("content") if isinstance(last, dict) else None
    if isinstance(content, str):
        yield _json(content, "the text of its last message", unusual=True, mistake="body-part")


def _other_encodings(text: str) -> Iterator[Body]:
    yield Body("body-encoding", text.encode("utf-16-le"), "UTF-16", unusual=True)
    yield Body("body-encoding", text.encode("latin-1", "replace"), "Latin-1", unusual=True)
