"""What a request may cost at most, as a node reckons before it has seen an answer (`protocol.md` §3.6)."""

from __future__ import annotations

from typing import Final

from .go.json_value import ChatFields, Number

DEFAULT_MAX_TOKENS: Final = 5000
_UNSIGNED: Final = 2**64


def escrow(prompt_tokens: int, most_tokens: int, price: int) -> int:
    """ngonka that must be there: (what the prompt counts + max_tokens) × price, in Go's integers."""
    owed = (prompt_tokens + most_tokens) * price % _UNSIGNED
    return owed - _UNSIGNED if owed >= _UNSIGNED // 2 else owed


def estimate(fields: ChatFields) -> int:
    """UTF-8 bytes of the text of each message and a line feed behind each: a node counts no tokens here."""
    return sum([len(text_of(message).encode("utf-8", "replace")) + 1 for message in fields.messages])


def max_tokens(fields: ChatFields) -> int:
    """The bound that the estimates use: `max_completion_tokens` does not count."""
    return fields.max_tokens or DEFAULT_MAX_TOKENS


def text_of(message: object) -> str:
    """The text of a message: its string, or its text parts one behind the other."""
    content = message.get("content") if isinstance(message, dict) else None
    if isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else []
    texts = (part.get("text") for part in parts if isinstance(part, dict) and part.get("type") == "text")
    return "".join(text for text in texts if isinstance(text, str) and not isinstance(text, Number))
