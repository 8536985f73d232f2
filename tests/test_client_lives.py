"""A client as its owner keeps it: pickled, forked, shared, and with the end of each call told once."""

from __future__ import annotations

import asyncio
import json
import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gonka_core import (
    AddressMismatchError,
    AsyncClient,
    Client,
    Endpoint,
    MissingSettingError,
    PrivateKey,
    StreamTruncatedError,
)
from gonka_core.async_client import LARGE
from gonka_core.canonical import HashedBody
from gonka_core.events import CallFinished
from gonka_core.retry import RetryPolicy
from gonka_mock_node import MockNetwork, MockNode

SECRET = (79).to_bytes(32, "big")
KEY = PrivateKey(SECRET)
PAYLOAD = {"model": "test", "messages": [{"role": "user", "content": "hello"}]}


@pytest.fixture(scope="module")
def network() -> Iterator[MockNetwork]:
    with MockNetwork(2, profile="v0.2.13") as network:
        yield network


@pytest.fixture(autouse=True)
def well(network: MockNetwork) -> None:
    network.faults.clear()
    network.journal.clear()


def places(network: MockNetwork) -> list[str]:
    return [f"{node.url};{node.provider_address}" for node in network.nodes]


class TestPickled:
    def test_without_its_key_which_is_read_again(self, network: MockNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
        with Client(places(network), private_key=KEY, retry=RetryPolicy(attempts=2)) as client:
            frozen = pickle.dumps(client)
        assert SECRET not in frozen
        assert SECRET.hex().encode() not in frozen
        monkeypatch.delenv("GONKA_PRIVATE_KEY", raising=False)
        with pytest.raises(MissingSettingError, match="GONKA_PRIVATE_KEY"):
            pickle.loads(frozen)
        monkeypatch.setenv("GONKA_PRIVATE_KEY", (80).to_bytes(32, "big").hex())
        with pytest.raises(AddressMismatchError):
            pickle.loads(frozen)
        monkeypatch.setenv("GONKA_PRIVATE_KEY", SECRET.hex())
        with pickle.loads(frozen) as again:
            assert again.address == client.address
            assert again.endpoints == client.endpoints
            assert again.chat(PAYLOAD).text

    def test_with_its_key_where_that_was_asked_for(self, network: MockNetwork) -> None:
        with Client(places(network), private_key=KEY, pickle_secrets=True) as client:
            frozen = pickle.dumps(client)
        assert SECRET in frozen
        with pickle.loads(frozen) as again:
            assert again.chat(PAYLOAD).text

    def test_a_broker_keeps_its_key_too(self, monkeypatch: pytest.MonkeyPatch) -> None:
        broker = Endpoint.broker("https://broker.invalid", "sk-much-secret")
        with Client(broker) as client:
            frozen = pickle.dumps(client)
        assert b"sk-much-secret" not in frozen
        with pytest.raises(MissingSettingError, match="GONKA_BROKER_API_KEY"):
            pickle.loads(frozen)
        monkeypatch.setenv("GONKA_BROKER_URL", "https://broker.invalid")
        monkeypatch.setenv("GONKA_BROKER_API_KEY", "sk-much-secret")
        with pickle.loads(frozen) as again:
            assert again.endpoints == (broker,)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_forked_process_goes_on_with_connections_of_its_own(network: MockNetwork) -> None:
    with Client(places(network)[:1], private_key=KEY) as client:
        client.chat(PAYLOAD)
        child = os.fork()
        if child == 0:
            done = 1
            try:
                done = 0 if all(client.chat(PAYLOAD).text for _ in range(20)) else 2
            finally:
                os._exit(done)
        assert all(client.chat(PAYLOAD).text for _ in range(20))
        _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert len(network.journal) >= 41
    assert not [verdict for verdict in network.journal if verdict.rule == "replay"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="forks")
def test_a_process_forked_by_foreign_code_has_connections_of_its_own_too() -> None:
    """A server that is written in C and forks after loading need not tell Python of it: no hook runs."""
    program = (
        "import ctypes, os\n"
        "from gonka_core import Client, PrivateKey\n"
        "told = []\n"
        "os.register_at_fork(after_in_child=lambda: told.append(1))\n"
        "place = 'http://127.0.0.1:9;gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le'\n"
        "client = Client(place, private_key=PrivateKey(bytes(31) + b'1'))\n"
        "before = client._transport\n"
        "child = ctypes.PyDLL(None).fork()\n"
        "if child == 0:\n"
        "    client._after_fork()\n"
        "    os._exit(0 if client._transport is not before and not told else 1)\n"
        "raise SystemExit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))"
    )
    assert subprocess.run([sys.executable, "-c", program], timeout=60, check=False).returncode == 0


def test_no_endpoint_has_more_in_hand_than_its_limit_while_another_has_less(network: MockNetwork) -> None:
    network.faults.add("latency", seconds=0.2)
    with (
        Client(places(network), private_key=KEY, scheme="hash", selector="first", requests_per_endpoint=2) as client,
        ThreadPoolExecutor(4) as pool,
    ):
        assert all(pool.map(lambda _: client.chat(PAYLOAD).text, range(4)))
    asked = [verdict.node for verdict in network.journal]
    assert sorted(asked.count(node.url) for node in network.nodes) == [2, 2]


class TestTheEndOfAStream:
    @staticmethod
    def client(node: MockNode, events: list[Any]) -> Client:
        return Client(f"{node.url};{node.provider_address}", private_key=KEY, scheme="hash", on_event=events.append)

    @staticmethod
    def ends(events: list[Any]) -> list[CallFinished]:
        return [event for event in events if isinstance(event, CallFinished)]

    @pytest.fixture
    def node(self) -> Iterator[MockNode]:
        with MockNode(profile="v0.2.13") as node:
            yield node

    def test_is_told_once_with_what_was_used(self, node: MockNode) -> None:
        events: list[Any] = []
        with self.client(node, events) as client, client.stream(PAYLOAD) as stream:
            assert not self.ends(events)
            assert stream.collect().text
        (end,) = self.ends(events)
        assert end.error is None
        assert (end.completion_tokens or 0) > 0

    def test_is_told_when_it_is_dropped(self, node: MockNode) -> None:
        events: list[Any] = []
        with self.client(node, events) as client:
            with client.stream(PAYLOAD) as stream:
                next(iter(stream))
            assert client._party.pool.states()[0].in_flight == 0
        assert [end.error for end in self.ends(events)] == [None]

    def test_is_told_with_its_error_which_has_the_attempts(self, node: MockNode) -> None:
        events: list[Any] = []
        node.faults.add("cut-stream", after=2)
        with self.client(node, events) as client:
            with pytest.raises(StreamTruncatedError) as caught:
                client.stream(PAYLOAD).collect()
            (state,) = client._party.pool.states()
        node.faults.clear()
        assert [end.error for end in self.ends(events)] == ["StreamTruncatedError"]
        assert len(caught.value.attempts) == 1
        assert caught.value.maybe_billed
        assert (state.in_flight, state.failures) == (0, 1)


class TestLargePayloads:
    """A payload that takes milliseconds to hash is hashed beside the event loop, and once for all attempts."""

    def threads(self, monkeypatch: pytest.MonkeyPatch) -> list[str]:
        names: list[str] = []
        prepare = HashedBody.prepare

        def noting(hashed: HashedBody) -> None:
            names.append(threading.current_thread().name)
            prepare(hashed)

        monkeypatch.setattr(HashedBody, "prepare", noting)
        return names

    @pytest.mark.parametrize(("size", "beside"), [(LARGE - 1, False), (LARGE, True)])
    def test_beside_the_event_loop(
        self, network: MockNetwork, monkeypatch: pytest.MonkeyPatch, size: int, beside: bool
    ) -> None:
        names = self.threads(monkeypatch)
        frame = json.dumps(PAYLOAD).encode()
        body = frame[:-1] + b" " * (size - len(frame)) + b"}"

        async def ask() -> str:
            async with AsyncClient(places(network), private_key=KEY) as client:
                return (await client.chat(body)).text

        assert asyncio.run(ask())
        assert bool(names) is beside
        assert threading.current_thread().name not in names
