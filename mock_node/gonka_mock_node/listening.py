"""The port behind a node, which can close and open again, and the event loop behind a network."""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import threading
import warnings
from collections.abc import Coroutine, Sequence
from typing import Any, Final, TypeVar

from aiohttp import web
from aiohttp.http_exceptions import HttpProcessingError

from .faults import Faults
from .limits import Limits
from .node import Node

Result = TypeVar("Result")

_LONGEST_S: Final = 60.0
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


class NotLoopbackError(ValueError):
    """A node would be reachable from other machines, and nobody said that it shall be."""


def require_loopback(host: str, allow_remote: bool) -> None:
    """Raise `NotLoopbackError` for a host that other machines may reach, unless that is allowed; then warn."""
    if is_loopback(host):
        return
    if not allow_remote:
        raise NotLoopbackError(
            f"{host} is not loopback; allow it (allow_remote=True, --allow-remote) if others shall reach the node"
        )
    warnings.warn(f"every machine that reaches {host} can use this mock node", RuntimeWarning, stacklevel=4)


def is_loopback(host: str) -> bool:
    """Whether a host is an address of loopback, or `localhost`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class Listener:
    """One application at one port; `port` 0 takes a free one at the first opening and keeps it from then on.

    `advertised` is the host name in its URL, by default the address that it listens at.
    """

    def __init__(
        self, app: web.Application, limits: Limits, host: str, port: int, advertised: str | None = None
    ) -> None:
        self._host = host
        self._advertised = advertised
        self._port = port
        self._site: web.TCPSite | None = None
        # A signed body is judged as it arrived: aiohttp must not decompress it.
        self._runner = web.AppRunner(
            app,
            access_log=None,
            auto_decompress=False,
            logger=_LOG,
            shutdown_timeout=1.0,
            keepalive_timeout=limits.idle_s,
            lingering_time=limits.linger_s,
            max_headers=limits.headers,
            max_field_size=limits.header_bytes,
            max_line_size=limits.header_bytes,
        )

    @property
    def is_open(self) -> bool:
        return self._site is not None

    @property
    def connections(self) -> int:
        """How many clients are connected."""
        return len(self._connected())

    async def open(self) -> str:
        """Listen; the base URL, which ends in `/v1`. Raises `CannotListenError`."""
        if self._runner.server is None:
            await self._runner.setup()
        site = web.TCPSite(self._runner, self._host, self._port, reuse_address=True)
        try:
            await site.start()
        except (OSError, OverflowError) as error:
            raise CannotListenError(
                f"cannot listen on {self._host}:{self._port} ({getattr(error, 'strerror', None) or error}); "
                "choose another port, or 0 for any free one"
            ) from None
        self._site = site
        bound, self._port = self._runner.addresses[0][:2]
        host = self._advertised or bound
        return f"http://{f'[{host}]' if ':' in host else host}:{self._port}/v1"

    async def refuse(self) -> None:
        """Stop listening, and end what is connected: from now on connections are refused."""
        await self._deaf()
        for connection in self._connected():
            connection.force_close()

    async def close(self) -> None:
        """Stop listening, and leave no connection behind, not even one whose client does not read."""
        await self._deaf()
        open_still = [connection.transport for connection in self._connected()]
        await self._runner.cleanup()
        for transport in open_still:
            if transport is not None:
                transport.abort()
        await _turns()

    async def _deaf(self) -> None:
        """Accept no more.

        asyncio loses a connection, socket and all, that it accepts in the very turn in which a server closes. So those
        that wait at the door are let in first.
        """
        if self._site is not None:
            site, self._site = self._site, None
            await _turns()
            await site.stop()
            await _turns()

    def _connected(self) -> Sequence[web.RequestHandler]:
        return self._runner.server.connections if self._runner.server is not None else ()


class Gate:
    """Closes and opens the listeners as faults come and go that make nodes refuse connections."""

    def __init__(self, nodes: Sequence[Node], listeners: Sequence[Listener], faults: Faults) -> None:
        self._pairs = tuple(zip(nodes, listeners, strict=True))
        self._faults = faults
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()
        self._changing = asyncio.Lock()
        faults.on_change.append(self._changed)
        self._changed()

    def leave(self) -> None:
        self._faults.on_change.remove(self._changed)

    def _changed(self) -> None:
        """Called on whatever thread changed the faults; waits for the ports unless it is the server's own."""
        if threading.get_ident() == self._thread:
            self._task = self._loop.create_task(self._settle())
        else:
            asyncio.run_coroutine_threadsafe(self._settle(), self._loop).result(timeout=_LONGEST_S)

    async def _settle(self) -> None:
        async with self._changing:
            for node, listener in self._pairs:
                refusing = self._faults.refusing(node.number, node.url, node.provider_address)
                if refusing and listener.is_open:
                    await listener.refuse()
                elif not refusing and not listener.is_open:
                    await listener.open()


class LoopThread:
    """An event loop in a thread."""

    def __init__(self) -> None:
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="gonka-mock-node", daemon=True)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=_LONGEST_S)

    def stop(self) -> None:
        self.run(_cancel_what_is_left())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=_LONGEST_S)
        self._loop.close()


async def _turns(count: int = 3) -> None:
    """Let the loop do what it has in hand."""
    for _ in range(count):
        await asyncio.sleep(0)


async def _cancel_what_is_left() -> None:
    """End the tasks of connections that the clients have not closed."""
    left = asyncio.all_tasks() - {asyncio.current_task()}
    for task in left:
        task.cancel()
    await asyncio.gather(*left, return_exceptions=True)
