"""The SDK's timeouts are how long a node may be silent. The node here is silent for ten minutes."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from gonka_core import TransportTimeout
from gonka_core.integrations.openai import GonkaOpenAI
from gonka_core.integrations.openai.generation import http
from gonka_mock_node import MockNetwork
from tests.ecosystem.openai.asking import both, chat, refused

SHORT = 0.3
LONG = 600.0


@pytest.fixture(autouse=True)
def silence(network: MockNetwork) -> None:
    network.faults.add("latency", seconds=LONG)


KINDS = pytest.mark.parametrize(
    "timeout",
    [SHORT, http.Timeout(SHORT), http.Timeout(LONG, read=SHORT)],
    ids=["seconds", "Timeout", "read"],
)


@both
@KINDS
def test_of_the_constructor(mode: str, core: dict[str, Any], timeout: Any) -> None:
    error = refused(mode, {"core": core, "timeout": timeout})
    assert type(error) is openai.APITimeoutError
    assert type(error.__cause__) is TransportTimeout
    assert error.__cause__.maybe_billed


@both
@KINDS
def test_of_with_options(mode: str, core: dict[str, Any], timeout: Any) -> None:
    assert type(refused(mode, {"core": core, "timeout": LONG}, {"timeout": timeout})) is openai.APITimeoutError


@both
@KINDS
@pytest.mark.parametrize("stream", [False, True])
def test_of_one_request(mode: str, core: dict[str, Any], timeout: Any, stream: bool) -> None:
    error = refused(mode, {"core": core, "timeout": LONG}, timeout=timeout, stream=stream)
    assert type(error) is openai.APITimeoutError


@both
def test_of_clients_that_are_made_by_name(mode: str, settings: dict[str, Any]) -> None:
    assert type(refused(mode, {**settings, "timeout": SHORT})) is openai.APITimeoutError


@both
def test_a_longer_one_lets_the_answer_come(mode: str, core: dict[str, Any], network: MockNetwork) -> None:
    network.faults.clear()
    network.faults.add("latency", seconds=0.05)
    assert chat(mode, {"core": core, "timeout": SHORT * 20}).choices


@pytest.mark.parametrize(
    ("timeout", "connect"),
    [(None, None), (7.5, 7.5), (http.Timeout(60.0, connect=2.0), 2.0), (http.Timeout(None), None)],
)
def test_the_time_for_a_connection_is_that_of_the_constructor(
    settings: dict[str, Any], timeout: Any, connect: float | None
) -> None:
    with GonkaOpenAI(**settings, timeout=timeout) as client:
        options = client.gonka_client._setup.options
    assert (options.connect_timeout, options.first_byte_timeout, options.read_timeout) == (connect, None, None)


def test_without_one_it_is_that_of_the_sdk(settings: dict[str, Any]) -> None:
    with GonkaOpenAI(**settings) as client:
        assert client.gonka_client._setup.options.connect_timeout == openai.DEFAULT_TIMEOUT.connect
        assert client.timeout == openai.DEFAULT_TIMEOUT
