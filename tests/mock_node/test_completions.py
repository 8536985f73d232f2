"""What an answer function may say, and how it comes over the wire: whole, streamed, of chat and of completions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_mock_node import BlockClock, Chain, MockNode, Said, ToolCall
from gonka_mock_node.completions import Form, stream_reply, whole_reply
from gonka_mock_node.reply import Pause
from tests.mock_node.requester import Requester, send

NOW = 1_766_422_712 * 10**9
FORM = Form(identity="id", model="test", prompt_tokens=3, created=1)
CALL = ToolCall("weather", '{"city": "Paris"}', "call_7")


@contextmanager
def saying(what: Any) -> Iterator[tuple[MockNode, Requester]]:
    with MockNode(answer=what, chain=Chain(clock=BlockClock(lambda: NOW))) as node:
        yield node, Requester(node.provider_address)


def payload(**fields: Any) -> bytes:
    return json.dumps({"model": "test", "messages": [{"role": "user", "content": "hi"}], **fields}).encode()


def whole(said: Said, form: Form = FORM) -> Any:
    return json.loads(b"".join(step for step in whole_reply(said, form, {}).steps if isinstance(step, bytes)))


def chunks(said: Said, form: Form = FORM) -> list[Any]:
    pieces = [step for step in stream_reply(said, form, {}).steps if isinstance(step, bytes)]
    assert pieces[-1] == b"data: [DONE]\n\n"
    return [json.loads(piece.removeprefix(b"data: ")) for piece in pieces[:-1]]


def assembled(events: list[Any]) -> dict[str, Any]:
    """What a client makes of a stream."""
    message: dict[str, Any] = {"content": "", "tool_calls": {}, "reasons": []}
    for event in events:
        for choice in event["choices"]:
            delta = choice["delta"]
            message["content"] += delta.get("content") or ""
            message["reasons"] += [choice["finish_reason"]] if choice["finish_reason"] else []
            for part in delta.get("tool_calls", []):
                call = message["tool_calls"].setdefault(part["index"], {"name": "", "arguments": "", "id": ""})
                call["name"] += part["function"].get("name", "")
                call["id"] += part.get("id", "")
                call["arguments"] += part["function"]["arguments"]
    return message


def test_nothing_said_is_null() -> None:
    answer = whole(Said(None, tool_calls=[CALL]))
    (choice,) = answer["choices"]
    assert choice["message"]["content"] is None
    assert choice["finish_reason"] == "tool_calls"
    assert choice["message"]["tool_calls"] == [
        {"function": {"arguments": CALL.arguments, "name": "weather"}, "id": "call_7", "type": "function"}
    ]


def test_tool_calls_streamed_come_in_parts_and_come_whole() -> None:
    message = assembled(chunks(Said("Look: ", tool_calls=[CALL, ToolCall("other")])))
    assert message["content"] == "Look: "
    assert message["tool_calls"][0] == {"name": "weather", "arguments": CALL.arguments, "id": "call_7"}
    assert message["tool_calls"][1] == {"name": "other", "arguments": "{}", "id": "call_1"}
    assert message["reasons"] == ["tool_calls"]


@given(st.text(st.characters(exclude_categories=["Cs"])), st.booleans())
def test_a_stream_says_what_the_whole_answer_says(words: str, logprobs: bool) -> None:
    form = Form("id", "test", 3, 1, logprobs=logprobs)
    events = chunks(Said(words), form)
    assert assembled(events)["content"] == words == whole(Said(words), form)["choices"][0]["message"]["content"]
    assert assembled(events)["reasons"] == ["stop"]
    assert events[-1]["choices"] == []
    assert events[-1]["usage"] == whole(Said(words), form)["usage"]
    assert {event["id"] for event in events} == {"id"}


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"]), min_size=1), min_size=1))
def test_the_log_probabilities_are_those_of_the_tokens_whatever_they_are(tokens: list[str]) -> None:
    said = Said(tokens=["\x00", *tokens, '"logprobs":"\\u0000"'])
    (choice,) = whole(said)["choices"]
    scored = choice["logprobs"]["content"]
    assert tuple(score["token"] for score in scored) == said.pieces
    assert all(bytes(score["bytes"]).decode() == score["token"] for score in scored)
    assert {len(score["top_logprobs"]) for score in scored} == {5}
    assert all(score["top_logprobs"][0]["logprob"] == score["logprob"] for score in scored)
    streamed = [choice["logprobs"] for event in chunks(said) for choice in event["choices"] if choice["logprobs"]]
    assert [score for scores in streamed for score in scores["content"]] == scored


def test_reasoning_and_a_reason_of_the_tests_own() -> None:
    said = Said("x", reasoning="because", finish_reason="content_filter")
    assert whole(said)["choices"][0]["message"]["reasoning_content"] == "because"
    assert whole(said)["choices"][0]["finish_reason"] == "content_filter"
    assert any(event["choices"] and event["choices"][0]["delta"].get("reasoning_content") for event in chunks(said))


def test_pacing_is_silence_between_the_tokens_and_before_a_whole_answer() -> None:
    said = Said("one two three", pause=0.25)
    steps = list(stream_reply(said, FORM, {}).steps)
    assert [step for step in steps if isinstance(step, Pause)] == [Pause(0.25)] * 3
    assert isinstance(steps[0], bytes)
    assert whole_reply(said, FORM, {}).before == (Pause(0.25),)


@pytest.mark.parametrize("field", ["max_tokens", "max_completion_tokens"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_bound_cuts_the_words_and_says_so(field: str, stream: bool) -> None:
    with saying(lambda _payload: "one two three") as (node, requester):
        reply = requester.ask(node.url, payload(stream=stream, **{field: 2}), NOW)
        assert b'"finish_reason":"length"' in reply.body
        assert b"three" not in reply.body
        again = requester.ask(node.url, payload(stream=stream, **{field: 3}), NOW)
        assert b'"finish_reason":"stop"' in again.body


def test_an_answer_may_be_a_coroutine_and_gets_the_payload_as_json() -> None:
    async def answer(asked: Any) -> str:
        return f"{asked['temperature'] + 1} {asked['messages'][0]['content']}"

    with saying(answer) as (node, requester):
        reply = requester.ask(node.url, payload(temperature=0.5), NOW)
    assert json.loads(reply.body)["choices"][0]["message"]["content"] == "1.5 hi"


def test_an_answer_that_fails_is_a_models_server_that_failed() -> None:
    def answer(_payload: Any) -> str:
        raise KeyError("mine")

    with saying(answer) as (node, requester):
        reply = requester.ask(node.url, timestamp=NOW)
        assert (reply.status, reply.error) == (
            500, "Inference node response with an error. code = 500. error = KeyError: 'mine'."
        )  # fmt: skip
        assert node.journal[-1].accepted
        assert node.journal[-1].status == 500


@pytest.mark.parametrize("count", [1, 3])
def test_several_choices(count: int) -> None:
    with saying(lambda _payload: "same") as (node, requester):
        choices = json.loads(requester.ask(node.url, payload(n=count), NOW).body)["choices"]
        streamed = requester.ask(node.url, payload(n=count, stream=True), NOW).body
    assert [choice["index"] for choice in choices] == list(range(count))
    assert {choice["message"]["content"] for choice in choices} == {"same"}
    assert streamed.count(b'"finish_reason":"stop"') == count


@pytest.mark.parametrize("prompt", ["hello", ["hello"]])
@pytest.mark.parametrize("stream", [False, True])
def test_completions(prompt: Any, stream: bool) -> None:
    body = json.dumps({"model": "test", "prompt": prompt, "stream": stream}).encode()
    with MockNode(profile="v0.2.13", chain=Chain(clock=BlockClock(lambda: NOW))) as node:
        requester = Requester(node.provider_address, "hash")
        headers = requester.headers(body, NOW)
        reply = send(node.url, headers, body, path="/v1/completions")
        assert reply.status == 200
        assert node.journal[-1].route == "/v1/completions"
        assert send(node.url, headers | {"Authorization": "QQ=="}, body, path="/v1/completions").status == 401
    if stream:
        events = [json.loads(event.removeprefix(b"data: ")) for event in reply.body.split(b"\n\n")[:-2]]
        assert "".join(event["choices"][0]["text"] for event in events[:-1]).startswith("You said")
        assert events[-1]["usage"]["prompt_tokens"] == 6
        return
    answer = json.loads(reply.body)
    assert answer["object"] == "text_completion"
    assert answer["choices"][0]["text"].startswith("You said")
    assert answer["id"] == headers["Authorization"]


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"{", "invalid request format"),
        (b'{"model":"test","prompt":5}', "invalid request format"),
        (b"[]", "invalid request format"),
        (b'{"prompt":"x"}', "model is required"),
        (b'{"model":" ","prompt":"x"}', "model is required"),
        (b'{"model":"test"}', "prompt is required"),
        (b'{"model":"test","prompt":"  "}', "prompt is required"),
        (b'{"model":"test","prompt":[]}', "prompt is required"),
        (b'{"model":"test","prompt":["a","b"]}', "batch prompts are not supported"),
        (b'{"model":"test","prompt":[" "]}', "prompt is required"),
        (b'{"model":"test","prompt":["",""]}', "batch prompts are not supported"),
    ],
)
def test_completions_that_are_refused_before_anything_else(body: bytes, error: str) -> None:
    with MockNode(profile="v0.2.13") as node:
        reply = send(node.url, {}, body, path="/v1/completions")
    assert (reply.status, reply.error) == (400, error)
