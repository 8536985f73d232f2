"""One connection of a client: aiohttp's, with a time limit for a request to arrive and errors in OpenAI's shape."""

from __future__ import annotations

import asyncio
import inspect
import logging
from typing import Any, Final

from aiohttp import web
from aiohttp.http_exceptions import LineTooLong

from gonka_core.integrations.refusing import Refusal

from .answers import refused
from .handling import Handler
from .options import ProxyOptions
from .refused import Refused, too_long

_LINGER_S: Final = 2.0
"""For which what is left of a refused body is read, so that its sender gets to see the answer."""
_HEADERS: Final = 100
_MORE: Final[dict[str, Any]] = (
    {"max_headers": _HEADERS} if "max_headers" in inspect.signature(web.RequestHandler.__init__).parameters else {}
)
"""Newer releases also count the headers."""
_SILENT: Final = logging.getLogger("gonka.proxy")
_SILENT.addHandler(logging.NullHandler())
_SILENT.propagate = False
"""What aiohttp would log holds what a client sent: the proxy tells what is needed itself."""


class Connection(web.RequestHandler):
    """Closed where a request does not arrive in `read_s` seconds from its first byte, or from the connection's."""

    def __init__(self, server: Listener, read_s: float, **settings: Any) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), **settings)
        self._read_s = read_s
        self._timer: asyncio.TimerHandle | None = None
        self._busy = False
        self._silent = True

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self._start_timer()

    def data_received(self, data: bytes) -> None:
        self._silent = False
        if self._timer is None and not self._busy:
            self._start_timer()
        super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        self._stop_timer()
        super().connection_lost(exc)

    def request_began(self) -> None:
        """The head of a request is there."""
        self._busy = True
        self._stop_timer()

    def request_ended(self) -> None:
        """The next byte belongs to another request."""
        self._busy = False

    def last_request(self) -> None:
        """Take no other request: the connection ends behind the one in hand, at once where there is none."""
        if self._busy:
            self.close()
        else:
            self.force_close()

    def handle_error(
        self,
        request: web.BaseRequest,
        status: int = 500,
        exc: BaseException | None = None,
        message: str | None = None,
    ) -> web.StreamResponse:
        """What is no HTTP. aiohttp's own words quote what was sent, which may be a key."""
        if request.writer.output_size > 0:
            raise ConnectionError("an answer has begun, and another one cannot follow")
        self.request_began()
        if isinstance(exc, LineTooLong):
            told = too_long()
        elif status < 500:
            told = Refused(400, "that is not HTTP/1.1", "send a well-formed request", code="bad_request")
        else:
            told = Refused(500, "the proxy failed", "report it as a bug of gonka-core", code="internal_error")
        return refused(told.refusal, close=True)

    def _start_timer(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._read_s, self._late)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _late(self) -> None:
        transport = self.transport
        if self._busy or transport is None:
            return
        if not self._silent:  # who opened a connection in advance has asked nothing
            transport.write(_LATE)
        self.force_close()


class Listener(web.Server):
    """Makes the connections. Who leaves takes the handling of its request along."""

    def __init__(self, handler: Handler, options: ProxyOptions) -> None:
        super().__init__(handler, request_factory=self._request, handler_cancellation=True)
        self._body_bytes = options.body_bytes
        self._read_s = options.read_s
        self._settings = {
            "access_log": None,
            "logger": _SILENT,
            "auto_decompress": False,
            "keepalive_timeout": options.idle_s,
            "lingering_time": _LINGER_S,
            "max_line_size": options.header_bytes,
            "max_field_size": options.header_bytes,
            **_MORE,
        }

    def __call__(self) -> Connection:
        return Connection(self, self._read_s, **self._settings)

    def last_requests(self) -> None:
        """`Connection.last_request`, for each of them."""
        for connection in self.connections:
            assert isinstance(connection, Connection)
            connection.last_request()

    def _request(self, message: Any, payload: Any, protocol: Any, writer: Any, task: Any) -> web.BaseRequest:
        loop = asyncio.get_running_loop()
        return web.BaseRequest(message, payload, protocol, writer, task, loop, client_max_size=self._body_bytes)


def _raw(refusal: Refusal) -> bytes:
    """The answer for a request that never came about."""
    body = refusal.content()
    named = {"content-length": str(len(body)), "connection": "close", **refusal.headers}
    head = f"HTTP/1.1 {refusal.status} Request Timeout\r\n" + "".join(f"{k}: {v}\r\n" for k, v in named.items())
    return head.encode() + b"\r\n" + body


_LATE: Final = _raw(
    Refused(
        408, "the request did not arrive in time", "send it faster, or raise --read-timeout", code="timeout"
    ).refusal
)
