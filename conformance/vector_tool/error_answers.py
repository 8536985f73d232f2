"""Answers of nodes, gateways and proxies, as they write them, with the kind of error that each is."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

JSON: Final = {"content-type": "application/json"}
HTML: Final = {"content-type": "text/html"}
PLAIN: Final = {"content-type": "text/plain; charset=utf-8", "x-content-type-options": "nosniff"}
STREAM: Final = {"content-type": "text/event-stream"}


@dataclass(frozen=True, slots=True)
class Case:
    """An answer and the kind of error that it is. `details` are what the text tells besides."""

    comment: str
    flags: tuple[str, ...]
    kind: str
    status: int
    body: bytes
    headers: Mapping[str, str] = field(default_factory=lambda: JSON)
    details: Mapping[str, Any] = field(default_factory=dict)


def node(kind: str, status: int, text: str, *flags: str, comment: str = "", **details: Any) -> Case:
    """What a node says: `{"error": text}` with a line feed behind (§3.1)."""
    body = json.dumps({"error": text}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    return Case(comment or f"{status}: {text[:100]}", flags or ("text-decides",), kind, status, body, JSON, details)


def gateway(kind: str, status: int, text: str, *flags: str, **details: Any) -> Case:
    """What a gateway says before inference: an object inside, sent as plain text (§11.4)."""
    body = json.dumps({"error": {"message": text}}, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
    all_flags = (*(flags or ("text-decides",)), "openai-shape", "plain-text")
    return Case(f"gateway, {status}: {text[:100]}", all_flags, kind, status, body, PLAIN, details)


def page(kind: str, status: int, title: str) -> Case:
    """What nginx says (§3.8)."""
    head = f"<html>\r\n<head><title>{title}</title></head>\r\n"
    body = f"{head}<body>\r\n<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    return Case(f"nginx: {title}", ("html", "status-decides"), kind, status, body.encode(), HTML)


def event(kind: str, data: Mapping[str, Any], comment: str) -> Case:
    """The data of an event; its status is the stream's."""
    return Case(comment, ("in-stream", "openai-shape"), kind, 200, json.dumps(data).encode(), STREAM)


def rpc(code: str, text: str, times: int = 2) -> str:
    return f"rpc error: code = {code} desc = " * times + text
