"""How a proxy stops: nobody new, those in hand to their end, and after the grace not even those."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from gonka_core.proxy import Proxy
from gonka_mock_node import MockNetwork
from tests.proxy.serving import CHAT, asked, body, proxied, until, wire

pytestmark = pytest.mark.asyncio


class Held:
    """An answer that waits until it is let go."""

    def __init__(self) -> None:
        self.go = False

    async def __call__(self, _payload: object) -> str:
        while not self.go:
            await asyncio.sleep(0.002)
        return "at last"


@contextmanager
def holding() -> Iterator[tuple[MockNetwork, Held]]:
    held = Held()
    with MockNetwork(1, profile="v0.2.13", answer=held, explain=False) as network:
        yield network, held
        held.go = True


async def refused_at(proxy: Proxy) -> bool:
    try:
        async with wire(proxy) as connection:
            connection.ask("GET", "/health")
            return await connection.ended()
    except ConnectionError:
        return True


@pytest.mark.parametrize("stream", [False, True])
async def test_what_is_in_hand_ends_well_and_nobody_new_comes_in(stream: bool) -> None:
    with holding() as (network, held):
        async with proxied(network) as proxy, wire(proxy) as busy, wire(proxy) as idle:
            idle.ask("GET", "/health")
            assert (await idle.answer()).status == 200
            busy.ask("POST", CHAT, body(stream=stream))
            await until(lambda: proxy.in_hand == 1, "the request is in hand")
            stopping = asyncio.create_task(proxy.stop(grace_s=600))
            assert await idle.ended(), "a connection without a request is closed at once"
            assert await refused_at(proxy)
            assert not stopping.done()
            held.go = True
            answer = await busy.answer()
            assert answer.status == 200
            assert b" last" in answer.body
            assert await busy.ended()
            assert await stopping == 0


async def test_after_the_grace_a_whole_answer_is_an_error() -> None:
    with holding() as (network, _):
        async with proxied(network) as proxy, wire(proxy) as busy:
            busy.ask("POST", CHAT, body())
            await until(lambda: network.open_connections == 1, "the node is asked")
            assert await proxy.stop(grace_s=0.01) == 1
            answer = await busy.answer()
            assert (answer.status, answer.error["code"]) == (503, "proxy_stopping")
            assert await busy.ended()


async def test_after_the_grace_a_stream_ends_in_an_event(network: MockNetwork) -> None:
    network.faults.add("stall", seconds=600.0)
    async with proxied(network) as proxy, wire(proxy) as busy:
        busy.ask("POST", CHAT, body(stream=True))
        await busy.head()
        assert await proxy.stop(grace_s=0.01) == 1
        pieces = []
        while piece := await busy.chunk():
            pieces.append(piece)
        *_, last = b"".join(pieces).split(b"\n\n")[:-1]
        assert json.loads(last.removeprefix(b"data: "))["error"]["code"] == "proxy_stopping"
        assert await busy.ended()


async def test_hurry_ends_the_grace() -> None:
    with holding() as (network, _):
        async with proxied(network) as proxy, wire(proxy) as busy:
            busy.ask("POST", CHAT, body())
            await until(lambda: network.open_connections == 1, "the node is asked")
            stopping = asyncio.create_task(proxy.stop(grace_s=600))
            await asyncio.sleep(0)
            assert await refused_at(proxy)
            assert not stopping.done()
            proxy.hurry()
            assert await stopping == 1
            assert (await busy.answer()).status == 503


async def test_a_request_on_a_connection_that_is_still_open_is_refused() -> None:
    """It came together with the one that is in hand."""
    with holding() as (network, held):
        async with proxied(network) as proxy, wire(proxy) as busy:
            busy.ask("POST", CHAT, body())
            busy.ask("POST", CHAT, body())
            await until(lambda: proxy.in_hand == 1, "the first one is in hand")
            stopping = asyncio.create_task(proxy.stop(grace_s=600))
            await until(lambda: not stopping.done() and proxy.in_hand == 1, "it waits")
            held.go = True
            assert (await busy.answer()).status == 200
            assert await stopping == 0
            assert len(list(network.journal)) == 1


async def test_stopping_twice_is_stopping_once(network: MockNetwork) -> None:
    async with proxied(network) as proxy:
        assert (await asked(proxy, "POST", CHAT, body())).status == 200
        assert await proxy.stop() == 0
        assert await proxy.stop() == 0
