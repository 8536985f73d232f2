"""`AsyncClient`: `Client`, awaited. Large payloads are hashed beside the event loop."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from . import hedging, resolve
from .canonical import HashedBody
from .chunks import Completion
from .driving import AsyncOpen, run_async
from .endpoints import Endpoint
from .exchange import Accepted, Call, exchange
from .interfaces import AsyncResponse, AsyncTransport
from .loops import PerLoop
from .making import Made, model_of, no_network
from .request import Payload, encode
from .setup import Setup
from .steps import Result, Steps
from .streams import AsyncStream, Opened

if TYPE_CHECKING:
    from .accounts import Account
    from .discovery.records import Discovered
    from .finding import AsyncFinder
    from .models import Model
    from .relaying import AsyncRelayed

LARGE: Final = 1024 * 1024
"""Bytes of a payload from which on it is hashed beside the event loop: a millisecond and more."""


class AsyncClient(Made):
    """`Client`, awaited. May be shared by tasks, also of several event loops: each has connections of its own.

    They are closed by `aclose` in that loop, by leaving the block, or when the loop ends.
    """

    def _begin(self, setup: Setup, transport: str | AsyncTransport) -> None:
        self._setup = setup
        self._transport_choice = transport
        self._party = setup.party()
        make = partial(resolve.async_transport, transport, setup.options)
        own = isinstance(transport, str)
        self._transports = PerLoop(make, _close if own else None, first=make())
        self._process = os.getpid()
        self._finder: AsyncFinder | None = None
        if setup.network is not None:
            from .discovery.directory import Directory
            from .finding import AsyncFinder

            self._finder = AsyncFinder(Directory(setup.network), self._party.pool, self._learn, self._look)

    async def chat(
        self, payload: Payload, *, affinity: str | None = None, hedge_after: float | None = None
    ) -> Completion:
        """`Client.chat`, awaited."""
        call = Call(HashedBody(encode(payload, stream=False)), model_of(payload), affinity=affinity)
        if hedge_after is None:  # the whole of `_whole`, without a coroutine of its own
            accepted, _ = await self._drive(call, [])
            assert accepted.completion is not None
            return accepted.completion
        return await hedging.race_async(partial(self._whole, call), hedge_after)

    async def _whole(self, call: Call, tried: list[Endpoint]) -> Completion:
        accepted, _ = await self._drive(call, tried)
        assert accepted.completion is not None
        return accepted.completion

    def stream(self, payload: Payload, *, affinity: str | None = None) -> AsyncStream:
        """`Client.stream`, for `async with` and `async for`."""
        call = Call(HashedBody(encode(payload, stream=True)), model_of(payload), stream=True, affinity=affinity)

        async def send() -> Opened[AsyncResponse]:
            accepted, carried = await self._drive(call, [])
            assert carried is not None
            return Opened(accepted, *carried)

        return AsyncStream(send, self._party)

    async def relay(
        self,
        body: bytes,
        *,
        model: str | None = None,
        stream: bool = False,
        affinity: str | None = None,
        patience: float | None = None,
        attempts: int | None = None,
    ) -> AsyncRelayed:
        """`Client.relay`, awaited."""
        from .relaying import AsyncRelayed

        call = Call(HashedBody(body), model, stream, affinity, patience, attempts)
        accepted, carried = await self._drive(call, [])
        if carried is None:
            return AsyncRelayed(accepted, None)
        opened = Opened(accepted, *carried)
        return AsyncRelayed(accepted, AsyncStream(opened, self._party))

    def _drive(self, call: Call, tried: list[Endpoint]) -> Awaitable[tuple[Accepted, AsyncOpen]]:
        self._after_fork()
        if self._finder is None and len(call.body) < LARGE:
            return self._run(exchange(self._party, call, tried))
        return self._drive_prepared(call, tried)

    async def _drive_prepared(self, call: Call, tried: list[Endpoint]) -> tuple[Accepted, AsyncOpen]:
        if len(call.body) >= LARGE and self._party.signer is not None:
            await asyncio.to_thread(call.hashed.prepare)
        if self._finder is not None:
            return await self._finder.call(lambda tried: self._run(exchange(self._party, call, tried)), tried)
        return await self._run(exchange(self._party, call, tried))

    async def discover(self) -> Discovered:
        """`Client.discover`, awaited."""
        self._after_fork()
        if self._finder is None:
            raise no_network()
        return await self._finder.ready()

    async def account(self, address: str | None = None) -> Account:
        """`Client.account`, awaited."""
        from .accounts import account_flow

        places = await self._places()
        party = self._party
        return (await self._run(account_flow(places, address or party.address, seconds=party.seconds)))[0]

    async def models(self) -> tuple[Model, ...]:
        """`Client.models`, awaited."""
        from .models import models_flow

        return (await self._run(models_flow(await self._places(), seconds=self._party.seconds)))[0]

    async def _places(self) -> tuple[Endpoint, ...]:
        self._after_fork()
        if self._finder is not None:
            await self._finder.ready()
        return self.endpoints

    async def _learn(self) -> Discovered:
        from .discovery.learning import learn

        assert self._setup.network is not None
        return (await self._run(learn(self._setup.network, self._party.seconds, time.time)))[0]

    async def _look(self, source: str) -> int | None:
        from .discovery.epochs import latest_epoch

        return (await self._run(latest_epoch(source, self._party.seconds)))[0]

    def _run(self, flow: Steps[Result]) -> Awaitable[tuple[Result, AsyncOpen]]:
        return run_async(flow, self._transports.here(), self._party.limits, self._party.seconds)

    def _after_fork(self) -> None:
        """A forked process shares neither connections nor counts with the one that it came from."""
        if self._process != os.getpid():
            self._begin(self._setup, self._transport_choice)

    async def aclose(self) -> None:
        """Close the connections of this event loop; a transport that was handed in as an object stays open."""
        if self._finder is not None:
            await self._finder.aclose()
        await self._transports.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


async def _close(transport: AsyncTransport) -> None:
    await transport.aclose()
