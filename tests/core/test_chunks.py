"""Typed views: what is there is found, and what is odd is nothing."""

from __future__ import annotations

import dataclasses
import json
import pickle
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import Endpoint
from gonka_core.chunks import Choice, Chunk, Completion, Delta, ToolCall, ToolCallDelta, Usage
from gonka_core.types import Request

REQUEST = Request("http://host/v1", {}, b"{}", Endpoint("http://host", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"))


def completion(data: dict[str, Any]) -> Completion:
    return Completion(data=data, body=b"{}", request=REQUEST)


def chunk(delta: Any, **choice: Any) -> Chunk:
    return Chunk({"choices": [{"delta": delta, **choice}]})


class TestChunk:
    """The stream of `protocol.md` §5.3."""

    def test_the_words(self) -> None:
        head = {"created": 1766422713, "id": "ID", "model": "test", "object": "chat.completion.chunk"}
        scores: dict[str, Any] = {"content": []}
        first = Chunk({**head, "choices": [{"delta": {"content": "", "role": "assistant"}, "index": 0}]})
        assert (first.id, first.model, first.created) == ("ID", "test", 1766422713)
        assert (first.role, first.text, first.finish_reason, first.logprobs, first.index) == (
            "assistant",
            "",
            None,
            None,
            0,
        )
        last = chunk({"content": "!"}, finish_reason="stop", index=0, logprobs=scores)
        assert (last.role, last.text, last.finish_reason, last.logprobs) == (None, "!", "stop", scores)
        assert last.usage is None

    def test_the_usage(self) -> None:
        usage = {"completion_tokens": 2, "prompt_tokens": 9, "total_tokens": 11}
        last = Chunk({"choices": [], "usage": usage})
        assert last.usage == Usage(prompt_tokens=9, completion_tokens=2, total_tokens=11)
        assert (last.text, last.choices, last.tool_calls, last.finish_reason, last.reasoning) == (
            "",
            (),
            (),
            None,
            None,
        )

    def test_parts_of_tool_calls(self) -> None:
        calls = [{"index": 1, "id": "call_1", "type": "function", "function": {"name": "f", "arguments": ""}}]
        assert chunk({"tool_calls": calls}).tool_calls == (ToolCallDelta(1, "call_1", "f", ""),)
        calls = [{"index": 1, "function": {"arguments": '{"a"'}}]
        assert chunk({"tool_calls": calls}).tool_calls == (ToolCallDelta(1, None, None, '{"a"'),)

    def test_calls_without_an_index_are_numbered_by_their_place(self) -> None:
        assert [call.index for call in chunk({"tool_calls": [{}, 7, {"index": -1}, {"index": True}]}).tool_calls] == [
            0,
            2,
            3,
        ]

    @pytest.mark.parametrize("odd", [{"a": 1}, [], 7, None, True])
    def test_odd_parts_of_calls_are_nothing(self, odd: Any) -> None:
        calls = [{"id": odd, "function": {"name": odd, "arguments": odd}}, {"function": odd}]
        assert chunk({"tool_calls": calls}).tool_calls == (ToolCallDelta(0), ToolCallDelta(1))

    @pytest.mark.parametrize("name", ["reasoning_content", "reasoning"])
    def test_thoughts_under_either_name(self, name: str) -> None:
        assert chunk({name: "hm"}).reasoning == "hm"
        assert chunk({"reasoning_content": None, name: "hm"}).reasoning == "hm"

    def test_each_choice_is_told_apart(self) -> None:
        several = Chunk({"choices": [{"index": 2, "delta": {"content": "c"}}, {"index": 0, "delta": {"content": "a"}}]})
        assert [(choice.index, choice.text) for choice in several.choices] == [(2, "c"), (0, "a")]
        assert (several.index, several.text) == (2, "c")

    def test_an_old_completion_says_its_words_in_the_choice(self) -> None:
        assert Chunk({"choices": [{"index": 0, "text": "a"}]}).text == "a"
        assert chunk({"content": None}, text="a").text == ""


class TestCompletion:
    """The object of `protocol.md` §5.2."""

    DATA: ClassVar[dict[str, Any]] = {
        "choices": [
            {
                "finish_reason": "tool_calls",
                "index": 0,
                "logprobs": {"content": []},
                "message": {
                    "content": None,
                    "role": "assistant",
                    "reasoning_content": "hm",
                    "tool_calls": [{"id": "call_0", "function": {"name": "f", "arguments": '{"a":1}'}}],
                },
            },
            {"finish_reason": "stop", "index": 1, "message": {"content": "Hi!", "role": "assistant", "refusal": "no"}},
        ],
        "created": 1766422713,
        "id": "ID",
        "model": "test",
        "usage": {"completion_tokens": 2, "prompt_tokens": 9, "total_tokens": 11},
    }

    def test_the_first_choice(self) -> None:
        result = completion(self.DATA)
        assert (result.text, result.role, result.reasoning, result.finish_reason) == (
            "",
            "assistant",
            "hm",
            "tool_calls",
        )
        assert result.tool_calls == (ToolCall("call_0", "f", '{"a":1}'),)
        assert (result.id, result.model, result.created) == ("ID", "test", 1766422713)
        assert result.usage == Usage(9, 2, 11)
        assert result.logprobs == {"content": []}

    def test_every_choice(self) -> None:
        first, second = completion(self.DATA).choices
        assert (first.content, first.index) == (None, 0)
        assert (second.content, second.text, second.index, second.refusal) == ("Hi!", "Hi!", 1, "no")


@pytest.mark.parametrize(
    ("usage", "counted"),
    [
        ({"prompt_tokens": 9, "completion_tokens": 2}, Usage(9, 2, 11)),
        ({"total_tokens": 0}, Usage(0, 0, 0)),
        ({"prompt_tokens": "9", "total_tokens": 11}, Usage(0, 0, 11)),
        ({"prompt_tokens": -9, "total_tokens": True}, None),
        ({"prompt_tokens": 1.5}, None),
        ({}, None),
        ([], None),
        (None, None),
    ],
)
def test_what_is_counted(usage: Any, counted: Usage | None) -> None:
    assert Chunk({"usage": usage}).usage == counted
    assert completion({"usage": usage}).usage == counted


@pytest.mark.parametrize(
    ("arguments", "value"),
    [
        ('{"a":[1]}', {"a": [1]}),
        ("{}", {}),
        ("", {}),
        (" \n", {}),
        ('{"a":', None),
        ("[1]", None),
        ("null", None),
        ('{"a":NaN}', None),
        ('{"a":' * 1000, None),
        ('{"a":"\ud800"}', None),
        ('{"a":"🌍"}', {"a": "🌍"}),
    ],
)
def test_arguments_of_a_tool_call_are_an_object_or_nothing(arguments: str, value: Any) -> None:
    assert ToolCall("id", "f", arguments).json() == value


@given(st.dictionaries(st.text(), st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text())))
def test_arguments_read_back(value: dict[str, Any]) -> None:
    assert ToolCall("id", "f", json.dumps(value)).json() == value


NAMES = [
    *("choices", "delta", "message", "content", "role", "tool_calls", "function", "arguments", "name", "id", "index"),
    *("finish_reason", "usage", "model", "created", "reasoning", "reasoning_content", "refusal", "text", "logprobs"),
    *("prompt_tokens", "completion_tokens", "total_tokens"),
]
ODD: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=2), inner, max_size=6)
    ),
    max_leaves=20,
)
OBJECTS = st.dictionaries(st.sampled_from(NAMES), ODD, max_size=8)
SHAPED = st.fixed_dictionaries(
    {}, optional={"choices": st.lists(OBJECTS | ODD, max_size=3), "usage": OBJECTS, "id": ODD, "model": ODD}
)
TYPES: dict[str, type | tuple[type, ...]] = {
    "text": str,
    "content": (str, type(None)),
    "role": (str, type(None)),
    "reasoning": (str, type(None)),
    "refusal": (str, type(None)),
    "finish_reason": (str, type(None)),
    "logprobs": (dict, type(None)),
    "index": int,
    "tool_calls": tuple,
    "choices": tuple,
    "usage": (Usage, type(None)),
    "id": (str, type(None)),
    "model": (str, type(None)),
    "created": (int, type(None)),
}


