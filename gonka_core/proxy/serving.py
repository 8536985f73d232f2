"""`Proxy`: it listens, and it stops without dropping what it has in hand."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from gonka_core import AsyncClient
from gonka_core.errors import ConfigurationError, InvalidKeyError

from .access import ProxyKey, as_key
from .connection import Listener
from .hand import Hand
from .handling import Handler, Told
from .options import ProxyOptions

_CUT_S: Final = 1.0
"""For requests that were cut off to say so."""
_LEAVE_S: Final = 2.0

DEFAULTS: Final = ProxyOptions()


class Proxy:
    """Serves the OpenAI API and sends what it is asked through `client`, which stays open when the proxy stops.

    `api_key` is what its own clients have to send; see `new_key`. `told` hears of every request when it is over, and
    must return soon. `seconds` is a monotonic clock. Use it in `async with`, on the event loop of the client.
    """

    def __init__(
        self,
        client: AsyncClient,
        api_key: ProxyKey | str,
        options: ProxyOptions = DEFAULTS,
        *,
        told: Told | None = None,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        key = as_key(api_key)
        del api_key  # tracebacks show arguments
        if isinstance(key, InvalidKeyError):
            raise key
        self.options = options
        self._hand = Hand(options.concurrent)
        self._handler = Handler(client, key, options, self._hand, told, seconds)
        self._listener: Listener | None = None
        self._server: asyncio.Server | None = None
        self._url = ""

    @property
    def url(self) -> str:
        """The base URL for its clients, which ends in `/v1`; empty before it listens."""
        return self._url

    @property
    def in_hand(self) -> int:
        """How many requests are being answered."""
        return self._hand.count

    async def start(self) -> None:
        """Listen. Raises `ConfigurationError` where that cannot be done."""
        host, port = self.options.host, self.options.port
        self._listener = Listener(self._handler, self.options)
        bound = "127.0.0.1" if host == "localhost" else host  # one socket, so that port 0 is one port
        try:
            self._server = await asyncio.get_running_loop().create_server(self._listener, bound, port)
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or str(error)
        else:
            taken = self._server.sockets[0].getsockname()[1]
            self._url = f"http://{f'[{host}]' if ':' in host else host}:{taken}/v1"
            return
        raise ConfigurationError(
            f"the proxy cannot listen at {host}, port {port} ({reason})", "choose another port, or 0 for any free one"
        )

    async def stop(self, grace_s: float | None = None) -> int:
        """Accept no more, let what is in hand end within `grace_s` seconds (by default those of the options), and cut
        off the rest; how many were cut off.
        """
        if self._server is None or self._listener is None:
            return 0
        server, self._server = self._server, None
        server.close()
        await asyncio.sleep(0)
        self._listener.last_requests()
        cut = await self._hand.close(self.options.grace_s if grace_s is None else grace_s, _CUT_S)
        transports = [connection.transport for connection in self._listener.connections]
        await self._listener.shutdown(_LEAVE_S)
        for transport in transports:
            if transport is not None:
                transport.abort()
        return cut

    def hurry(self) -> None:
        """End the grace of a `stop` that waits."""
        self._hand.hurry()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()
