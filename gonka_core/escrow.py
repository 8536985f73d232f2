"""What a request may cost at most, as a node reckons it before the model has said a word (`protocol.md` §3.6)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from .errors import PayloadError
from .limits import OverLimitError, parse_object

DEFAULT_MAX_TOKENS: Final = 5000
"""What a node takes for `max_tokens` where the payload says 0 or nothing."""

MOST_TOKENS: Final = 2**31 - 1
"""The largest `max_tokens` that a node can read (`protocol.md` §3.2 row 2)."""


def escrow_of(body: bytes, price: int) -> int:
    """ngonka that have to be spendable: (bytes of the prompt + `max_tokens`) × `price`, in ngonka a token.

    `body` is the payload as it is sent to `/chat/completions`. Bytes, not tokens: the UTF-8 length of each message's
    text, and one for a line feed behind each. `max_completion_tokens` does not count (`protocol.md` §3.6).

    Raises `PayloadError` for a body that is no JSON object, for a `max_tokens` that no node reads, and for one or a
    price below zero, where the arithmetic of a node wraps around.
    """
    payload = _payload(body)
    limit = _limit(payload)
    if price < 0:
        raise PayloadError(f"the price is {price} ngonka a token", "give what the chain tells for the model")
    return (prompt_bytes(payload) + limit) * price


def prompt_bytes(payload: Mapping[str, Any]) -> int:
    """UTF-8 bytes of the text of each message, and one behind each; images and other parts count nothing."""
    messages = payload.get("messages")
    return sum(len(_text(message).encode("utf-8", "replace")) + 1 for message in _list(messages))


def _payload(body: bytes) -> Mapping[str, Any]:
    try:
        payload = parse_object(body)
    except OverLimitError:
        payload = None
    if payload is None:
        raise PayloadError("the payload is not a JSON object", "give the bytes of a chat request")
    return payload


def _limit(payload: Mapping[str, Any]) -> int:
    limit = payload.get("max_tokens")
    if limit is None:
        return DEFAULT_MAX_TOKENS
    if not isinstance(limit, int) or isinstance(limit, bool) or limit < 0:
        raise PayloadError("max_tokens is not a whole number of zero or more", "give one, or leave it out")
    if limit > MOST_TOKENS:
        raise PayloadError(f"max_tokens is more than {MOST_TOKENS}, which no node reads", "ask for less")
    return limit or DEFAULT_MAX_TOKENS


def _text(message: object) -> str:
    """The text of a message: its string, or its text parts one behind the other."""
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return content
    parts = (part for part in _list(content) if isinstance(part, dict) and part.get("type") == "text")
    return "".join(text for part in parts if isinstance(text := part.get("text"), str))


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
