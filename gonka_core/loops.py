"""One of something for each event loop: connections and locks belong to the loop in which they were first used."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

Kept = TypeVar("Kept")


@dataclass(slots=True)
class _Entry(Generic[Kept]):
    loop: asyncio.AbstractEventLoop
    kept: Kept
    keeper: AsyncGenerator[None, None] | None = None


class PerLoop(Generic[Kept]):
    """What `make` returns, once for each loop; `first`, where it is there already, for the first one.

    `close` is called for each when its loop ends, as `asyncio.run` and servers end theirs, or with `aclose`. May be
    shared by threads.
    """

    def __init__(
        self,
        make: Callable[[], Kept],
        close: Callable[[Kept], Awaitable[None]] | None = None,
        *,
        first: Kept | None = None,
    ) -> None:
        self._make = make
        self._close = close
        self._first = first
        self._making = Lock()
        self._entries: dict[asyncio.AbstractEventLoop, _Entry[Kept]] = {}
        self._last: _Entry[Kept] | None = None

    def here(self) -> Kept:
        """That of the loop which is running. Raises RuntimeError where none is."""
        loop = asyncio.get_running_loop()
        last = self._last
        if last is not None and last.loop is loop:
            return last.kept
        self._last = last = self._entries.get(loop) or self._made_for(loop)
        return last.kept

    async def aclose(self) -> None:
        """Close that of the loop which is running, where there is one; it stays closed."""
        entry = self._entries.get(asyncio.get_running_loop())
        if entry is not None and entry.keeper is not None:
            await entry.keeper.aclose()

    def _made_for(self, loop: asyncio.AbstractEventLoop) -> _Entry[Kept]:
        with self._making:
            for ended in [known for known in self._entries if known.is_closed()]:
                del self._entries[ended]
            made, self._first = self._first, None
            entry = _Entry(loop, self._make() if made is None else made)
            if self._close is not None:
                entry.keeper = self._keep(entry.kept, self._close)
                with suppress(StopIteration):  # what it yields: it has begun, without having waited
                    entry.keeper.asend(None).send(None)
            self._entries[loop] = entry
            return entry

    async def _keep(self, kept: Kept, close: Callable[[Kept], Awaitable[None]]) -> AsyncGenerator[None, None]:
        # A loop that ends closes the generators that were begun in it: nobody else tells us.
        try:
            yield
        finally:
            await close(kept)
