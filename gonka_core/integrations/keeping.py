"""Clients for hosts that never say when they are through: made at first use, and closed with what they belong to."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from threading import Lock

from gonka_core.async_client import AsyncClient
from gonka_core.client import Client


class Clients:
    """One `Client` for all threads, and one `AsyncClient` for all event loops.

    Both are made when they are first asked for; what making one raises is raised there, each time anew. The sync one is
    closed when nobody holds this any more, or the process ends; the connections of the other one with their loops.
    """

    def __init__(self, make: Callable[[], Client], make_async: Callable[[], AsyncClient]) -> None:
        self._make, self._make_async = make, make_async
        self._made: Client | None = None
        self._made_async: AsyncClient | None = None
        self._making = Lock()

    def client(self) -> Client:
        """The client of all threads."""
        with self._making:
            if self._made is None:
                self._made = self._make()
                weakref.finalize(self, self._made.close)
            return self._made

    def async_client(self) -> AsyncClient:
        """The client of all event loops."""
        with self._making:
            if self._made_async is None:
                self._made_async = self._make_async()
            return self._made_async

    def close(self) -> None:
        """Close the client of all threads; another one is made when it is asked for."""
        with self._making:
            made, self._made = self._made, None
        if made is not None:
            made.close()

    async def aclose(self) -> None:
        """Close the connections of the running event loop; another client is made when one is asked for."""
        with self._making:
            made, self._made_async = self._made_async, None
        if made is not None:
            await made.aclose()