def views(value: object) -> list[str]:
    """The names of its properties."""
    return [name for name in dir(type(value)) if isinstance(getattr(type(value), name), property) and name[0] != "_"]


@given(OBJECTS | SHAPED)
def test_nothing_is_too_odd_to_be_looked_at(data: dict[str, Any]) -> None:
    for view in (Chunk(data), completion(data)):
        for part in (view, *view.choices):
            for name in views(part):
                value = getattr(part, name)
                assert isinstance(value, TYPES[name])
                assert not isinstance(value, bool)
        for call in view.tool_calls:
            assert isinstance(call.arguments, str)
            if isinstance(call, ToolCall):
                assert isinstance(call.id, str)
                assert isinstance(call.name, str)
                assert isinstance(call.json(), dict | None)
            else:
                assert call.index >= 0


@pytest.mark.parametrize("view", [Chunk({}), completion({}), Delta({}), Choice({}), ToolCall("", ""), Usage()])
def test_views_are_frozen(view: Any) -> None:
    name = dataclasses.fields(view)[0].name
    with pytest.raises(dataclasses.FrozenInstanceError):
        setattr(view, name, {})
    assert not hasattr(view, "__dict__")


def test_a_repr_shows_no_words() -> None:
    said = {"choices": [{"delta": {"content": "secret"}, "message": {"content": "secret"}, "text": "secret"}]}
    views = [Chunk(said), Completion(said, b"secret", REQUEST), *Chunk(said).choices, *completion(said).choices]
    assert "secret" not in repr([*views, ToolCall("id", "f", "secret"), ToolCallDelta(0, "id", "f", "secret")])


def test_views_travel() -> None:
    for view in (chunk({"content": "a"}), completion(TestCompletion.DATA)):
        assert pickle.loads(pickle.dumps(view)) == view


@given(OBJECTS | SHAPED | st.fixed_dictionaries({"choices": st.just([{"delta": {"content": "x"}, "text": "y"}])}))
def test_the_short_way_to_the_words_is_the_long_one(document: dict[str, Any]) -> None:
    """`text` looks them up itself; the view of the first choice says the same."""
    assert Chunk(document).text == Chunk(document)._first.text
    assert completion(document).text == completion(document)._first.text
