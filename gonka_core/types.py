"""The records that travel: frozen, and with a `repr` that shows no prompt, no signature and no key."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, TypeAlias

from . import canonical
from .canonical import Scheme
from .endpoints import Endpoint

SchemeChoice: TypeAlias = Literal["raw", "hash", "auto"]
"""What a client is told: one scheme for good, or whichever a provider accepts."""

__all__ = [
    "Chunk",
    "Completion",
    "Endpoint",
    "Outcome",
    "Scheme",
    "SchemeChoice",
    "SelectionContext",
    "SignedRequest",
]


@dataclass(frozen=True, slots=True)
class SelectionContext:
    """What a selector may know about the attempt: its number (from 1) and the model asked for, if known."""

    attempt: int
    model: str | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: the status of the answer, or None where none arrived; seconds to its headers."""

    status: int | None
    seconds: float

    @property
    def ok(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True)
class SignedRequest:
    """One attempt, ready to be sent as it stands, with the values on the way for debugging.

    `body` is what was signed; `digest` the 32 bytes of SHA-256 over `message`; `signature` 64 bytes r‖s;
    `headers` the four of `protocol.md` §1.1.
    """

    url: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    endpoint: Endpoint
    requester_address: str
    scheme: Scheme
    timestamp_ns: int
    digest: bytes = field(repr=False)
    signature: bytes = field(repr=False)
    method: str = "POST"

    @cached_property
    def message(self) -> bytes:
        """The signed bytes in one piece, built when asked for; signing itself never concatenates them."""
        return canonical.message(self.scheme, self.body, self.timestamp_ns, self.endpoint.provider_address)


@dataclass(frozen=True)
class Completion:
    """The answer to `chat`: `data` is the JSON object of the node, `body` the bytes it came in."""

    data: Mapping[str, Any] = field(repr=False)
    body: bytes = field(repr=False)
    request: SignedRequest

    @property
    def text(self) -> str:
        """The assistant's words in the first choice; empty where it only calls tools."""
        message = _first_choice(self.data).get("message")
        return _content(message)


@dataclass(frozen=True)
class Chunk:
    """One event of a stream: `data` is its JSON object."""

    data: Mapping[str, Any] = field(repr=False)

    @property
    def text(self) -> str:
        """The words this chunk adds to the first choice; empty for the chunk that carries the usage."""
        return _content(_first_choice(self.data).get("delta"))


def _first_choice(data: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = data.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        return choices[0]
    return {}


def _content(message: object) -> str:
    content = message.get("content") if isinstance(message, dict) else None
    return content if isinstance(content, str) else ""
