"""Repeats, counted at the nodes: ours and the SDK's do not multiply, and what may have been billed is sent once."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from gonka_core.retry import ONCE
from gonka_mock_node import MockNetwork
from tests.ecosystem.openai.asking import ask, both, chat, plain, refused, until_it_breaks


def arrived(network: MockNetwork) -> int:
    return len(network.journal)


@both
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(("retries", "requests"), [(None, 3), (0, 1), (1, 2), (5, 6)])
def test_max_retries_is_how_many_requests_there_may_be_more(
    mode: str, core: dict[str, Any], network: MockNetwork, stream: bool, retries: int | None, requests: int
) -> None:
    network.faults.add("overloaded")
    options = {} if retries is None else {"max_retries": retries}
    error = refused(mode, {"core": core}, options, stream=stream)
    assert isinstance(error, openai.RateLimitError)
    assert arrived(network) == requests


@both
def test_max_retries_of_the_constructor(mode: str, core: dict[str, Any], network: MockNetwork) -> None:
    network.faults.add("overloaded")
    refused(mode, {"core": core, "max_retries": 1})
    assert arrived(network) == 2


@both
def test_a_header_says_it_for_one_request(mode: str, core: dict[str, Any], network: MockNetwork) -> None:
    network.faults.add("overloaded")
    refused(mode, {"core": core}, extra_headers={"x-gonka-attempts": "1"})
    assert arrived(network) == 1


@both
def test_a_repeat_goes_to_another_node_with_another_signature(
    mode: str, core: dict[str, Any], network: MockNetwork
) -> None:
    network.faults.add("overloaded", times=1)
    chat(mode, {"core": core})
    first, second = network.journal
    assert (first.node, second.node) == tuple(
        node.provider_address for node in network.nodes
    ) or first.node != second.node
    assert first.authorization != second.authorization
    assert second.accepted


@both
@pytest.mark.parametrize("fault", ["internal-error", "bad-gateway", "reset-after", "reset", "executor-unreachable"])
def test_what_may_have_been_billed_is_sent_once(
    mode: str, core: dict[str, Any], network: MockNetwork, fault: str
) -> None:
    network.faults.add(fault)
    error = refused(mode, {"core": core}, {"max_retries": 5})
    assert error.__cause__ is not None
    assert getattr(error.__cause__, "maybe_billed", False)
    assert arrived(network) == 1


@both
def test_a_node_that_is_silent_is_not_asked_again(mode: str, core: dict[str, Any], network: MockNetwork) -> None:
    network.faults.add("latency", seconds=60.0)
    assert isinstance(refused(mode, {"core": core, "timeout": 0.3}), openai.APITimeoutError)
    assert arrived(network) == 1


@both
def test_a_stream_that_broke_is_not_asked_for_again(mode: str, core: dict[str, Any], network: MockNetwork) -> None:
    network.faults.add("cut-stream", after=2)
    until_it_breaks(mode, {"core": core})
    assert arrived(network) == 1


@both
@pytest.mark.parametrize("stream", [False, True])
def test_another_node_answers_where_the_first_is_away(
    mode: str, core: dict[str, Any], network: MockNetwork, stream: bool
) -> None:
    network.faults.add("refused", node=1)
    assert chat(mode, {"core": core, "max_retries": 1}, stream=stream)
    assert arrived(network) == 1


@both
@pytest.mark.parametrize(("policy", "requests"), [({}, 4), ({"retry": ONCE}, 1)])
def test_with_a_plain_client_of_the_sdk_the_policy_of_the_client_holds(
    mode: str, core: dict[str, Any], network: MockNetwork, policy: dict[str, Any], requests: int
) -> None:
    network.faults.add("overloaded")
    with pytest.raises(openai.RateLimitError):
        plain(mode, {**core, **policy}, max_retries=2)
    assert arrived(network) == requests


@both
def test_lists_of_models_are_not_asked_for_again_by_the_sdk(
    mode: str, core: dict[str, Any], network: MockNetwork
) -> None:
    fault = network.faults.add("internal-error", route="/v1/models")
    with pytest.raises(openai.APIConnectionError):
        ask(mode, {"core": core}, "models.list", {})
    assert network.faults.strikes(fault.id) == len(network.nodes)
