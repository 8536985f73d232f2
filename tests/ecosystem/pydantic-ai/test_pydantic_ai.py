"""Pydantic AI over signed requests: what docs/pydantic-ai.md shows, what it promises, and how often nodes are asked."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from pydantic import BaseModel
from pydantic_ai import Agent, ModelAPIError, ModelHTTPError
from pydantic_ai.models.openai import OpenAIChatModel, OpenAIResponsesModel
from pydantic_ai.providers.openai import OpenAIProvider

from gonka_core import (
    AsyncClient,
    ConnectError,
    InsufficientBalanceError,
    PayloadError,
    RetryPolicy,
    StreamTruncatedError,
)
from gonka_core.integrations.causes import cause_of
from gonka_core.integrations.openai import AsyncGonkaOpenAI
from gonka_mock_node import MockNetwork
from tests.ecosystem.pages import Block

PAGE = "pydantic-ai.md"
CONTINUED = True
MODEL = "Qwen/Qwen3-235B-A22B-Instruct-2507-FP8"

pytestmark = pytest.mark.usefixtures("environment")


def test_the_page(
    block: Block, run_block: Callable[[Block], dict[str, Any]], network: MockNetwork, tmp_path: Path
) -> None:
    if "run_sync" in block.text:
        block.run_apart(tmp_path)  # its event loop, and what is open in it, ends with the process
    else:
        run_block(block)
    assert "run" not in block.text or len(network.journal)


@pytest_asyncio.fixture
async def provider(environment: None) -> AsyncIterator[OpenAIProvider]:
    async with (
        AsyncClient(scheme="hash", retry=RetryPolicy(backoff=0.001)) as client,
        AsyncGonkaOpenAI(client=client, max_retries=2) as gonka,
    ):
        yield OpenAIProvider(openai_client=gonka)


@pytest.fixture
def agent(provider: OpenAIProvider) -> Agent:
    return Agent(OpenAIChatModel(MODEL, provider=provider))


@pytest.mark.asyncio
@pytest.mark.parametrize(("fault", "asked"), [("unavailable", 3), ("reset", 1), ("internal-error", 1)])
async def test_nothing_is_repeated_on_top_of_the_client(
    network: MockNetwork, agent: Agent, fault: str, asked: int
) -> None:
    network.faults.add(fault)
    with pytest.raises(ModelAPIError):
        await agent.run("hello")
    assert len(network.journal) == asked


@pytest.mark.asyncio
async def test_another_node_answers_where_one_is_away(network: MockNetwork, agent: Agent) -> None:
    network.faults.add("refused", node=1)
    assert (await agent.run("hello")).output == "You said: hello"
    assert {verdict.node for verdict in network.journal} == {network.nodes[1].url}


@pytest.mark.asyncio
async def test_a_refusal_has_our_error_behind_it(network: MockNetwork, agent: Agent) -> None:
    network.faults.add("status", code=402)
    with pytest.raises(ModelHTTPError, match="add coins to") as caught:
        await agent.run("hello")
    assert caught.value.status_code == 402
    assert isinstance(cause_of(caught.value), InsufficientBalanceError)


@pytest.mark.asyncio
async def test_so_has_an_answer_that_never_came(network: MockNetwork, agent: Agent) -> None:
    network.faults.add("refused")
    with pytest.raises(ModelAPIError) as caught:
        await agent.run("hello")
    ours = cause_of(caught.value)
    assert isinstance(ours, ConnectError)
    assert len(ours.attempts) == 3


@pytest.mark.asyncio
async def test_so_has_a_stream_that_breaks_off_after_what_came(network: MockNetwork, agent: Agent) -> None:
    network.faults.add("no-done")
    told: list[str] = []

    async def read() -> None:
        async with agent.run_stream("one two") as stream:
            async for text in stream.stream_text(delta=True, debounce_by=None):
                told.append(text)  # noqa: PERF401 - what came before the error is wanted, too

    with pytest.raises(ModelAPIError) as caught:
        await read()
    assert "".join(told) == "You said: one two"
    assert isinstance(cause_of(caught.value), StreamTruncatedError)


@pytest.mark.asyncio
async def test_the_responses_api_is_refused_and_nothing_is_sent(network: MockNetwork, provider: OpenAIProvider) -> None:
    with pytest.raises(ModelHTTPError, match="nothing was sent") as caught:
        await Agent(OpenAIResponsesModel(MODEL, provider=provider)).run("hello")
    assert isinstance(cause_of(caught.value), PayloadError)
    assert not list(network.journal)


class City(BaseModel):
    name: str
    inhabitants: int


@pytest.mark.asyncio
async def test_a_tool_and_then_an_answer_of_a_type(network: MockNetwork, provider: OpenAIProvider) -> None:
    def census(year: int) -> int:
        """How many people lived in the city in a year."""
        return year * 300

    agent = Agent(OpenAIChatModel(MODEL, provider=provider), output_type=City, tools=[census])
    result = await agent.run("How many people lived in 2000 in Lisbon?")
    assert result.output == City(name="Lisbon", inhabitants=2000)
    assert result.usage.requests == 2
    assert result.usage.tool_calls == 1
    network.assert_accepted(2)


@pytest.mark.asyncio
async def test_the_tokens_are_those_the_node_counted(network: MockNetwork, agent: Agent) -> None:
    usage = (await agent.run("one two")).usage
    assert (usage.requests, usage.output_tokens) == (1, 4)
    assert usage.input_tokens > 0
