"""A stream, collected, is the answer that would have come in one piece."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import Endpoint
from gonka_core.chunks import Chunk, Completion, ToolCall, Usage
from gonka_core.collect import Collected, Collector
from gonka_core.reading import EventReader
from gonka_core.types import Request
from gonka_mock_node.answers import Said
from gonka_mock_node.answers import ToolCall as Call
from gonka_mock_node.completions import Form, stream_reply, whole_reply
from gonka_mock_node.reply import Reply

REQUEST = Request("http://host/v1", {}, b"{}", Endpoint("http://host", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"))


def collected(*chunks: Chunk) -> Collector:
    collector = Collector()
    for chunk in chunks:
        collector.add(chunk)
    return collector


def chunk(index: int = 0, **delta: Any) -> Chunk:
    return Chunk({"choices": [{"index": index, "delta": delta}]})


def calling(*parts: dict[str, Any]) -> Chunk:
    return chunk(tool_calls=list(parts))


def body_of(reply: Reply) -> bytes:
    return b"".join(step for step in reply.steps if isinstance(step, bytes))


def streamed(said: Said, form: Form) -> Collector:
    reader = EventReader(REQUEST, 200)
    collector = collected(*reader.feed(body_of(stream_reply(said, form, {}))))
    reader.finish()
    return collector


def whole(said: Said, form: Form) -> Completion:
    body = body_of(whole_reply(said, form, {}))
    return Completion(json.loads(body), body, REQUEST)


CALLS = st.builds(Call, st.text(min_size=1, max_size=5), st.text(max_size=9), st.text(max_size=3))
SAYINGS = st.builds(
    Said,
    content=st.none() | st.text(max_size=30),
    tool_calls=st.lists(CALLS, max_size=3),
    reasoning=st.none() | st.text(max_size=10),
    finish_reason=st.none() | st.sampled_from(["stop", "length", "content_filter"]),
    tokens=st.none() | st.lists(st.text(max_size=4), min_size=1, max_size=4),
)
FORMS = st.builds(
    Form,
    identity=st.text(min_size=1, max_size=4),
    model=st.text(min_size=1, max_size=4),
    prompt_tokens=st.integers(0, 9),
    created=st.just(1766422713),
    logprobs=st.booleans(),
    choices=st.integers(1, 3),
)


@given(SAYINGS, FORMS)
def test_both_forms_of_an_answer_say_the_same(said: Said, form: Form) -> None:
    """The mock node writes them; with all that a model can say, and several choices."""
    result, answer = streamed(said, form), whole(said, form)
    assert [choice.index for choice in result.choices] == [choice.index for choice in answer.choices]
    for choice, expected in zip(result.choices, answer.choices, strict=True):
        assert choice.content == expected.content
        assert choice.reasoning == expected.reasoning
        assert choice.tool_calls == expected.tool_calls
        assert choice.finish_reason == expected.finish_reason
        assert choice.role == expected.role
        assert (choice.usage, choice.id, choice.model) == (answer.usage, answer.id, answer.model)


@given(SAYINGS, FORMS)
def test_the_message_is_the_one_in_the_answer(said: Said, form: Form) -> None:
    """But for the thoughts, which nodes do not take back, and an empty list of calls."""
    expected = whole(said, form).data["choices"][0]["message"]
    expected.pop("reasoning_content", None)
    if not expected["tool_calls"]:
        del expected["tool_calls"]
    assert streamed(said, form).message().as_message() == expected


@given(st.text(max_size=30), st.booleans())
def test_old_completions_say_the_same_too(text: str, logprobs: bool) -> None:
    form = Form("id", "m", 1, 1766422713, text=True, logprobs=logprobs)
    assert streamed(Said(text), form).message().content == whole(Said(text), form).text


def test_nothing_is_an_empty_message() -> None:
    nothing = Collector().message()
    assert nothing == Collected(None, None, None, (), None, None, None, None, "assistant", 0)
    assert nothing.text == ""
    assert Collector().choices == ()
    assert nothing.as_message() == {"role": "assistant", "content": None}


def test_a_message_can_be_had_at_any_time() -> None:
    collector = collected(chunk(content="Pa"))
    assert collector.message().text == "Pa"
    collector.add(chunk(content="ris"))
    assert collector.message().text == "Paris"
    assert collector.message().finish_reason is None


def test_parts_of_calls_belong_together_by_their_index() -> None:
    result = collected(
        calling({"index": 1, "id": "b", "function": {"name": "g", "arguments": ""}}),
        calling({"index": 0, "id": "a", "function": {"name": "f"}}),
        calling({"index": 1, "function": {"arguments": '{"x"'}}, {"index": 0, "function": {"arguments": "{}"}}),
        calling({"index": 1, "function": {"arguments": ":1}"}}),
    ).message()
    assert result.tool_calls == (ToolCall("a", "f", "{}"), ToolCall("b", "g", '{"x":1}'))
    assert result.tool_calls[1].json() == {"x": 1}


def test_an_id_and_a_name_that_are_repeated_count_once() -> None:
    part = {"index": 0, "id": "a", "function": {"name": "f", "arguments": "1"}}
    assert collected(calling(part), calling(part)).message().tool_calls == (ToolCall("a", "f", "11"),)


def test_choices_are_kept_apart() -> None:
    result = collected(chunk(1, content="b"), chunk(0, content="a"), chunk(1, content="B"))
    assert [(choice.index, choice.content) for choice in result.choices] == [(0, "a"), (1, "bB")]
    assert result.message(1).content == "bB"
    both = Chunk({"choices": [{"index": 1, "delta": {"content": "b"}}, {"index": 0, "delta": {"content": "a"}}]})
    assert [choice.content for choice in collected(both).choices] == ["a", "b"]
    assert result.message(7).content is None


def test_a_reason_to_stop_stays_when_more_comes_after_it() -> None:
    stopped = Chunk({"choices": [{"index": 0, "delta": {"content": "a"}, "finish_reason": "stop"}]})
    assert collected(chunk(content=""), stopped, chunk(content="")).message().finish_reason == "stop"


def test_the_last_usage_counts() -> None:
    counts = [Chunk({"usage": {"total_tokens": n}}) for n in (1, 2)]
    assert collected(*counts, Chunk({"usage": None})).message().usage == Usage(total_tokens=2)


@pytest.mark.parametrize(
    ("deltas", "content"),
    [
        ([{"role": "assistant", "content": ""}], None),
        ([{"role": "assistant", "content": ""}, {"content": ""}], ""),
        ([{"role": "assistant", "content": "a"}], "a"),
        ([{"content": None}, {}], None),
        ([{"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}], "ab"),
    ],
)
def test_the_empty_content_beside_a_role_is_no_text(deltas: list[dict[str, Any]], content: str | None) -> None:
    assert collected(*(chunk(**delta) for delta in deltas)).message().content == content


def test_a_refusal_is_part_of_the_message() -> None:
    result = collected(chunk(refusal="I "), chunk(refusal="won't")).message()
    assert result.as_message() == {"role": "assistant", "content": None, "refusal": "I won't"}


def test_empty_texts_without_end_are_not_kept() -> None:
    collector = collected(*(chunk(content="", reasoning="") for _ in range(1000)))
    assert (collector.message().content, collector.message().reasoning) == ("", "")
    assert len(collector._choices[0].content) == len(collector._choices[0].reasoning) == 1


def test_a_repr_shows_no_words_and_no_id() -> None:
    """A node's id for an answer is the signature of its request (`protocol.md` §5.2)."""
    said = collected(
        Chunk(
            {"id": "secret", "choices": [{"delta": {"content": "secret", "reasoning": "secret", "refusal": "secret"}}]}
        ),
        calling({"index": 0, "function": {"arguments": "secret"}}),
    )
    assert said.message().text == "secret"
    assert "secret" not in repr(said.message())
    assert "secret" not in repr(said)
