"""One route of one server: what came of asking it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gonka_core.answers import Answer
from gonka_core.errors import CallError
from gonka_core.limits import OverLimitError, parse_object
from gonka_core.nodetext import fields, quoted, words
from gonka_core.steps import Send, Steps
from gonka_core.types import Request


@dataclass(frozen=True, slots=True)
class Heard:
    """An answer, or the error in its place; neither where there was no time to ask.

    `local_ns`: nanoseconds since the epoch halfway through the asking, 0 where nobody looked at a clock.
    """

    answer: Answer | None = None
    error: CallError | None = None
    local_ns: int = 0

    @property
    def status(self) -> int:
        """0 where nobody answered."""
        return self.answer.status if self.answer else 0

    @property
    def headers(self) -> Mapping[str, str]:
        return self.answer.headers if self.answer else {}

    @property
    def body(self) -> bytes:
        """Of any answer, also of one that refuses."""
        return (self.answer.body if self.answer else None) or b""

    @property
    def content(self) -> bytes:
        """The body of a success; empty for anything else."""
        return self.body if self.answer and self.answer.ok else b""

    @property
    def told(self) -> Mapping[str, Any]:
        """The JSON object of a success; empty for anything else."""
        return fields(self.content)

    def trouble(self, path: str) -> str | None:
        """Why there is no success, in a few words; None where there is one. `path` is what was asked for."""
        if self.error is not None:
            return self.error.problem
        if self.answer is None:
            return "the time to ask it is over"
        return None if self.answer.ok else f"{path} answered {self.status}: {quoted(words(self.body))}"


def hear(request: Request, left: float) -> Steps[Heard]:
    """Ask, for at most `left` seconds. Never raises for what a server does."""
    if left <= 0:
        return Heard()
    try:
        return Heard((yield Send(request, left)))
    except CallError as error:
        return Heard(error=error)


def object_of(body: bytes) -> Mapping[str, Any] | None:
    """The JSON object that a stranger's body is; None for anything else, however deep, long or odd. Never raises."""
    try:
        return parse_object(body)
    except OverLimitError:
        return None
