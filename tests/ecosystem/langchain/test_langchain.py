"""LangChain over signed requests: what docs/langchain.md shows, what it promises, and how often nodes are asked."""

from __future__ import annotations

import asyncio
import os
import traceback
from collections.abc import Callable, Iterator
from typing import Any

import openai
import pytest
from langchain_core.tools import StructuredTool
from langchain_openai import ChatOpenAI
from pydantic import SecretStr

from gonka_core import ConnectError, InsufficientBalanceError, PayloadError, RetryPolicy, StreamTruncatedError
from gonka_core.integrations.causes import cause_of
from gonka_core.integrations.openai import BASE_URL, async_http_client, http_client
from gonka_mock_node import MockNetwork
from tests.ecosystem.pages import Block

PAGE = "langchain.md"
CONTINUED = True
MODEL = "Qwen/Qwen3-235B-A22B-Instruct-2507-FP8"
ALWAYS = RetryPolicy(attempts=3, backoff=0.001)

pytestmark = pytest.mark.usefixtures("environment")


def test_the_page(block: Block, run_block: Callable[[Block], dict[str, Any]], network: MockNetwork) -> None:
    run_block(block)
    assert any(verdict.accepted for verdict in network.journal)


def model(**more: Any) -> ChatOpenAI:
    return ChatOpenAI(model=MODEL, base_url=BASE_URL, api_key=SecretStr("not-used"), **more)


@pytest.fixture
def llm() -> Iterator[ChatOpenAI]:
    with http_client(retry=ALWAYS, scheme="hash") as carrier:
        yield model(http_client=carrier)


@pytest.mark.parametrize("max_retries", [None, 0, 5])
@pytest.mark.parametrize(("fault", "asked"), [("unavailable", 3), ("reset", 1), ("internal-error", 1)])
def test_its_retries_do_not_multiply_ours(
    network: MockNetwork, fault: str, asked: int, max_retries: int | None
) -> None:
    network.faults.add(fault)
    with http_client(retry=ALWAYS) as carrier, pytest.raises(openai.APIError):
        model(http_client=carrier, max_retries=max_retries).invoke("hello")
    assert len(network.journal) == asked


@pytest.mark.parametrize("max_retries", [None, 5])
def test_nor_do_they_when_awaited(network: MockNetwork, max_retries: int | None) -> None:
    async def fails() -> None:
        async with async_http_client(retry=ALWAYS) as carrier:
            await model(http_async_client=carrier, max_retries=max_retries).ainvoke("hello")

    network.faults.add("unavailable")
    with pytest.raises(openai.APIError):
        asyncio.run(fails())
    assert len(network.journal) == 3


def test_another_node_answers_where_one_is_away(network: MockNetwork, llm: ChatOpenAI) -> None:
    network.faults.add("refused", node=1)
    assert [answer.content for answer in llm.batch(["a", "b", "c"])] == ["You said: a", "You said: b", "You said: c"]
    assert {verdict.node for verdict in network.journal} == {network.nodes[1].url}


def test_a_refusal_has_our_error_behind_it(network: MockNetwork, llm: ChatOpenAI) -> None:
    network.faults.add("status", code=402)
    with pytest.raises(openai.APIStatusError, match="add coins to") as caught:
        llm.invoke("hello")
    assert isinstance(cause_of(caught.value), InsufficientBalanceError)


def test_so_has_an_answer_that_never_came(network: MockNetwork, llm: ChatOpenAI) -> None:
    network.faults.add("refused")
    with pytest.raises(openai.APIConnectionError) as caught:
        llm.invoke("hello")
    ours = cause_of(caught.value)
    assert isinstance(ours, ConnectError)
    assert len(ours.attempts) == 3


def test_so_has_a_stream_that_breaks_off_after_what_came(network: MockNetwork, llm: ChatOpenAI) -> None:
    network.faults.add("no-done")
    told: list[str] = []
    with pytest.raises(openai.APIConnectionError) as caught:
        told.extend(chunk.text for chunk in llm.stream("one two"))
    assert "".join(told) == "You said: one two"
    assert isinstance(cause_of(caught.value), StreamTruncatedError)


def test_what_the_network_does_not_serve_is_not_sent_anywhere(network: MockNetwork, llm: ChatOpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="nothing was sent") as caught:
        llm.bind_tools([{"type": "web_search"}]).invoke("hello")
    assert isinstance(cause_of(caught.value), PayloadError)
    assert not list(network.journal)


def test_without_the_async_client_an_async_call_reaches_nobody(llm: ChatOpenAI, network: MockNetwork) -> None:
    with pytest.raises(openai.APIConnectionError):
        asyncio.run(model(http_client=llm.http_client, max_retries=0).ainvoke("hello"))
    assert not list(network.journal)


def test_the_results_of_tools_go_back_under_their_calls(llm: ChatOpenAI, network: MockNetwork) -> None:
    def add(first: int, second: int) -> int:
        """The sum of two numbers."""
        return first + second

    tool = StructuredTool.from_function(add)
    bound = llm.bind_tools([tool])
    question = ("user", "What is the double of 21?")
    call = bound.invoke([question])
    told = bound.invoke([question, call, tool.invoke(call.tool_calls[0])])
    assert told.content == "The tool said: 42"
    network.assert_accepted(2)


def locals_behind(error: BaseException | None) -> Iterator[str]:
    while error is not None:
        yield from (repr(frame.f_locals) for frame, _ in traceback.walk_tb(error.__traceback__))
        error = error.__cause__ or error.__context__


def test_the_key_is_in_no_repr_and_no_traceback(network: MockNetwork, llm: ChatOpenAI) -> None:
    network.faults.add("refused")
    with pytest.raises(openai.APIConnectionError) as caught:
        llm.invoke("hello")
    told = f"{llm!r} {llm.http_client!r} {caught.value!r} {' '.join(locals_behind(caught.value))}"
    assert "SignedRequest(" in told, "frames of ours are among them"
    assert os.environ["GONKA_PRIVATE_KEY"].removeprefix("0x") not in told
