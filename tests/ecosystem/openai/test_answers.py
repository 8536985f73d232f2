"""What the SDK can do with chat, it can do here: whole and streamed answers, tools, schemas, raw responses, models."""

from __future__ import annotations

import asyncio
import json
from typing import Any, Final

import openai
import pydantic
import pytest

from gonka_core.integrations.openai import AsyncGonkaOpenAI, GonkaOpenAI
from gonka_mock_node import MockNetwork
from tests.ecosystem.openai.asking import HELLO, ask, both, chat, until_it_breaks, words
from tests.recorder import Recorder, http

SAID: Final = "You said: one two three"
WEATHER: Final = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    },
}


class Person(pydantic.BaseModel):
    name: str
    age: int


@both
def test_a_whole_answer(mode: str, settings: dict[str, Any], network: MockNetwork) -> None:
    answer = chat(mode, settings)
    assert answer.choices[0].message.content == SAID
    assert answer.usage.total_tokens > 0
    assert sum(verdict.accepted for verdict in network.journal) == 1


@both
def test_a_streamed_answer(mode: str, settings: dict[str, Any]) -> None:
    assert words(chat(mode, settings, stream=True)) == SAID


@both
@pytest.mark.parametrize("stream", [False, True])
def test_a_large_request(mode: str, settings: dict[str, Any], stream: bool) -> None:
    asked = [{"role": "user", "content": "слово " * 200_000}]  # 2 MB in UTF-8
    answer = chat(mode, settings, messages=asked, stream=stream, max_tokens=4)
    said = words(answer) if stream else answer.choices[0].message.content
    assert said == "You said: слово слово"


@both
def test_usage_in_a_stream(mode: str, settings: dict[str, Any]) -> None:
    chunks = chat(mode, settings, stream=True, stream_options={"include_usage": True})
    assert chunks[-1].usage.total_tokens > 0


@both
def test_the_stream_helper_accumulates(mode: str, settings: dict[str, Any]) -> None:
    if mode == "sync":
        with (
            GonkaOpenAI(**settings) as client,
            client.chat.completions.stream(model="test", messages=HELLO) as stream,
        ):
            kinds: set[str] = {event.type for event in stream}
            final = stream.get_final_completion()
    else:

        async def awaited() -> tuple[set[str], Any]:
            async with AsyncGonkaOpenAI(**settings) as client:
                helper: Any = client.chat.completions.stream(model="test", messages=HELLO)
                async with helper as stream:
                    return {event.type async for event in stream}, await stream.get_final_completion()

        kinds, final = asyncio.run(awaited())
    assert {"chunk", "content.delta", "content.done"} <= kinds
    assert final.choices[0].message.content == SAID


@both
def test_a_structured_answer_is_parsed(mode: str, settings: dict[str, Any]) -> None:
    asked = [{"role": "user", "content": "she is 42 and called Ada"}]
    answer = ask(mode, settings, "chat.completions.parse", {}, model="test", messages=asked, response_format=Person)
    assert answer.choices[0].message.parsed == Person(name="Ada", age=42)


@both
def test_tools_are_called_and_told_of(mode: str, settings: dict[str, Any]) -> None:
    first = chat(mode, settings, tools=[WEATHER]).choices[0]
    assert first.finish_reason == "tool_calls"
    (call,) = first.message.tool_calls
    assert json.loads(call.function.arguments) == {"city": "three"}
    told = {"role": "tool", "tool_call_id": call.id, "content": "sunny"}
    second = chat(mode, settings, tools=[WEATHER], messages=[*HELLO, first.message, told])
    assert second.choices[0].message.content == "The tool said: sunny"


@both
def test_tool_calls_in_a_stream(mode: str, settings: dict[str, Any]) -> None:
    chunks = chat(mode, settings, tools=[WEATHER], stream=True)
    calls = [call for chunk in chunks for choice in chunk.choices for call in choice.delta.tool_calls or ()]
    assert json.loads("".join(call.function.arguments or "" for call in calls)) == {"city": "three"}


@both
def test_a_raw_response_has_headers_and_tells_how_many_repeats_there_were(
    mode: str, core: dict[str, Any], network: MockNetwork
) -> None:
    network.faults.add("overloaded", times=1)
    raw = ask(mode, {"core": core}, "chat.completions.with_raw_response.create", {}, model="test", messages=HELLO)
    assert raw.headers["content-type"].startswith("application/json")
    assert raw.parse().choices[0].message.content == SAID
    assert raw.retries_taken == 1
    attempts = raw.http_response.extensions["gonka_attempts"]
    assert [attempt.status for attempt in attempts] == [429, 200]


def test_a_streaming_response_hands_out_lines(settings: dict[str, Any]) -> None:
    with (
        GonkaOpenAI(**settings) as client,
        client.chat.completions.with_streaming_response.create(
            model="test",
            messages=HELLO,
            stream=True,
        ) as response,
    ):
        lines = [line for line in response.iter_lines() if line]
    assert lines[-1] == "data: [DONE]"
    assert len(lines) > 3


