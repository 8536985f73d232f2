"""A client whose endpoints are found: before its first call, and again when what was found is old or of no use.

The first call waits for it, and so does one that failed because the list is out of date: it is tried once more where
another list has somebody whom it has not asked. Otherwise the list is learned anew beside the calls, by one thread or
task at a time, and the one before serves meanwhile.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable
from typing import Any, Final, TypeAlias

from .discovery.directory import Directory
from .discovery.records import Discovered
from .driving import AsyncOpen, Open
from .endpoints import Endpoint
from .errors import Attempt, CallError, ConnectError, DiscoveryError, ProviderNotAllowedError, RetiredError
from .events import LOGGER
from .exchange import Accepted
from .loops import PerLoop
from .pool import Pool

_OUT_OF_DATE: Final = (ProviderNotAllowedError, RetiredError, ConnectError)
"""Errors of an endpoint that should not be on the list, or no longer."""

Called: TypeAlias = tuple[Accepted, Open]
AsyncCalled: TypeAlias = tuple[Accepted, AsyncOpen]


class _Base:
    def __init__(self, directory: Directory, pool: Pool) -> None:
        self._directory = directory
        self._pool = pool
        self._given: Final[tuple[Endpoint, ...]] = pool.endpoints
        self._adopted: Discovered | None = None

    @property
    def latest(self) -> Discovered | None:
        """What was found last; None before anything was."""
        return self._directory.latest

    def _at_hand(self) -> Discovered | None:
        """The list, and the pool as it says; None where there is none yet."""
        found = self._directory.latest
        if found is not None and found is not self._adopted:
            self._adopt(found)
        return found

    def _adopt(self, found: Discovered) -> Discovered:
        self._pool.replace((*self._given, *found.endpoints))
        self._adopted = found
        return found

    def _hear(self, attempts: Iterable[Attempt]) -> None:
        for attempt in attempts:
            self._directory.noticed(attempt.endpoint, attempt.error)

    def _failed(self, error: BaseException) -> Discovered:
        """The list to go on with. Raises the error where there is none, and always one that is no failure to learn."""
        found = self._directory.failed(error)
        if not isinstance(error, Exception):
            raise error
        LOGGER.warning("who takes part could not be learned anew, the list before goes on serving: %s", _told(error))
        return self._adopt(found)

    def _nothing(self) -> BaseException:
        """Why there is no list, where it was not learned just now."""
        return self._directory.trouble or DiscoveryError(
            "who takes part is not known yet", "try again in a few seconds: it is being learned"
        )

    def _is_of_the_list(self, error: CallError) -> bool:
        """Whether another list may help, and is to be learned now: nothing else in the request would be different."""
        return isinstance(error, _OUT_OF_DATE) and not error.maybe_billed and self._directory.due()

    def _has_others(self, found: Discovered, tried: list[Endpoint]) -> bool:
        return any(endpoint not in tried for endpoint in found.endpoints)


class Finder(_Base):
    """For the sync client. May be shared by threads.

    `learn` asks the network who takes part, `look` asks a source which epoch is under way (None where it does not
    tell).
    """

    def __init__(
        self,
        directory: Directory,
        pool: Pool,
        learn: Callable[[], Discovered],
        look: Callable[[str], int | None],
    ) -> None:
        super().__init__(directory, pool)
        self._learn = learn
        self._look = look
        self._gate = threading.Lock()

    def call(self, send: Callable[[list[Endpoint]], Called], tried: list[Endpoint]) -> Called:
        """What `send` comes to, which is given the endpoints that were tried and adds those that it asks."""
        self.ready()
        try:
            called = send(tried)
        except CallError as error:
            self._hear(error.attempts)
            if not self._is_of_the_list(error) or not self._has_others(self._learned(), tried):
                raise
        else:
            self._hear(called[0].attempts)
            return called
        return send(tried)

    def ready(self) -> Discovered:
        """The list, learned now where there is none yet. Raises `DiscoveryError`."""
        found = self._at_hand()
        if found is None:
            with self._gate:
                return self._at_hand() or self._first()
        if self._directory.due():
            self._start(self._beside)
        elif self._directory.epoch_due():
            self._start(self._look_beside, found.source)
        return found

    def _start(self, target: Callable[..., None], *arguments: str) -> None:
        threading.Thread(target=target, args=arguments, name="gonka-discovery", daemon=True).start()

    def _first(self) -> Discovered:
        if not self._directory.due():
            raise self._nothing()
        return self._learned()

    def _learned(self) -> Discovered:
        try:
            found = self._learn()
        except BaseException as error:  # noqa: BLE001 - whoever waits for the list has to be told of any
            return self._failed(error)
        return self._adopt(self._directory.learned(found))

    def _beside(self) -> None:
        try:
            self._learned()
        except Exception as error:  # noqa: BLE001 - nobody would hear it in this thread
            LOGGER.warning("who takes part could not be learned anew: %s", _told(error))

    def _look_beside(self, source: str) -> None:
        try:
            epoch = self._look(source)
        except Exception as error:  # noqa: BLE001 - nobody would hear it in this thread
            LOGGER.debug("which epoch is under way could not be asked: %s", _told(error))
            return
        if epoch is not None:
            self._directory.told_epoch(epoch)
        if self._directory.due():
            self._beside()


class AsyncFinder(_Base):
    """`Finder`, awaited."""

    def __init__(
        self,
        directory: Directory,
        pool: Pool,
        learn: Callable[[], Awaitable[Discovered]],
        look: Callable[[str], Awaitable[int | None]],
    ) -> None:
        super().__init__(directory, pool)
        self._learn = learn
        self._look = look
        self._gate = PerLoop(asyncio.Lock)
        self._tasks: set[asyncio.Task[None]] = set()

    async def call(
        self, send: Callable[[list[Endpoint]], Awaitable[AsyncCalled]], tried: list[Endpoint]
    ) -> AsyncCalled:
        """`Finder.call`, awaited."""
        await self.ready()
        try:
            called = await send(tried)
        except CallError as error:
            self._hear(error.attempts)
            if not self._is_of_the_list(error) or not self._has_others(await self._learned(), tried):
                raise
        else:
            self._hear(called[0].attempts)
            return called
        return await send(tried)

    async def ready(self) -> Discovered:
        """`Finder.ready`, awaited."""
        found = self._at_hand()
        if found is None:
            async with self._gate.here():
                return self._at_hand() or await self._first()
        if self._directory.due():
            self._start(self._beside())
        elif self._directory.epoch_due():
            self._start(self._look_beside(found.source))
        return found

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work, name="gonka-discovery")
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def aclose(self) -> None:
        """Nothing is learned any more in this loop."""
        loop = asyncio.get_running_loop()
        tasks = [task for task in tuple(self._tasks) if task.get_loop() is loop]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _first(self) -> Discovered:
        if not self._directory.due():
            raise self._nothing()
        return await self._learned()

    async def _learned(self) -> Discovered:
        try:
            found = await self._learn()
        except BaseException as error:  # noqa: BLE001 - whoever waits for the list has to be told of any
            return self._failed(error)
        return self._adopt(self._directory.learned(found))

    async def _beside(self) -> None:
        try:
            await self._learned()
        except Exception as error:  # noqa: BLE001 - nobody would hear it in this task
            LOGGER.warning("who takes part could not be learned anew: %s", _told(error))

    async def _look_beside(self, source: str) -> None:
        try:
            epoch = await self._look(source)
        except Exception as error:  # noqa: BLE001 - nobody would hear it in this task
            LOGGER.debug("which epoch is under way could not be asked: %s", _told(error))
            return
        if epoch is not None:
            self._directory.told_epoch(epoch)
        if self._directory.due():
            await self._beside()


def _told(error: BaseException) -> str:
    """One of ours in its words; of another one, which may quote anything, the name."""
    return str(error) if isinstance(error, CallError) else type(error).__name__
