"""Lines of the input, in OpenAI's batch format:

{"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "…", "messages": […]}}
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gonka_core.errors import PayloadError
from gonka_core.limits import OverLimitError, parse_object

URL: Final = "/v1/chat/completions"
MOST_BYTES: Final = 16 * 1024 * 1024
"""Bytes of a line: more than any node takes for a request."""

_EXAMPLE: Final = f'write it as {{"custom_id": "…", "method": "POST", "url": "{URL}", "body": {{…}}}}'
_SHOWN: Final = 100


@dataclass(frozen=True, slots=True)
class Line:
    """A request of the input: `number` is that of its line, from 1; `payload` the body of the request."""

    number: int
    custom_id: str
    model: str
    payload: Mapping[str, Any] = field(repr=False)


def read_line(data: bytes, number: int) -> Line:
    """The request that a line asks for. Raises `PayloadError` for a line that is none; it quotes no prompt."""
    document = _object(data, number)
    flaw, step = _flaw(document)
    if flaw:
        raise PayloadError(f"line {number} {flaw}", step)
    body = document["body"]
    return Line(number, document["custom_id"], body["model"], body)


def _object(data: bytes, number: int) -> Mapping[str, Any]:
    if len(data) > MOST_BYTES:
        raise PayloadError(f"line {number} has more than {MOST_BYTES} bytes", "send less: no node takes that much")
    try:
        document = parse_object(data)
    except OverLimitError as over:
        raise PayloadError(f"line {number} is {over}", "send a flatter payload") from None
    if document is None:
        raise PayloadError(f"line {number} is not a JSON object in UTF-8", _EXAMPLE)
    return document


def _flaw(document: Mapping[str, Any]) -> tuple[str, str]:
    """What is wrong with a line, and the next step; two empty texts where nothing is."""
    name, method, url, body = (document.get(key) for key in ("custom_id", "method", "url", "body"))
    if not isinstance(name, str) or not name:
        return "has no custom_id, by which its answer could be told from the others", _EXAMPLE
    if method != "POST":
        return f"has the method {_shown(method)}", 'write "method": "POST"'
    if url != URL:
        return f"has the url {_shown(url)}, and chat requests are all that is answered", f'write "url": "{URL}"'
    if not isinstance(body, dict):
        return "has no body that is an object", _EXAMPLE
    if not isinstance(body.get("model"), str) or not body["model"]:
        return "names no model in its body", 'write "model": "…" into the body; `gonka models` lists those that are'
    if not isinstance(body.get("messages"), list):
        return "has no messages in its body", 'write "messages": […] into the body'
    if body.get("stream"):
        return "asks for a stream, which has no place in a file", 'leave "stream" out'
    return "", ""


def _shown(value: object) -> str:
    return repr(value)[:_SHOWN]