@pytest.mark.asyncio
async def test_a_streaming_response_hands_out_bytes_of_a_whole_answer(settings: dict[str, Any]) -> None:
    async with AsyncGonkaOpenAI(**settings) as client:
        create: Any = client.chat.completions.with_streaming_response.create
        async with create(model="test", messages=HELLO) as response:
            body = b"".join([piece async for piece in response.iter_bytes()])
    assert json.loads(body)["choices"][0]["message"]["content"] == SAID


@both
def test_pieces_are_handed_on_while_the_rest_is_not_sent_yet(
    mode: str, core: dict[str, Any], network: MockNetwork
) -> None:
    network.faults.add("stall", after=3, seconds=600.0)
    seen, error = until_it_breaks(mode, {"core": core, "timeout": 0.3})
    assert len(seen) == 3, "the node does not send the fourth within the test's time"
    assert isinstance(error, openai.APITimeoutError)


@both
def test_a_stream_that_is_left_early_gives_its_endpoint_back(mode: str, settings: dict[str, Any]) -> None:
    asked: Any = {"model": "test", "messages": HELLO, "stream": True}

    async def awaited() -> int:
        async with AsyncGonkaOpenAI(**settings) as client:
            async with await client.chat.completions.create(**asked) as stream:
                async for _ in stream:
                    break
                assert sum(state.in_flight for state in client.gonka_client.states) == 1
            return sum(state.in_flight for state in client.gonka_client.states)

    def called() -> int:
        with GonkaOpenAI(**settings) as client:
            with client.chat.completions.create(**asked) as stream:
                next(iter(stream))
                assert sum(state.in_flight for state in client.gonka_client.states) == 1
            return sum(state.in_flight for state in client.gonka_client.states)

    assert (called() if mode == "sync" else asyncio.run(awaited())) == 0


@both
def test_models_are_those_that_nodes_serve(mode: str, settings: dict[str, Any]) -> None:
    listed = ask(mode, settings, "models.list", {}).data
    assert {model.id for model in listed} >= {"test", "Qwen/QwQ-32B"}
    one = ask(mode, settings, "models.retrieve", {}, model="Qwen/QwQ-32B")
    assert one.id == "Qwen/QwQ-32B"
    assert one.object == "model"
    assert one.context_length > 0
    assert one.price_ngonka > 0


def test_models_of_an_older_node(private_key: str) -> None:
    with MockNetwork(1, profile="v0.2.6", models=("old/one",)) as older:
        place = f"{older.nodes[0].url};{older.nodes[0].provider_address}"
        settings = {"endpoints": place, "gonka_private_key": private_key}
        assert [model.id for model in ask("sync", settings, "models.list", {}).data] == ["old/one"]


def test_only_the_body_and_the_signature_reach_a_node(private_key: str, network: MockNetwork) -> None:
    """What is sent is what `protocol.md` §1.1 has; headers and queries of the SDK end at the transport."""
    sent_to = network.nodes[0].provider_address
    answer = json.dumps({"choices": [{"index": 0, "message": {"role": "assistant", "content": "hm"}}]}).encode()
    with Recorder([[http("200 OK", answer, "Content-Type: application/json")]]) as node:
        settings = {
            "endpoints": f"{node.url};{sent_to}",
            "gonka_private_key": private_key,
            "api_key": "sk-of-another-place",
            "organization": "my-company",
            "default_headers": {"X-Mine": "default"},
            "default_query": {"api-version": "1"},
        }
        chat(
            "sync",
            settings,
            extra_headers={"X-Mine-Too": "extra", "X-Gonka-Affinity": "a"},
            extra_query={"q": "1"},
            extra_body={"top_k": 7},
        )
    (received,) = node.received
    assert received.line == "POST /v1/chat/completions HTTP/1.1"
    assert json.loads(received.body)["top_k"] == 7
    names = {name.lower() for name, _ in received.headers}
    assert {"authorization", "x-requester-address", "x-timestamp", "content-type"} <= names
    assert not {name for name in names if name.startswith(("x-stainless", "x-mine", "x-gonka", "openai-"))}
    text = str(received)
    assert "sk-of-another-place" not in text
    assert "my-company" not in text
    assert "Bearer" not in text


def test_affinity_is_told_to_selectors(core: dict[str, Any]) -> None:
    chosen: list[str | None] = []

    class Watching:
        def select(self, candidates: Any, context: Any, /) -> Any:
            chosen.append(context.affinity)
            return candidates[0]

        def report(self, endpoint: Any, outcome: Any, /) -> None: ...

    chat("sync", {"core": {**core, "selector": Watching()}}, extra_headers={"X-Gonka-Affinity": "talk-7"})
    assert chosen == ["talk-7"]
