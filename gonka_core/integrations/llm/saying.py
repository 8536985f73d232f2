"""What `llm` asks as a payload, and what a model answers as the events of `llm`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from importlib import import_module
from typing import Any

from gonka_core.chunks import Chunk, Completion, ToolCall, Usage
from gonka_core.collect import Collector

llm: Any = import_module("llm")
parts: Any = import_module("llm.parts")


def payload(name: str, prompt: Any) -> dict[str, Any]:
    """The chat payload of an `llm.Prompt`."""
    asked: dict[str, Any] = {"model": name, "messages": list(_messages(prompt))}
    asked |= prompt.options.model_dump(exclude_none=True)
    if prompt.tools:
        asked["tools"] = [_tool(tool) for tool in prompt.tools]
    if prompt.schema:
        asked["response_format"] = {
            "type": "json_schema",
            "json_schema": {"name": "output", "schema": prompt.schema},
        }
    return asked


def _messages(prompt: Any) -> Iterator[dict[str, Any]]:
    """All messages; a system prompt that holds already, as each turn of a conversation brings it, is not repeated."""
    system: str | None = None
    for said in (said for message in prompt.messages for said in _said(message)):
        if said["role"] == "system":
            if said["content"] == system:
                continue
            system = said["content"]
        yield said


def _said(message: Any) -> Iterator[dict[str, Any]]:
    """A message as nodes take it: nothing is an empty text, and each result a message (`protocol.md` §4)."""
    for part in message.parts:
        if isinstance(part, parts.ToolResultPart):
            content = part.output if part.output.strip() else "(nothing)"
            yield {"role": "tool", "tool_call_id": part.tool_call_id, "content": content}
    text = "".join(part.text for part in message.parts if isinstance(part, parts.TextPart))
    calls = [_call(part) for part in message.parts if isinstance(part, parts.ToolCallPart)]
    if calls:
        yield {"role": message.role, "content": text if text.strip() else None, "tool_calls": calls}
    elif text.strip() and message.role != "tool":
        yield {"role": message.role, "content": text}


def _call(part: Any) -> dict[str, Any]:
    function = {"name": part.name, "arguments": json.dumps(part.arguments, ensure_ascii=False)}
    return {"id": part.tool_call_id, "type": "function", "function": function}


def _tool(tool: Any) -> dict[str, Any]:
    described = {"description": tool.description} if tool.description else {}
    return {"type": "function", "function": {"name": tool.name, **described, "parameters": tool.input_schema}}


class Heard:
    """Answers as events; the tool calls, the usage and what else is told go into the `llm.Response`."""

    def __init__(self, response: Any) -> None:
        self._response = response
        self._collector = Collector()

    def whole(self, answer: Completion) -> Iterator[Any]:
        """The events of an answer that came at once."""
        yield from _words(answer)
        yield from self._calls(answer.tool_calls)
        self._tell(answer.model, answer.finish_reason, answer.usage)

    def chunk(self, chunk: Chunk) -> Iterator[Any]:
        """The events of a chunk."""
        self._collector.add(chunk)
        return _words(chunk)

    def end(self) -> Iterator[Any]:
        """The events after the last chunk."""
        message = self._collector.message()
        yield from self._calls(message.tool_calls)
        self._tell(message.model, message.finish_reason, message.usage)

    def _calls(self, calls: Sequence[ToolCall]) -> Iterator[Any]:
        for call in calls:
            arguments = call.json()
            if arguments is None:
                raise llm.ModelError(f"the model called {call.name} with arguments that are no JSON object; ask again")
            told = {"tool_call_id": call.id}
            yield parts.StreamEvent(type="tool_call_name", chunk=call.name, **told)
            yield parts.StreamEvent(type="tool_call_args", chunk=call.arguments, **told)
            self._response.add_tool_call(llm.ToolCall(name=call.name, arguments=dict(arguments), **told))

    def _tell(self, model: str | None, reason: str | None, usage: Usage | None) -> None:
        # The id stays out: it is the request's signature, and `llm` logs what it is told beside the prompt.
        self._response.response_json = {"model": model, "finish_reason": reason}
        if usage is not None:
            self._response.set_usage(input=usage.prompt_tokens, output=usage.completion_tokens)


def _words(said: Chunk | Completion) -> Iterator[Any]:
    if said.reasoning:
        yield parts.StreamEvent(type="reasoning", chunk=said.reasoning)
    if said.text:
        yield parts.StreamEvent(type="text", chunk=said.text)
