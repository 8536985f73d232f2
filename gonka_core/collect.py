"""The chunks of a stream become the message they are parts of (`protocol.md` §5.3).

Words are joined in the order in which they came, for each choice apart; parts of a tool call belong together by its
index. Log probabilities are not collected: they are most of the bytes, and every chunk has its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Final

from .chunks import Chunk, Delta, ToolCall, ToolCallDelta, Usage


@dataclass(frozen=True, slots=True)
class Collected:
    """A whole answer. `content`, `reasoning` and `refusal` are None where there were none.

    `usage` is that of all choices together; `finish_reason` is None when the stream was left before the model stopped.
    """

    content: str | None = field(repr=False)
    reasoning: str | None = field(repr=False)
    refusal: str | None = field(repr=False)
    tool_calls: tuple[ToolCall, ...]
    finish_reason: str | None
    usage: Usage | None
    id: str | None = field(repr=False)
    model: str | None
    role: str
    index: int = 0

    @property
    def text(self) -> str:
        """The assistant's words; empty where it only calls tools."""
        return self.content or ""

    def as_message(self) -> dict[str, Any]:
        """The message as it goes into the next payload's `messages`, tool calls included, thoughts left out."""
        message: dict[str, Any] = {"role": self.role, "content": self.content}
        if self.refusal is not None:
            message["refusal"] = self.refusal
        if self.tool_calls:
            message["tool_calls"] = [
                {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments}}
                for call in self.tool_calls
            ]
        return message


class Collector:
    """Add the chunks in their order; ask for the message at any time."""

    def __init__(self) -> None:
        self._id: str | None = None
        self._model: str | None = None
        self._usage: Usage | None = None
        self._choices: dict[int, _Gathered] = {}

    def add(self, chunk: Chunk) -> None:
        self._id = self._id or chunk.id
        self._model = self._model or chunk.model
        self._usage = chunk.usage or self._usage
        for delta in chunk.choices:
            self._choices.setdefault(delta.index, _Gathered()).add(delta)

    def message(self, index: int = 0) -> Collected:
        """What has come of the choice with this number; empty where nothing has."""
        gathered = self._choices.get(index, _NOTHING)
        return Collected(
            content=_joined(gathered.content),
            reasoning=_joined(gathered.reasoning),
            refusal=_joined(gathered.refusal),
            tool_calls=tuple(call.whole() for _, call in sorted(gathered.calls.items())),
            finish_reason=gathered.finish_reason,
            usage=self._usage,
            id=self._id,
            model=self._model,
            role=gathered.role or "assistant",
            index=index,
        )

    @property
    def choices(self) -> tuple[Collected, ...]:
        """Every choice of which something has come, by number."""
        return tuple(self.message(index) for index in sorted(self._choices))


class _GatheredCall:
    """A tool call, as far as it has come."""

    def __init__(self) -> None:
        self.id: str | None = None
        self.name: str | None = None
        self.arguments: list[str] = []

    def add(self, part: ToolCallDelta) -> None:
        self.id = self.id or part.id
        self.name = self.name or part.name
        if part.arguments:
            self.arguments.append(part.arguments)

    def whole(self) -> ToolCall:
        return ToolCall(self.id or "", self.name or "", "".join(self.arguments))


class _Gathered:
    """A choice, as far as it has come. A list that has nothing in it stands for None, one with "" for an empty text."""

    def __init__(self) -> None:
        self.role: str | None = None
        self.finish_reason: str | None = None
        self.content: list[str] = []
        self.reasoning: list[str] = []
        self.refusal: list[str] = []
        self.calls: dict[int, _GatheredCall] = {}

    def add(self, delta: Delta) -> None:
        # Servers open every answer with a role beside an empty content, also one that will have no content.
        opening = delta.role is not None and not delta.content
        self.role = self.role or delta.role
        self.finish_reason = delta.finish_reason or self.finish_reason
        _append(self.content, None if opening else delta.content)
        _append(self.reasoning, delta.reasoning)
        _append(self.refusal, delta.refusal)
        for part in delta.tool_calls:
            self.calls.setdefault(part.index, _GatheredCall()).add(part)


_NOTHING: Final = _Gathered()


def _append(texts: list[str], text: str | None) -> None:
    """Keeps empty texts once only: a server may send any number of them."""
    if text or (text is not None and not texts):
        texts.append(text)


def _joined(texts: list[str]) -> str | None:
    return "".join(texts) if texts else None
