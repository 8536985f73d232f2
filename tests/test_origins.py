"""Credentials go to configured endpoints only: a client that is pointed elsewhere refuses to sign."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from gonka_core import (
    AsyncClient,
    CapacityError,
    Client,
    ConfigurationError,
    Endpoint,
    InvalidAddressError,
    InvalidEndpointError,
    MovedError,
    NodeError,
    Outcome,
    PluginError,
    PrivateKey,
    RetryPolicy,
    SelectionContext,
)
from gonka_mock_node import MockNetwork
from tests.recorder import Recorder, http

KEY = PrivateKey((81).to_bytes(32, "big"))
PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
PAYLOAD = {"model": "test", "messages": [{"role": "user", "content": "hello"}]}
WAYS = [("httpx", "sync"), ("httpx", "async"), ("httpx2", "sync"), ("httpx2", "async"), ("aiohttp", "async")]
ONCE = RetryPolicy(attempts=1, deadline=20)


@pytest.fixture
def foreign() -> Iterator[Recorder]:
    with Recorder([[http("200 OK", b'{"choices":[]}')]]) as recorder:
        yield recorder


def chat(way: tuple[str, str], endpoint: Endpoint | str, **settings: Any) -> NodeError:
    """The refusal that a call by this transport ends in."""
    transport, mode = way
    with pytest.raises(NodeError) as caught:
        chat_sync(endpoint, transport, settings) if mode == "sync" else asyncio.run(
            chat_async(endpoint, transport, settings)
        )
    return caught.value


def chat_sync(endpoint: Endpoint | str, transport: str, settings: dict[str, Any]) -> None:
    with Client(endpoint, private_key=KEY, transport=transport, retry=ONCE, **settings) as client:
        client.chat(PAYLOAD)


async def chat_async(endpoint: Endpoint | str, transport: str, settings: dict[str, Any]) -> None:
    async with AsyncClient(endpoint, private_key=KEY, transport=transport, retry=ONCE, **settings) as client:
        await client.chat(PAYLOAD)


def at(recorder: Recorder, kind: str) -> Endpoint:
    return Endpoint(recorder.url, PROVIDER) if kind == "signed" else Endpoint.broker(recorder.url, "sk-secret")


@pytest.mark.parametrize("kind", ["signed", "broker"])
@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_no_redirect_takes_a_signature_or_a_key_elsewhere(
    way: tuple[str, str], status: str, kind: str, foreign: Recorder
) -> None:
    with Recorder([[http(status, b"", f"Location: {foreign.url}/chat/completions")]]) as node:
        error = chat(way, at(node, kind))
    assert isinstance(error, MovedError)
    assert error.new_url == f"{foreign.url}/chat/completions"
    assert foreign.received == []
    assert len(node.received) == 1


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_a_gateway_that_names_a_new_url_is_told_of_and_not_followed(way: tuple[str, str], foreign: Recorder) -> None:
    told = json.dumps({"message": "gateway disabled", "new_url": foreign.url, "status": 308}).encode()
    with Recorder([[http("308 Permanent Redirect", told)]]) as node:
        error = chat(way, at(node, "broker"))
    assert isinstance(error, MovedError)
    assert error.new_url == foreign.url
    assert foreign.url in error.next_step
    assert foreign.received == []


@pytest.mark.parametrize("way", WAYS, ids="-".join)
def test_where_a_busy_node_says_that_others_are_listed_is_told_and_not_asked(
    way: tuple[str, str], foreign: Recorder
) -> None:
    words = f"Transfer Agent capacity reached. Try another TA from {foreign.url}/epochs/current/participants"
    with Recorder([[http("429 Too Many Requests", json.dumps({"error": words}).encode())]]) as node:
        error = chat(way, at(node, "signed"), scheme="raw")
    assert isinstance(error, CapacityError)
    assert error.participants_url == f"{foreign.url}/epochs/current/participants"
    assert foreign.received == []


class Elsewhere:
    """A selector that sends everything to an endpoint of its own."""

    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        return self._endpoint

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        """Learns nothing."""


@pytest.mark.parametrize("kind", ["signed", "broker"])
def test_a_selector_cannot_point_a_client_elsewhere(kind: str, foreign: Recorder) -> None:
    with Recorder([[http("200 OK", b'{"choices":[]}')]]) as node:
        choosing = Elsewhere(at(foreign, kind))
        with Client(at(node, "signed"), private_key=KEY, selector=choosing, retry=ONCE) as client:
            with pytest.raises(PluginError, match="something else than a candidate"):
                client.chat(PAYLOAD)
            with pytest.raises(PluginError), client.stream(PAYLOAD):
                pass
        assert node.received == []
    assert foreign.received == []


@pytest.fixture(scope="module")
def network() -> Iterator[MockNetwork]:
    with MockNetwork(2, profile="v0.2.13") as network:
        yield network


class TestAllowed:
    """Others than those on the list are never asked."""

    def places(self, network: MockNetwork) -> list[str]:
        return [f"{node.url};{node.provider_address}" for node in network.nodes]

    @pytest.mark.parametrize("by", ["address", "capitals", "url"])
    def test_by_address_or_url(self, network: MockNetwork, by: str) -> None:
        network.journal.clear()
        wanted = network.nodes[1]
        entry = {
            "address": wanted.provider_address,
            "capitals": wanted.provider_address.upper(),
            "url": wanted.url.removesuffix("/v1"),
        }[by]
        with Client(self.places(network), private_key=KEY, allowed=[entry]) as client:
            answers = [client.chat(PAYLOAD) for _ in range(5)]
        assert {answer.request.endpoint.provider_address for answer in answers} == {wanted.provider_address}

    @pytest.mark.parametrize("allowed", [None, [], ()], ids=["none", "list", "tuple"])
    def test_an_empty_list_allows_everyone(self, network: MockNetwork, allowed: Any) -> None:
        with Client(self.places(network), private_key=KEY, allowed=allowed, selector="round-robin") as client:
            answers = [client.chat(PAYLOAD) for _ in range(2)]
        assert len({answer.request.endpoint for answer in answers}) == 2

    def test_no_failure_of_those_on_the_list_leads_to_others(self, network: MockNetwork) -> None:
        listed, other = network.nodes
        network.faults.add("capacity", node=1, times=50)
        try:
            with Client(
                self.places(network),
                private_key=KEY,
                allowed=listed.provider_address,
                retry=RetryPolicy(attempts=2, backoff=0.01),
            ) as client:
                with pytest.raises(CapacityError) as caught:
                    client.chat(PAYLOAD)
                assert {state.url: state.failures > 0 for state in client.states} == {
                    listed.url: True,
                    other.url: False,
                }
        finally:
            network.faults.clear()
        assert {attempt.endpoint.provider_address for attempt in caught.value.attempts} == {listed.provider_address}

    def test_nobody_left(self, network: MockNetwork) -> None:
        with pytest.raises(ConfigurationError, match="is allowed; put the address"):
            Client(self.places(network), private_key=KEY, allowed=[PROVIDER])

    @pytest.mark.parametrize(
        ("entry", "kind"), [("gonka1nope", InvalidAddressError), ("ftp://x", InvalidEndpointError)]
    )
    def test_an_entry_that_is_neither(self, network: MockNetwork, entry: str, kind: type[Exception]) -> None:
        with pytest.raises(kind):
            Client(self.places(network), private_key=KEY, allowed=[entry])
