"""Completions as nodes send them (`protocol.md` §5.2, §5.3): the words are the test's, the shape is the network's.

The id is the request's `Authorization`, log probabilities with five alternatives and a usage chunk come unasked,
object keys are sorted, and `<`, `>`, `&` are escaped as Go does it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from .go_json import ChatFields
from .rules import prompt_tokens, text_of

Answer: TypeAlias = Callable[[Mapping[str, Any]], str]
"""From the payload's JSON object to the assistant's words."""

_ALTERNATIVES: Final = 5
_ESCAPES: Final = str.maketrans({character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"})


def echo(payload: Mapping[str, Any]) -> str:
    """The default answer: the last message of the user, said back."""
    messages = payload.get("messages")
    users = [
        message
        for message in (messages if isinstance(messages, list) else [])
        if isinstance(message, dict) and message.get("role") == "user"
    ]
    return f"You said: {text_of(users[-1]) if users else 'nothing'}"


@dataclass(frozen=True, slots=True)
class Completion:
    """One answer, ready to be written whole or as a stream. `created` in seconds since the epoch."""

    identity: str
    model: str
    words: str
    prompt_tokens: int
    created: int

    def body(self) -> bytes:
        """The whole completion; no line feed behind it."""
        tokens = _tokens(self.words)
        choice = {
            "finish_reason": "stop",
            "index": 0,
            "logprobs": {"content": [_logprob(token) for token in tokens]},
            "message": {"content": self.words, "role": "assistant", "tool_calls": []},
            "stop_reason": None,
        }
        return _encode(self._object("chat.completion", [choice]) | {"usage": self._usage(len(tokens))})

    def events(self) -> Iterator[bytes]:
        """The stream, an event at a time: the role, a chunk for each token, the usage, `[DONE]`."""
        tokens = _tokens(self.words)
        yield self._event([_delta({"content": "", "role": "assistant"}, None)])
        for number, token in enumerate(tokens, start=1):
            choice = _delta({"content": token}, {"content": [_logprob(token)]})
            if number == len(tokens):
                choice |= {"finish_reason": "stop", "stop_reason": None}
            yield self._event([choice])
        yield self._event([], usage=self._usage(len(tokens)))
        yield b"data: [DONE]\n\n"

    def _event(self, choices: list[dict[str, Any]], **more: Any) -> bytes:
        return b"data: " + _encode(self._object("chat.completion.chunk", choices) | more) + b"\n\n"

    def _object(self, kind: str, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "choices": choices,
            "created": self.created,
            "id": self.identity,
            "model": self.model,
            "object": kind,
        }

    def _usage(self, completion_tokens: int) -> dict[str, int]:
        return {
            "completion_tokens": completion_tokens,
            "prompt_tokens": self.prompt_tokens,
            "total_tokens": self.prompt_tokens + completion_tokens,
        }


def completion(fields: ChatFields, identity: str, answer: Answer, created: int) -> Completion:
    """The answer to a payload under the id that its signature is."""
    return Completion(identity, fields.model, answer(fields.data), prompt_tokens(fields), created)


def _delta(delta: dict[str, Any], logprobs: dict[str, Any] | None) -> dict[str, Any]:
    return {"delta": delta, "finish_reason": None, "index": 0, "logprobs": logprobs}


def _tokens(words: str) -> list[str]:
    """Words with the white space in front of them: what a model's tokens look like from afar."""
    return re.findall(r"\s*\S+|\s+$", words) or [""]


def _logprob(token: str) -> dict[str, Any]:
    alternatives = [token, *(f"{token}{letter}" for letter in "abcd")][:_ALTERNATIVES]
    scored = [_scored(text, -0.01 - rank) for rank, text in enumerate(alternatives)]
    return scored[0] | {"top_logprobs": scored}


def _scored(token: str, logprob: float) -> dict[str, Any]:
    return {"bytes": list(token.encode("utf-8", "replace")), "logprob": logprob, "token": token}


def _encode(value: Mapping[str, Any]) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.translate(_ESCAPES).encode("utf-8", "replace")
