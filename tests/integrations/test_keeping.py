"""Clients that nobody closes are closed: with their event loop, with whoever held them, or when asked to."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from typing import Any, Final

import pytest

from gonka_core import AsyncClient, Client, MissingSettingError, PrivateKey
from gonka_core.integrations.keeping import Clients
from gonka_mock_node import MockNode

KEY: Final = PrivateKey((93).to_bytes(32, "big"))
PAYLOAD: Final = {"model": "test", "messages": [{"role": "user", "content": "a b"}]}


@pytest.fixture(scope="module")
def node() -> Iterator[MockNode]:
    with MockNode(explain=False) as node:
        yield node


@pytest.fixture
def clients(node: MockNode) -> Clients:
    told: dict[str, Any] = {"endpoints": f"{node.url};{node.nodes[0].provider_address}", "private_key": KEY}
    return Clients(lambda: Client(**told), lambda: AsyncClient(**told))


def test_all_threads_share_one(clients: Clients, node: MockNode) -> None:
    first = clients.client()
    assert first.chat(PAYLOAD).text
    assert clients.client() is first
    assert not node.until_idle(0.05)
    clients.close()
    assert node.until_idle()
    assert clients.client() is not first
    clients.close()


def test_it_is_closed_when_nobody_holds_it(node: MockNode) -> None:
    clients = Clients(lambda: Client(f"{node.url};{node.nodes[0].provider_address}", private_key=KEY), AsyncClient)
    assert clients.client().chat(PAYLOAD).text
    assert not node.until_idle(0.05)
    del clients
    gc.collect()
    assert node.until_idle()


def test_connections_end_with_their_event_loop(clients: Clients, node: MockNode) -> None:
    async def asked() -> None:
        assert (await clients.async_client().chat(PAYLOAD)).text

    for _ in range(3):
        asyncio.run(asked())
        assert node.until_idle(), "the loop is over, and with it the connections"


def test_it_may_be_closed_before_its_loop_ends(clients: Clients, node: MockNode) -> None:
    async def asked() -> None:
        first = clients.async_client()
        assert (await first.chat(PAYLOAD)).text
        await clients.aclose()
        await clients.aclose()
        assert clients.async_client() is not first

    asyncio.run(asked())
    assert node.until_idle()


def test_what_cannot_be_made_is_tried_again(monkeypatch: pytest.MonkeyPatch, node: MockNode) -> None:
    clients = Clients(Client, AsyncClient)
    with pytest.raises(MissingSettingError):
        clients.client()
    with pytest.raises(MissingSettingError):
        clients.async_client()
    monkeypatch.setenv("GONKA_ENDPOINTS", f"{node.url};{node.nodes[0].provider_address}")
    monkeypatch.setenv("GONKA_PRIVATE_KEY", "11" * 32)
    assert clients.client().chat(PAYLOAD).text
    clients.close()
