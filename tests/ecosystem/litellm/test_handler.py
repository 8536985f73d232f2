"""`GonkaLLM` as LiteLLM's custom provider, against nodes that verify."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from itertools import pairwise
from typing import Any, Final

import litellm
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from litellm.exceptions import MidStreamFallbackError

from gonka_core import AsyncClient, Client, PrivateKey, StreamTruncatedError
from gonka_core.errors import (
    CapacityError,
    ChainUnavailableError,
    ConfigurationError,
    MissingSettingError,
    ModelNotFoundError,
    PayloadRejectedError,
    TransportTimeout,
)
from gonka_core.integrations.litellm import GonkaLLM
from gonka_core.integrations.litellm.answers import Streamed
from gonka_mock_node import MockNetwork

pytestmark = [
    # Of LiteLLM and the libraries that it brings.
    pytest.mark.filterwarnings("ignore::DeprecationWarning:litellm"),
    pytest.mark.filterwarnings("ignore::UserWarning:pydantic"),
]

MODEL: Final = "gonka/Qwen/QwQ-32B"
MESSAGES: Final = [{"role": "user", "content": "one two three"}]
WEATHER: Final = {
    "type": "function",
    "function": {
        "name": "weather",
        "parameters": {"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}},
    },
}


@pytest.fixture
def handler(environment: None) -> Iterator[GonkaLLM]:
    """LiteLLM as a user sets it up, with nothing but the environment."""
    handler = GonkaLLM()
    litellm.suppress_debug_info = True
    litellm.custom_provider_map = [{"provider": "gonka", "custom_handler": handler}]
    yield handler
    handler.close()


@pytest.fixture
def clients(endpoints: list[str], private_key: str) -> Iterator[tuple[Client, AsyncClient]]:
    """LiteLLM with clients that ask the first node first."""
    key = PrivateKey.from_hex(private_key)
    async_client = AsyncClient(endpoints, private_key=key, selector="first")
    with Client(endpoints, private_key=key, selector="first") as client:
        litellm.suppress_debug_info = True
        litellm.custom_provider_map = [{"provider": "gonka", "custom_handler": GonkaLLM(client, async_client)}]
        yield client, async_client


class Answered:
    """What a call came to, whichever of the four ways it was made."""

    def __init__(self, *, text: str, reason: str | None, calls: list[tuple[str, str]], usage: Any) -> None:
        self.text, self.reason, self.calls, self.usage = text, reason, calls, usage


def whole(answer: Any) -> Answered:
    choice = answer.choices[0]
    calls = [(call.function.name, call.function.arguments) for call in choice.message.tool_calls or ()]
    return Answered(text=choice.message.content or "", reason=choice.finish_reason, calls=calls, usage=answer.usage)


def built(chunks: list[Any]) -> Answered:
    answered = whole(litellm.stream_chunk_builder(chunks, messages=MESSAGES))
    answered.usage = next((chunk.usage for chunk in chunks if getattr(chunk, "usage", None)), None)
    return answered


def ask(way: str, messages: Any = MESSAGES, *, closing: AsyncClient | None = None, **more: Any) -> Answered:
    """Ask in one of four ways: `sync` or `async`, `whole` or `stream`."""
    mode, _, kind = way.partition("-")
    if kind == "stream":
        more |= {"stream": True, "stream_options": {"include_usage": True}}
    if mode == "sync":
        answer = litellm.completion(model=MODEL, messages=messages, **more)
        return whole(answer) if kind == "whole" else built(list(answer))

    async def awaited() -> Answered:
        async with closing or nullcontext():
            answer = await litellm.acompletion(model=MODEL, messages=messages, **more)
            return whole(answer) if kind == "whole" else built([chunk async for chunk in answer])

    return asyncio.run(awaited())


each = pytest.mark.parametrize("way", ["sync-whole", "sync-stream", "async-whole", "async-stream"])


@each
def test_words_reason_and_usage_are_the_nodes(way: str, handler: GonkaLLM, network: MockNetwork) -> None:
    answered = ask(way)
    assert answered.text == "You said: one two three"
    assert answered.reason == "stop"
    usage = answered.usage
    assert (usage.prompt_tokens, usage.completion_tokens, usage.total_tokens) == (14, 5, 19)
    assert [seen.model for seen in network.journal if seen.accepted] == ["Qwen/QwQ-32B"]


@each
def test_options_become_fields_of_the_payload(way: str, handler: GonkaLLM, network: MockNetwork) -> None:
    assert ask(way, max_tokens=3, temperature=0.5, extra_body={"top_k": 4}, num_retries=0).reason == "length"
    kept = network.journal.kept(network.journal[-1].number)
    assert kept is not None
    assert b'"temperature":0.5' in kept.body
    assert b'"top_k":4' in kept.body
    assert b"retries" not in kept.body
    assert b"extra_body" not in kept.body


@each
def test_tools_are_called_and_told_what_they_gave(way: str, handler: GonkaLLM) -> None:
    asked = ask(way, tools=[WEATHER])
    assert asked.calls == [("weather", '{"city": "three", "days": 1}')]
    assert asked.reason == "tool_calls"
    call = {"id": "call_0", "type": "function", "function": {"name": "weather", "arguments": "{}"}}
    messages = [
        *MESSAGES,
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "call_0", "content": "sun"},
    ]
    assert ask(way, messages, tools=[WEATHER]).text == "The tool said: sun"


@each
def test_another_node_answers_where_the_first_is_away(
    way: str, clients: tuple[Client, AsyncClient], network: MockNetwork
) -> None:
    network.faults.add("refused", node=1)
    assert ask(way, closing=clients[1]).text == "You said: one two three"
    assert {seen.provider_address for seen in network.journal} == {network.nodes[1].provider_address}


@each
@pytest.mark.parametrize(
    ("fault", "theirs", "ours"),
    [
        ("model-vanished", litellm.NotFoundError, ModelNotFoundError),
        ("capacity", litellm.RateLimitError, CapacityError),
        ("unavailable", litellm.ServiceUnavailableError, ChainUnavailableError),
        ("ml-node-error", litellm.BadRequestError, PayloadRejectedError),
    ],
)
def test_errors_are_litellms_with_ours_as_their_cause(
    way: str, fault: str, theirs: type[Exception], ours: type[Exception], handler: GonkaLLM, network: MockNetwork
) -> None:
    network.faults.add(fault)
    # An async stream is asked for with its first chunk, and for some errors LiteLLM then says that it was begun.
    with pytest.raises((theirs, MidStreamFallbackError) if way == "async-stream" else theirs) as caught:
        ask(way)
    told = getattr(caught.value, "original_exception", caught.value)
    assert isinstance(told, theirs)
    assert isinstance(told.__cause__, ours)
    assert str(told.__cause__) in str(caught.value)


@pytest.mark.parametrize("way", ["sync-stream", "async-stream"])
def test_a_stream_that_just_stops_raises(way: str, handler: GonkaLLM, network: MockNetwork) -> None:
    network.faults.add("cut-stream", after=3)
    with pytest.raises(MidStreamFallbackError) as caught:
        ask(way)
    assert isinstance(caught.value.original_exception.__cause__, StreamTruncatedError)


@each
def test_the_timeout_is_how_long_one_wait_may_be(way: str, handler: GonkaLLM, network: MockNetwork) -> None:
    network.faults.add("latency", seconds=5.0)
    with pytest.raises(litellm.Timeout) as caught:
        ask(way, timeout=0.2)
    assert isinstance(caught.value.__cause__, TransportTimeout)


@each
@pytest.mark.parametrize("name", ["api_key", "api_base"])
def test_settings_of_the_client_are_not_taken_from_a_call(
    way: str, name: str, handler: GonkaLLM, network: MockNetwork
) -> None:
    given: dict[str, Any] = {name: "http://" + "ab" * 32}
    with pytest.raises(litellm.BadRequestError, match="GONKA_PRIVATE_KEY") as caught:
        ask(way, **given)
    assert isinstance(caught.value.__cause__, ConfigurationError)
    assert not len(network.journal)


@each
def test_settings_that_are_missing_are_named_and_looked_for_again(
    way: str, handler: GonkaLLM, monkeypatch: pytest.MonkeyPatch, private_key: str
) -> None:
    monkeypatch.delenv("GONKA_PRIVATE_KEY")
    with pytest.raises(litellm.AuthenticationError, match="GONKA_PRIVATE_KEY") as caught:
        ask(way)
    assert isinstance(caught.value.__cause__, MissingSettingError)
    monkeypatch.setenv("GONKA_PRIVATE_KEY", private_key)
    assert ask(way).text


def test_clients_of_event_loops_are_closed_with_them(handler: GonkaLLM, network: MockNetwork) -> None:
    for _ in range(3):
        assert ask("async-whole").text
        assert network.until_idle()
    assert ask("sync-whole").text
    assert not network.until_idle(0.05)
    handler.close()
    assert network.until_idle()


def test_a_router_tries_again_what_may_be_tried_again(handler: GonkaLLM, network: MockNetwork) -> None:
    network.faults.add("ml-node-error")
    router = litellm.Router([{"model_name": "gonka", "litellm_params": {"model": MODEL}}], num_retries=2)
    with pytest.raises(litellm.BadRequestError):
        router.completion("gonka", MESSAGES)
    assert len([seen for seen in network.journal if seen.status == 400]) == 1
    network.faults.clear()
    assert router.completion("gonka", MESSAGES).choices[0].message.content == "You said: one two three"


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cuts=st.lists(st.integers(0, 4000), max_size=12))
def test_how_a_stream_is_cut_makes_no_difference(cuts: list[int], streamed: bytes) -> None:
    whole = [chunk.model_dump() for chunk in fed([streamed])]
    ends = [0, *sorted(cut % len(streamed) for cut in cuts), len(streamed)]
    pieces = [streamed[begin:end] for begin, end in pairwise(ends)]
    assert [chunk.model_dump() for chunk in fed(pieces)] == whole
    assert whole[-1]["choices"][0]["finish_reason"] == "stop"
    assert whole[-2]["usage"]["total_tokens"] == 19, "behind the reason LiteLLM reads nothing"
    assert not [chunk for chunk in whole[:-1] for choice in chunk["choices"] if choice["finish_reason"]]


@pytest.fixture(scope="module")
def streamed(nodes: MockNetwork) -> bytes:
    """The bytes of a stream, as a node sends them."""
    node, key = nodes.nodes[0], PrivateKey((7).to_bytes(32, "big"))
    body = b'{"model":"test","messages":[{"role":"user","content":"one two three"}],"stream":true}'
    with (
        Client(f"{node.url};{node.provider_address}", private_key=key) as client,
        client.relay(body, stream=True) as answer,
    ):
        return b"".join(answer)


def fed(pieces: list[bytes]) -> list[Any]:
    reading = Streamed()
    return [*(chunk for piece in pieces for chunk in reading.feed(piece)), *reading.end()]


@pytest.mark.parametrize("data", [{"choices": [3]}, {"choices": 7}, {"usage": "x"}])
def test_what_litellm_cannot_hold_is_one_clear_error(data: Mapping[str, Any]) -> None:
    event = b"data: " + json.dumps(data).encode() + b"\n\n"
    with pytest.raises(litellm.APIError, match="use another endpoint"):
        fed([event])
