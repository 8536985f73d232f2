"""Nodes that listen: `MockNode` and `MockNetwork`, for `with` and for `async with`."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Coroutine, Sequence
from types import TracebackType
from typing import Any, Final, Literal, Self, TypeVar

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from .answers import Answer, echo
from .app import application
from .chain import Account, Chain
from .journal import Journal
from .node import Node, provider_address
from .profiles import Profile, profile_named

Result = TypeVar("Result")

_SECONDS_TO_STOP: Final = 10.0
_LOG: Final = logging.getLogger("gonka_mock_node")
_LOG.addHandler(logging.NullHandler())


def _in_one_line(record: logging.LogRecord) -> bool:
    """A client that does not speak HTTP is no fault of the node: its error is told without a traceback."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, HttpProcessingError):
        record.msg, record.args, record.exc_info = "malformed HTTP: %s", (error.message.split("\n")[0],), None
        record.levelno, record.levelname = logging.INFO, "INFO"
    return True


_LOG.addFilter(_in_one_line)


class CannotListenError(OSError):
    """A node cannot listen where it was told to."""


class MockNetwork:
    """Several nodes on one chain, each on its own port of loopback.

    `providers` are the addresses of the first nodes; the others get addresses of their own. `port` is that of the
    first node, 0 for any free one. `accounts` is `open` (a requester that proves its key is enrolled with a default
    balance) or `listed` (only what was put on `chain`). `models` None serves every name.

    In a `with` block the nodes run in a thread of their own; in an `async with` block in the caller's event loop.
    Raises `CannotListenError` at the start, `UnknownProfileError` and `InvalidAddressError` when made.
    """

    def __init__(
        self,
        nodes: int = 3,
        *,
        profile: str | Profile = "seed",
        providers: Sequence[str] = (),
        accounts: Literal["open", "listed"] = "open",
        models: Sequence[str] | None = None,
        answer: Answer = echo,
        chain: Chain | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        self.profile = profile_named(profile) if isinstance(profile, str) else profile
        self.chain = chain or Chain(open_accounts=accounts == "open", models=None if models is None else tuple(models))
        self.journal = Journal()
        addresses = [*providers, *(provider_address() for _ in range(nodes - len(providers)))]
        self.nodes = tuple(
            Node(address, self.profile, self.chain, self.journal, answer=answer) for address in addresses
        )
        self._host = host
        self._port = port
        self._runners: list[web.AppRunner] = []
        self._thread: _LoopThread | None = None

    def fund(self, public_key: bytes, balance: int | None = None) -> Account:
        """Put the account of a public key (33 bytes) on the chain."""
        return self.chain.fund(public_key, balance)

    def __enter__(self) -> Self:
        self._thread = _LoopThread()
        try:
            self._thread.run(self._start())
        except BaseException:
            self._thread.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._thread is not None
        self._thread.run(self._stop())
        self._thread.stop()

    async def __aenter__(self) -> Self:
        await self._start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def _start(self) -> None:
        try:
            for number, node in enumerate(self.nodes):
                await self._listen(node, self._port + number if self._port else 0)
        except BaseException:
            await self._stop()
            raise

    async def _listen(self, node: Node, port: int) -> None:
        # A signed body is judged as it arrived: aiohttp must not decompress it.
        runner = web.AppRunner(
            application(node), access_log=None, auto_decompress=False, logger=_LOG, shutdown_timeout=1.0
        )
        await runner.setup()
        self._runners.append(runner)
        try:
            await web.TCPSite(runner, self._host, port).start()
        except (OSError, OverflowError) as error:
            raise CannotListenError(
                f"cannot listen on {self._host}:{port} ({getattr(error, 'strerror', None) or error}); "
                "choose another port, or 0 for any free one"
            ) from None
        host, bound = runner.addresses[0][:2]
        node.url = f"http://{f'[{host}]' if ':' in host else host}:{bound}/v1"

    async def _stop(self) -> None:
        while self._runners:
            await self._runners.pop().cleanup()


class MockNode(MockNetwork):
    """One node. See `MockNetwork`."""

    def __init__(
        self,
        *,
        profile: str | Profile = "seed",
        provider_address: str | None = None,
        accounts: Literal["open", "listed"] = "open",
        models: Sequence[str] | None = None,
        answer: Answer = echo,
        chain: Chain | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
    ) -> None:
        super().__init__(
            1,
            profile=profile,
            providers=() if provider_address is None else (provider_address,),
            accounts=accounts,
            models=models,
            answer=answer,
            chain=chain,
            host=host,
            port=port,
        )

    @property
    def url(self) -> str:
        """The base URL, which ends in `/v1`."""
        return self.nodes[0].url

    @property
    def provider_address(self) -> str:
        """The account address that signatures must be bound to."""
        return self.nodes[0].provider_address


class _LoopThread:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gonka-mock-node", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=_SECONDS_TO_STOP)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=_SECONDS_TO_STOP)
        self._loop.close()
