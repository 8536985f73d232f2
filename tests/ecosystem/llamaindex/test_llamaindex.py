"""LlamaIndex over signed requests: what docs/llamaindex.md shows, what it promises, and how often nodes are asked."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
from llama_index.core.agent.workflow import FunctionAgent
from llama_index.core.llms import ChatMessage
from llama_index.llms.openai_like import OpenAILike
from pydantic import BaseModel

from gonka_core import ConnectError, InsufficientBalanceError, PayloadError, RetryPolicy, StreamTruncatedError
from gonka_core.integrations.causes import cause_of
from gonka_core.integrations.openai import BASE_URL, async_http_client, http_client
from gonka_mock_node import MockNetwork
from tests.ecosystem.pages import Block

PAGE = "llamaindex.md"
CONTINUED = True
MODEL = "Qwen/Qwen3-235B-A22B-Instruct-2507-FP8"
ALWAYS = RetryPolicy(attempts=3, backoff=0.001)

pytestmark = [
    pytest.mark.usefixtures("environment"),
    # Its agents look at every attribute of a pydantic model, the deprecated ones included.
    pytest.mark.filterwarnings("ignore:The .* attribute is deprecated:pydantic.warnings.PydanticDeprecatedSince20"),
    pytest.mark.filterwarnings("ignore:Accessing the .* attribute on the instance is deprecated"),
]


def test_the_page(block: Block, run_block: Callable[[Block], dict[str, Any]], network: MockNetwork) -> None:
    run_block(block)
    assert any(verdict.accepted for verdict in network.journal)


def model(**more: Any) -> OpenAILike:
    given = {"is_chat_model": True, "is_function_calling_model": True, "max_retries": 0, **more}
    return OpenAILike(model=MODEL, api_base=BASE_URL, api_key="not-used", **given)


@pytest.fixture
def llm() -> Iterator[OpenAILike]:
    with http_client(retry=ALWAYS, scheme="hash") as carrier:
        yield model(http_client=carrier)


@pytest.mark.parametrize(("fault", "asked"), [("unavailable", 3), ("reset", 1), ("internal-error", 1)])
def test_with_no_retries_of_its_own_the_clients_count(
    network: MockNetwork, llm: OpenAILike, fault: str, asked: int
) -> None:
    network.faults.add(fault)
    with pytest.raises(openai.APIError):
        llm.complete("hello")
    assert len(network.journal) == asked


def test_its_own_retries_multiply_them_as_the_page_says(network: MockNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _seconds: None)
    network.faults.add("unavailable")
    with http_client(retry=ALWAYS) as carrier, pytest.raises(openai.APIError):
        model(http_client=carrier, max_retries=2).complete("hello")
    assert len(network.journal) == 2 * 3, "of the SDK's own retries, which LlamaIndex sets as well, nothing is added"


def test_another_node_answers_where_one_is_away(network: MockNetwork, llm: OpenAILike) -> None:
    network.faults.add("refused", node=1)
    assert [llm.complete(word).text for word in "abc"] == ["You said: a", "You said: b", "You said: c"]
    assert {verdict.node for verdict in network.journal} == {network.nodes[1].url}


def test_a_refusal_has_our_error_behind_it(network: MockNetwork, llm: OpenAILike) -> None:
    network.faults.add("status", code=402)
    with pytest.raises(openai.APIStatusError, match="add coins to") as caught:
        llm.complete("hello")
    assert isinstance(cause_of(caught.value), InsufficientBalanceError)


def test_so_has_an_answer_that_never_came(network: MockNetwork, llm: OpenAILike) -> None:
    network.faults.add("refused")
    with pytest.raises(openai.APIConnectionError) as caught:
        llm.complete("hello")
    ours = cause_of(caught.value)
    assert isinstance(ours, ConnectError)
    assert len(ours.attempts) == 3


def test_so_has_a_stream_that_breaks_off_after_what_came(network: MockNetwork, llm: OpenAILike) -> None:
    network.faults.add("no-done")
    told: list[str] = []
    with pytest.raises(openai.APIConnectionError) as caught:
        told.extend(piece.delta or "" for piece in llm.stream_chat([ChatMessage("one two")]))
    assert "".join(told) == "You said: one two"
    assert isinstance(cause_of(caught.value), StreamTruncatedError)


def test_the_route_that_the_network_does_not_have_is_not_called(network: MockNetwork, llm: OpenAILike) -> None:
    with pytest.raises(openai.NotFoundError, match="nothing was sent") as caught:
        model(http_client=llm._http_client, is_chat_model=False).complete("hello")
    assert isinstance(cause_of(caught.value), PayloadError)
    assert not list(network.journal)


def test_without_the_async_client_an_async_call_reaches_nobody(network: MockNetwork, llm: OpenAILike) -> None:
    with pytest.raises(openai.APIConnectionError):
        asyncio.run(llm.acomplete("hello"))
    assert not list(network.journal)


class City(BaseModel):
    name: str
    inhabitants: int


@pytest.mark.parametrize("by_schema", [False, True])
def test_structured_output_by_a_tool_and_by_a_schema(network: MockNetwork, by_schema: bool) -> None:
    with http_client(scheme="hash") as carrier:
        llm = model(http_client=carrier, should_use_structured_outputs=by_schema)
        answer = llm.as_structured_llm(City).complete("600000 people live in Lisbon")
    assert answer.raw == City(name="Lisbon", inhabitants=600000)
    network.assert_accepted(1)
    (verdict,) = network.journal
    kept = network.journal.kept(verdict.number)
    assert kept is not None
    assert (b'"response_format"' in kept.body) == by_schema


def test_an_agent_that_is_streamed(network: MockNetwork) -> None:
    def weather(city: str) -> str:
        """The weather in a city."""
        return f"it is sunny in {city}"

    async def asked() -> str:
        async with async_http_client(scheme="hash") as carrier:
            handler = FunctionAgent(tools=[weather], llm=model(async_http_client=carrier)).run("Weather in Lisbon?")
            deltas = [getattr(event, "delta", "") async for event in handler.stream_events()]
            await handler
            return "".join(deltas)

    assert asyncio.run(asked()) == "The tool said: it is sunny in Lisbon"
    network.assert_accepted(2)
