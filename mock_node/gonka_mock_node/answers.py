"""What the assistant says: the words are the test's, or an echo.

An answer is a function from the payload to what is said. It may return a string, or a `Said` with everything else that
a model can do: call tools, say nothing, stop at a limit, take its time. How that looks on the wire is `completions`'
part.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Final, Literal, TypeAlias

from .escrow import DEFAULT_MAX_TOKENS, text_of
from .go.json_value import ChatFields, Number
from .once import once

FinishReason: TypeAlias = Literal["stop", "length", "tool_calls", "content_filter"]
REPEATED: Final = 500
"""Characters of an answer up to which what is made of it is kept."""
_TOKENS: Final = re.compile(r"\s*\S+|\s+$")


def _split(content: str) -> tuple[str, ...]:
    """Words with the white space in front of them."""
    return tuple(_TOKENS.findall(content)) or ("",)


_repeated: Final = lru_cache(maxsize=64)(_split)
"""What is short is kept: tests say the same again and again."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A call of a function: its name, its arguments as JSON text, and the id that the result will name."""

    name: str
    arguments: str = "{}"
    id: str = ""


@dataclass(frozen=True)
class Said:
    """One answer. `content` None is JSON's null; `reasoning` goes into `reasoning_content`.

    `finish_reason` None is what the rest implies: `tool_calls`, `length` where the payload's bound cut the words, or
    `stop`. `pause` are the seconds of silence before each token of a stream, and before a whole answer once;
    `tokens` are the pieces of a stream where words with their white space are not the right ones.
    """

    content: str | None = None
    tool_calls: Sequence[ToolCall] = ()
    reasoning: str | None = None
    finish_reason: FinishReason | None = None
    pause: float = 0.0
    tokens: Sequence[str] | None = None

    @once
    def pieces(self) -> tuple[str, ...]:
        """The content as it is streamed, piece by piece; nothing where there is none."""
        if self.tokens is not None:
            return tuple(self.tokens)
        if self.content is None:
            return ()
        return _repeated(self.content) if len(self.content) <= REPEATED else _split(self.content)

    @property
    def text(self) -> str | None:
        """The content in one piece."""
        return self.content if self.tokens is None else "".join(self.tokens)

    @property
    def calls(self) -> tuple[ToolCall, ...]:
        """The calls, each with an id."""
        return tuple(replace(call, id=call.id or f"call_{i}") for i, call in enumerate(self.tool_calls))

    @property
    def reason(self) -> FinishReason:
        """Why the answer ends: as given, or what follows from its calls."""
        return self.finish_reason or ("tool_calls" if self.tool_calls else "stop")


Answer: TypeAlias = Callable[[Mapping[str, Any]], "str | Said | Awaitable[str | Said]"]
"""From the payload's JSON object to what is said; may be a coroutine function."""


def echo(payload: Mapping[str, Any]) -> str:
    """The default answer: the last message of the user, or the prompt, said back."""
    messages = payload.get("messages")
    users = [
        message
        for message in (messages if isinstance(messages, list) else [])
        if isinstance(message, dict) and message.get("role") == "user"
    ]
    return f"You said: {text_of(users[-1]) if users else _prompt(payload)}"


def _prompt(payload: Mapping[str, Any]) -> str:
    prompt = payload.get("prompt")
    return prompt if isinstance(prompt, str) and not isinstance(prompt, Number) else "nothing"


async def said(answer: Answer, payload: Mapping[str, Any], fields: ChatFields) -> Said:
    """What the answer function says to this payload, cut at the payload's bound as a model's server cuts it."""
    result = answer(payload)
    if not isinstance(result, (str, Said)):
        result = await result
    return _within(Said(result) if isinstance(result, str) else result, fields)


def _within(whole: Said, fields: ChatFields) -> Said:
    limit = fields.max_tokens or fields.max_completion_tokens or DEFAULT_MAX_TOKENS
    if limit <= 0 or len(whole.pieces) <= limit:
        return whole
    return replace(whole, tokens=whole.pieces[:limit], finish_reason=whole.finish_reason or "length")
