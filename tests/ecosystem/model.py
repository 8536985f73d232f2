"""What the nodes' model says: an echo, a call of the tools it is offered, or JSON of the shape it is asked for.

Arguments are made from the schema and the words of the user: a text is the last word, a number the last number.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gonka_mock_node import Said, ToolCall
from gonka_mock_node.answers import echo

_WORD: Final = re.compile(r"[^\W\d_]+")
_NUMBER: Final = re.compile(r"-?\d+")


def obliging(payload: Mapping[str, Any]) -> str | Said:
    """The answer to a payload: each tool is called once, in their order, and then it is said what the last one gave."""
    words = echo(payload).removeprefix("You said: ")
    if tool := _tool_to_call(payload):
        parameters = tool.get("parameters") or {}
        return Said(tool_calls=[ToolCall(tool["name"], json.dumps(_sample(parameters, parameters, words)))])
    wanted = payload.get("response_format") or {}
    if wanted.get("type") == "json_schema":
        schema = wanted["json_schema"]["schema"]
        return json.dumps(_sample(schema, schema, words))
    last = (payload.get("messages") or [{}])[-1]
    if last.get("role") == "tool":
        return f"The tool said: {_text(last['content'])}"
    return echo(payload)


def _tool_to_call(payload: Mapping[str, Any]) -> Mapping[str, Any] | None:
    choice = payload.get("tool_choice", "auto")
    if choice == "none":
        return None
    offered: list[dict[str, Any]] = [tool["function"] for tool in payload.get("tools") or ()]
    if isinstance(choice, dict):
        return next(tool for tool in offered if tool["name"] == choice["function"]["name"])
    called = set(_called(payload["messages"]))
    return next((tool for tool in offered if tool["name"] not in called), None)


def _called(messages: list[Mapping[str, Any]]) -> Iterator[str]:
    """The tools that were called since the user's last message."""
    last = max((i for i, message in enumerate(messages) if message["role"] == "user"), default=0)
    for message in messages[last:]:
        yield from (call["function"]["name"] for call in message.get("tool_calls") or ())


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    return "".join(part.get("text", "") for part in content)


def _sample(schema: Mapping[str, Any], root: Mapping[str, Any], words: str) -> Any:
    """Something that the schema allows."""
    if "$ref" in schema:
        return _sample(root["$defs"][schema["$ref"].rpartition("/")[2]], root, words)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    if "anyOf" in schema:
        return _sample(schema["anyOf"][0], root, words)
    if schema.get("type") == "array":
        return [_sample(schema.get("items", {}), root, words)]
    if schema.get("type") in ("object", None):
        return {name: _sample(inner, root, words) for name, inner in schema.get("properties", {}).items()}
    return _simple(schema["type"], words)


def _simple(kind: str, words: str) -> Any:
    found = _NUMBER.findall(words)
    number = int(found[-1]) if found else 1
    return {
        "string": (_WORD.findall(words) or ["nothing"])[-1],
        "integer": number,
        "number": float(number),
        "boolean": True,
        "null": None,
    }[kind]
