"""Clients for hosts that never say when they are through: made at first use, and closed with what they belong to."""

from __future__ import annotations

import asyncio
import weakref
from collections.abc import AsyncGenerator, Callable
from threading import Lock

from gonka_core.async_client import AsyncClient
from gonka_core.client import Client


class Clients:
    """One `Client` for all threads, and an `AsyncClient` for each event loop.

    Both are made when they are first asked for; what making one raises is raised there, each time anew. The client of
    all threads is closed when nobody holds this any more, or the process ends; the client of an event loop when the
    loop ends, as `asyncio.run` and servers end it.
    """

    def __init__(self, make: Callable[[], Client], make_async: Callable[[], AsyncClient]) -> None:
        self._make, self._make_async = make, make_async
        self._made: Client | None = None
        self._kept: dict[asyncio.AbstractEventLoop, AsyncGenerator[AsyncClient, None]] = {}
        self._of_loops: dict[asyncio.AbstractEventLoop, AsyncClient] = {}
        self._making = Lock()

    def client(self) -> Client:
        """The client of all threads."""
        with self._making:
            if self._made is None:
                self._made = self._make()
                weakref.finalize(self, self._made.close)
            return self._made

    async def async_client(self) -> AsyncClient:
        """The client of the running event loop."""
        loop = asyncio.get_running_loop()
        if loop not in self._of_loops:
            self._of_loops[loop] = self._make_async()
            self._kept[loop] = self._keep(loop)
            await anext(self._kept[loop])
        return self._of_loops[loop]

    async def _keep(self, loop: asyncio.AbstractEventLoop) -> AsyncGenerator[AsyncClient, None]:
        # A loop that ends closes the generators that were begun in it: nobody else tells us.
        client = self._of_loops[loop]
        try:
            yield client
        finally:
            del self._of_loops[loop], self._kept[loop]
            await client.aclose()

    def close(self) -> None:
        """Close the client of all threads; another one is made when it is asked for."""
        with self._making:
            made, self._made = self._made, None
        if made is not None:
            made.close()

    async def aclose(self) -> None:
        """Close the client of the running event loop; another one is made when it is asked for."""
        kept = self._kept.get(asyncio.get_running_loop())
        if kept is not None:
            await kept.aclose()
