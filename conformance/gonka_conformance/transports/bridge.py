"""An async transport behind the sync interface, so that every check is written once.

Its event loop turns in a thread of its own, as in an application: what the transport does between two calls goes on.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Mapping
from concurrent.futures import Future
from typing import Any, TypeVar

from gonka_core.hookspecs import AsyncTransportFactory, TransportOptions
from gonka_core.interfaces import AsyncResponse
from gonka_core.types import Request

T = TypeVar("T")


class Bridged:
    """The transport that an async factory makes, called from any thread: each call is a task of one loop."""

    def __init__(self, factory: AsyncTransportFactory, options: TransportOptions) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="event loop", daemon=True)
        self._thread.start()
        try:
            self._transport = factory(options)
        except BaseException:
            self._stop()
            raise

    def send(self, request: Request, /, *, timeout: float | None = None) -> BridgedResponse:
        return BridgedResponse(self, self.call(self._transport.send(request, timeout=timeout)))

    def sending(self, request: Request) -> Future[AsyncResponse]:
        """The same, under way: a future whose `cancel` cancels the task."""
        return asyncio.run_coroutine_threadsafe(self._transport.send(request), self._loop)

    def close(self) -> None:
        """Close the transport; the loop goes on."""
        self.call(self._transport.aclose())

    def shut(self) -> None:
        """Close the transport and end the loop."""
        try:
            self.close()
        finally:
            self._stop()

    def settle(self) -> None:
        """Give the loop time to notice what has happened to its connections."""
        for _ in range(3):
            self.call(asyncio.sleep(0))

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _stop(self) -> None:
        self.call(_cancel_others())
        self.call(self._loop.shutdown_asyncgens())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()


class BridgedResponse:
    """An answer that is read in the loop of its transport."""

    def __init__(self, bridge: Bridged, response: AsyncResponse) -> None:
        self._bridge = bridge
        self._response = response

    @property
    def status(self) -> int:
        return self._response.status

    @property
    def headers(self) -> Mapping[str, str]:
        return self._response.headers

    def __iter__(self) -> Iterator[bytes]:
        pieces = aiter(self._response)
        while True:
            try:
                piece = self._bridge.call(_next(pieces))
            except StopAsyncIteration:
                return
            yield piece

    def close(self) -> None:
        self._bridge.call(self._response.aclose())


async def _cancel_others() -> None:
    """End what the transport has left running, as `asyncio.run` does."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


async def _next(pieces: Any) -> bytes:
    piece: bytes = await anext(pieces)
    return piece
