"""Clients whose endpoints are found: once for all who wait, again when the list is old or wrong, and never in vain."""

from __future__ import annotations

import asyncio
import pickle
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from gonka_core import AsyncClient, Client, Endpoint, PrivateKey, resolve
from gonka_core.discovery import Network
from gonka_core.discovery.directory import Directory
from gonka_core.errors import (
    ConfigurationError,
    DiscoveryError,
    InvalidEndpointError,
    MissingSettingError,
    PayloadRejectedError,
    ProviderNotAllowedError,
    TransportError,
)
from gonka_core.finding import AsyncFinder, Finder
from gonka_core.hookspecs import TransportOptions
from gonka_core.interfaces import AsyncResponse, Response
from gonka_core.types import Request
from gonka_mock_node import MockNetwork, Participant

KEY = PrivateKey.generate()
ANSWER = "You said: hello"
PAYLOAD = {"model": "test", "messages": [{"role": "user", "content": "hello"}]}
STRANGER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"


class Seconds:
    """A monotonic clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


class Counting:
    """The sync transport, and how often the participants were asked for."""

    def __init__(self) -> None:
        self._bound = resolve.transport("auto", TransportOptions())
        self.asked = 0

    def send(self, request: Request, /, *, timeout: float | None = None) -> Response:
        self.asked += "/epochs/" in request.url
        return self._bound.send(request, timeout=timeout)

    def close(self) -> None:
        self._bound.close()


class AsyncCounting:
    """`Counting`, awaited."""

    def __init__(self) -> None:
        self._bound = resolve.async_transport("auto", TransportOptions())
        self.asked = 0

    async def send(self, request: Request, /, *, timeout: float | None = None) -> AsyncResponse:
        self.asked += "/epochs/" in request.url
        return await self._bound.send(request, timeout=timeout)

    async def aclose(self) -> None:
        await self._bound.aclose()


@pytest.fixture
def network() -> Iterator[MockNetwork]:
    with MockNetwork(3) as running:
        yield running


@pytest.fixture
def carrier() -> Iterator[Counting]:
    made = Counting()
    yield made
    made.close()


def source(network: MockNetwork) -> str:
    return network.nodes[0].url.removesuffix("/v1")


def clocked(client: Client, seconds: Seconds) -> Client:
    """The client with a directory that goes by this clock."""
    assert client._setup.network is not None
    client._finder = Finder(
        Directory(client._setup.network, seconds=seconds), client._party.pool, client._learn, client._look
    )
    return client


def only(network: MockNetwork, number: int) -> None:
    """The next epoch begins, in which one node takes part and is allowed."""
    for node in network.nodes:
        network.chain.leave(node.provider_address)
    node = network.nodes[number]
    network.chain.next_epoch()
    network.chain.join(Participant(node.provider_address, node.public_url))
    network.chain.allow(node.provider_address)


def settled() -> None:
    """Wait for those who learn beside the calls."""
    for thread in threading.enumerate():
        if thread.name == "gonka-discovery":
            thread.join(10)


def test_a_source_is_enough(network: MockNetwork) -> None:
    with Client(network=source(network), private_key=KEY) as client:
        assert client.endpoints == ()
        assert client.chat(PAYLOAD).text == ANSWER
        assert {endpoint.url for endpoint in client.endpoints} == {node.url for node in network.nodes}
        assert client.discover().epoch == network.chain.epoch
    network.assert_accepted(1)


def test_the_environment_is_enough(network: MockNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONKA_SOURCE_URL", source(network))
    monkeypatch.setenv("GONKA_PRIVATE_KEY", KEY.reveal().hex())
    with Client() as client, client.stream(PAYLOAD) as stream:
        assert "".join(chunk.text for chunk in stream) == ANSWER


@pytest.mark.anyio
async def test_the_async_client_too(network: MockNetwork) -> None:
    async with AsyncClient(network=source(network), private_key=KEY) as client:
        assert (await client.chat(PAYLOAD)).text == ANSWER
        assert (await client.discover()).source == source(network)
        async with client.stream(PAYLOAD) as stream:
            assert [chunk.text async for chunk in stream]
    network.assert_accepted(2)


def test_given_endpoints_stand_beside_those_that_are_found(network: MockNetwork) -> None:
    mine = Endpoint(network.nodes[0].url, STRANGER)
    with Client(mine, network=source(network), private_key=KEY) as client:
        client.discover()
        assert client.endpoints[0] == mine
        assert len(client.endpoints) == 4


def test_many_first_calls_ask_once(network: MockNetwork, carrier: Counting) -> None:
    with (
        Client(network=source(network), private_key=KEY, transport=carrier) as client,
        ThreadPoolExecutor(8) as pool,
    ):
        answers = list(pool.map(lambda _: client.chat(PAYLOAD).text, range(16)))
    assert answers == [ANSWER] * 16
    assert carrier.asked == 1


@pytest.mark.anyio
async def test_many_first_tasks_ask_once(network: MockNetwork) -> None:
    carrier = AsyncCounting()
    async with AsyncClient(network=source(network), private_key=KEY, transport=carrier) as client:
        await asyncio.gather(*(client.chat(PAYLOAD) for _ in range(16)))
    assert carrier.asked == 1
    await carrier.aclose()


def test_where_nobody_tells_nothing_is_signed(network: MockNetwork, carrier: Counting) -> None:
    network.faults.add("unavailable", route="/v1/epochs/*")
    seconds = Seconds()
    with clocked(Client(network=source(network), private_key=KEY, transport=carrier), seconds) as client:
        with pytest.raises(DiscoveryError, match="no source tells"):
            client.chat(PAYLOAD)
        asked = carrier.asked
        with pytest.raises(DiscoveryError, match="no source tells"):
            client.chat(PAYLOAD)
        assert carrier.asked == asked, "the same trouble is not looked for again at once"
        network.faults.clear()
        seconds.now += 60
        assert client.chat(PAYLOAD).text == ANSWER
    network.assert_accepted(1)


def test_an_old_list_serves_while_another_is_learned(network: MockNetwork, carrier: Counting) -> None:
    seconds = Seconds()
    given = Network((source(network),), refresh_s=100)
    with clocked(Client(network=given, private_key=KEY, transport=carrier), seconds) as client:
        client.chat(PAYLOAD)
        network.chain.next_epoch()
        client.chat(PAYLOAD)
        assert client.discover().epoch == network.chain.epoch - 1
        seconds.now += 101
        client.chat(PAYLOAD)
        settled()
        assert client.discover().epoch == network.chain.epoch
        assert carrier.asked == 2


def test_another_epoch_is_noticed_before_the_list_is_old(network: MockNetwork, carrier: Counting) -> None:
    seconds = Seconds()
    given = Network((source(network),), refresh_s=1000)
    with clocked(Client(network=given, private_key=KEY, transport=carrier), seconds) as client:
        before = client.discover()
        asked = carrier.asked
        seconds.now += 101
        client.chat(PAYLOAD)
        settled()
        assert client.discover() is before, "it is of today"
        assert carrier.asked == asked + 1, "which epoch it is was asked, and who takes part was not"
        network.chain.next_epoch()
        client.chat(PAYLOAD)
        settled()
        assert client.discover() is before, "it is not asked with every call"
        seconds.now += 101
        client.chat(PAYLOAD)
        settled()
        assert client.discover().epoch == network.chain.epoch == before.epoch + 1


@pytest.mark.parametrize("trouble", ["unavailable", "garbage-json", "internal-error"])
def test_a_source_that_does_not_tell_the_epoch_is_no_trouble(network: MockNetwork, trouble: str) -> None:
    seconds = Seconds()
    with clocked(Client(network=source(network), private_key=KEY), seconds) as client:
        before = client.discover()
        network.faults.add(trouble, route="/v1/epochs/latest")
        seconds.now += 61
        assert client.chat(PAYLOAD).text == ANSWER
        settled()
        assert client.discover() is before


@pytest.mark.anyio
async def test_an_awaited_client_notices_another_epoch(network: MockNetwork) -> None:
    seconds = Seconds()
    async with AsyncClient(network=source(network), private_key=KEY) as client:
        assert client._setup.network is not None
        directory = Directory(client._setup.network, seconds=seconds)
        client._finder = finder = AsyncFinder(directory, client._party.pool, client._learn, client._look)
        before = await client.discover()
        network.chain.next_epoch()
        seconds.now += 61
        await client.chat(PAYLOAD)
        await asyncio.gather(*finder._tasks)
        assert (await client.discover()).epoch == before.epoch + 1


@pytest.mark.anyio
async def test_what_is_learned_beside_ends_with_the_client(network: MockNetwork) -> None:
    seconds = Seconds()
    async with AsyncClient(network=source(network), private_key=KEY) as client:
        assert client._setup.network is not None
        directory = Directory(client._setup.network, seconds=seconds)
        client._finder = finder = AsyncFinder(directory, client._party.pool, client._learn, client._look)
        await client.discover()
        network.faults.add("latency", seconds=60.0, route="/v1/epochs/*")
        seconds.now += 61
        await client.discover()
        seconds.now += 600
        await client.discover()
        tasks = tuple(finder._tasks)
        await asyncio.sleep(0)
        assert len(tasks) == 2
    assert all(task.cancelled() for task in tasks)
    assert not finder._tasks


def test_an_old_list_serves_on_where_nobody_tells(network: MockNetwork) -> None:
    seconds = Seconds()
    with clocked(Client(network=source(network), private_key=KEY), seconds) as client:
        client.chat(PAYLOAD)
        network.faults.add("unavailable", route="/v1/epochs/*")
        seconds.now += 601
        assert client.chat(PAYLOAD).text == ANSWER
        settled()
        assert client.chat(PAYLOAD).text == ANSWER


def test_a_call_goes_on_over_the_change_of_an_epoch(network: MockNetwork) -> None:
    """Everybody whom the list names may no longer be called: the call learns who may."""
    seconds = Seconds()
    with clocked(Client(network=source(network), private_key=KEY), seconds) as client:
        only(network, 1)
        client.discover()
        only(network, 2)
        seconds.now += 6
        assert client.chat(PAYLOAD).text == ANSWER
        assert [endpoint.url for endpoint in client.endpoints] == [network.nodes[2].url]


@pytest.mark.anyio
async def test_an_awaited_call_goes_on_too(network: MockNetwork) -> None:
    seconds = Seconds()
    async with AsyncClient(network=source(network), private_key=KEY) as client:
        assert client._setup.network is not None
        directory = Directory(client._setup.network, seconds=seconds)
        client._finder = AsyncFinder(directory, client._party.pool, client._learn, client._look)
        only(network, 1)
        await client.discover()
        only(network, 2)
        seconds.now += 6
        assert (await client.chat(PAYLOAD)).text == ANSWER


def test_a_call_that_finds_nobody_else_fails_as_it_failed(network: MockNetwork) -> None:
    seconds = Seconds()
    with clocked(Client(network=source(network), private_key=KEY), seconds) as client:
        only(network, 1)
        client.discover()
        network.faults.add("blocked", route="/v1/chat/*")
        network.chain.allow(STRANGER)
        seconds.now += 6
        with pytest.raises(ProviderNotAllowedError):
            client.chat(PAYLOAD)


def test_what_no_list_can_mend_is_not_sent_again(network: MockNetwork) -> None:
    """The list turns out to be old while the call is under way, and the payload is refused all the same."""
    seconds = Seconds()

    class Slow(Counting):
        def send(self, request: Request, /, *, timeout: float | None = None) -> Response:
            seconds.now += 10 * ("/chat/" in request.url)
            return super().send(request, timeout=timeout)

    carrier = Slow()
    with clocked(Client(network=source(network), private_key=KEY, transport=carrier), seconds) as client:
        client.discover()
        faults = [network.faults.add("body-refused", route="/v1/chat/*", node=number) for number in (1, 2, 3)]
        assert client._finder is not None
        client._finder._directory.told_epoch(10**6)
        with pytest.raises(PayloadRejectedError):
            client.chat(PAYLOAD)
        assert client._finder._directory.due(), "it could have been learned"
    assert sum(network.faults.strikes(fault.id) for fault in faults) == 1
    carrier.close()


def test_what_may_have_been_billed_is_not_sent_to_others(network: MockNetwork) -> None:
    seconds = Seconds()
    with clocked(Client(network=source(network), private_key=KEY), seconds) as client:
        only(network, 1)
        client.discover()
        only(network, 2)
        network.chain.allow_everyone()
        network.faults.add("reset-after", node=2)
        seconds.now += 601
        with pytest.raises(TransportError) as failed:
            client.chat(PAYLOAD)
        settled()
    assert failed.value.maybe_billed
    assert len(network.journal) == 1


def test_a_node_that_dies_is_no_trouble(network: MockNetwork) -> None:
    with Client(network=source(network), private_key=KEY) as client:
        client.chat(PAYLOAD)
        network.faults.add("refused", node=2)
        assert [client.chat(PAYLOAD).text for _ in range(12)] == [ANSWER] * 12


def test_a_client_of_given_endpoints_finds_none() -> None:
    with (
        Client(f"http://127.0.0.1:9;{STRANGER}", private_key=KEY) as client,
        pytest.raises(MissingSettingError, match="GONKA_SOURCE_URL"),
    ):
        client.discover()


@pytest.mark.parametrize(
    ("network", "kind"),
    [
        ("ftp://host", InvalidEndpointError),
        ("http://user:secret@host", InvalidEndpointError),
        (" , ", MissingSettingError),
        (Network(()), MissingSettingError),
        (Network(("http://host",), verify="valid"), ConfigurationError),  # type: ignore[arg-type]
    ],
)
def test_a_network_that_cannot_be_asked_is_refused_at_once(network: Any, kind: type[ConfigurationError]) -> None:
    with pytest.raises(kind) as caught:
        Client(network=network, private_key=KEY)
    assert "secret" not in str(caught.value)


def test_a_pickled_client_finds_again(network: MockNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONKA_PRIVATE_KEY", KEY.reveal().hex())
    with Client(network=Network((source(network),), verify="none")) as client:
        again: Any = pickle.loads(pickle.dumps(client))
    with again:
        assert again.chat(PAYLOAD).text == ANSWER
