"""Answers told in a file: rules in order, of which the first that fits the payload says what the assistant says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gonka_mock_node.answers import Answer, Said, echo
from gonka_mock_node.escrow import text_of


@dataclass(frozen=True, slots=True)
class When:
    """What a payload must be for a rule to fit; a field that is None always does.

    `contains` is looked for in the last message, whoever wrote it, or in the prompt; upper and lower case differ.
    `role` is who wrote that message, so that the answer to a tool's result can be another than the one to the user.
    """

    contains: str | None = None
    model: str | None = None
    role: str | None = None
    stream: bool | None = None

    def fits(self, payload: Mapping[str, Any]) -> bool:
        role, text = _last(payload)
        found = {"model": payload.get("model"), "role": role, "stream": payload.get("stream") is True}
        wanted = {"model": self.model, "role": self.role, "stream": self.stream}
        return (self.contains is None or self.contains in text) and all(
            value is None or value == found[name] for name, value in wanted.items()
        )


@dataclass(frozen=True, slots=True)
class AnswerRule:
    """What is said, and when."""

    said: Said
    when: When = When()


def answering(rules: Sequence[AnswerRule]) -> Answer:
    """The answer function of those rules; where none fits it says what it was told."""
    if not rules:
        return echo

    def answer(payload: Mapping[str, Any]) -> Said | str:
        return next((rule.said for rule in rules if rule.when.fits(payload)), None) or echo(payload)

    return answer


def _last(payload: Mapping[str, Any]) -> tuple[object, str]:
    """Who wrote the last message, and its text; a prompt is the user's."""
    messages = payload.get("messages")
    if isinstance(messages, list) and messages:
        last = messages[-1]
        return (last.get("role") if isinstance(last, dict) else None), text_of(last)
    prompt = payload.get("prompt")
    first = prompt[0] if isinstance(prompt, list) and prompt else prompt
    return "user", first if isinstance(first, str) else ""
