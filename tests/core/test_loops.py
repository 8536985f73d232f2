"""Connections belong to an event loop, and a client to none."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from typing import Any, Final

import pytest

from gonka_core import AsyncClient, PrivateKey, TransportOptions
from gonka_core.loops import PerLoop
from gonka_core.plugins import registry
from gonka_core.resolve import async_transport
from gonka_mock_node import MockNetwork, MockNode

KEY: Final = PrivateKey((94).to_bytes(32, "big"))
PAYLOAD: Final = {"model": "test", "messages": [{"role": "user", "content": "a b"}]}
TRANSPORTS: Final = [
    name for name, entry in sorted(registry().of_kind("transport").items()) if "async" in entry.plugin.capabilities
]


@pytest.fixture(scope="module")
def node() -> Iterator[MockNode]:
    with MockNode(explain=False) as node:
        yield node


def client(node: MockNode, **more: Any) -> AsyncClient:
    return AsyncClient(f"{node.url};{node.nodes[0].provider_address}", private_key=KEY, **more)


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_a_client_goes_on_in_another_loop_and_leaves_nothing_in_the_one_before(node: MockNode, transport: str) -> None:
    asked = client(node, transport=transport)

    async def both() -> None:
        assert (await asked.chat(PAYLOAD)).text
        assert (await asked.stream(PAYLOAD).collect()).text

    for _ in range(3):
        asyncio.run(both())
        assert node.until_idle(), "closed with its loop"


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_loops_in_threads_have_connections_of_their_own(node: MockNode, transport: str) -> None:
    asked, told, met = client(node, transport=transport), list[str](), threading.Barrier(4)

    async def several() -> None:
        met.wait(30)
        for _ in range(5):
            told.append((await asked.chat(PAYLOAD)).text)

    threads = [threading.Thread(target=asyncio.run, args=(several(),)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(told) == 20
    assert node.until_idle()


def test_closing_in_one_loop_leaves_the_others_alone(node: MockNode) -> None:
    asked = client(node)

    async def once() -> None:
        async with asked:
            assert (await asked.chat(PAYLOAD)).text
        assert await asyncio.to_thread(node.until_idle)

    asyncio.run(once())
    asyncio.run(once())


def test_a_transport_that_was_handed_in_is_not_closed(node: MockNode) -> None:
    async def twice() -> None:
        own = async_transport("aiohttp", TransportOptions())
        for _ in range(2):
            async with client(node, transport=own) as asked:
                assert (await asked.chat(PAYLOAD)).text
        assert not await asyncio.to_thread(node.until_idle, 0.05)
        await own.aclose()

    asyncio.run(twice())
    assert node.until_idle()


def test_endpoints_are_found_once_for_all_loops() -> None:
    with MockNetwork(2) as network:
        asked = AsyncClient(network=network.nodes[0].public_url, private_key=KEY)

        async def once() -> None:
            assert (await asked.chat(PAYLOAD)).text

        asyncio.run(once())
        found = asked.endpoints
        asyncio.run(once())
        assert asked.endpoints == found


def test_what_is_made_is_made_once_and_closed_once() -> None:
    made, closed = list[int](), list[int]()

    def make() -> int:
        made.append(len(made))
        return made[-1]

    async def close(number: int) -> None:
        closed.append(number)

    kept = PerLoop(make, close)

    async def look(*, aclose: bool = False) -> int:
        number = kept.here()
        assert kept.here() == number
        if aclose:
            await kept.aclose()
            await kept.aclose()
            assert closed[-1] == number
            assert kept.here() == number, "it stays closed: what is used after its end says so itself"
        return number

    assert [asyncio.run(look()), asyncio.run(look(aclose=True)), asyncio.run(look())] == [0, 1, 2]
    assert closed == [0, 1, 2]


def test_without_a_loop_there_is_none() -> None:
    with pytest.raises(RuntimeError):
        PerLoop(list).here()
