"""A transport on `http.client`, with mistakes of its own: it takes 103 for an answer and trusts old connections."""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from gonka_core.errors import ConnectError, TransportError
from gonka_core.hookspecs import TransportOptions
from gonka_core.types import Request


class Plain:
    """One connection for each host, kept for as long as it goes."""

    def __init__(self, options: TransportOptions) -> None:
        self._connections: dict[str, http.client.HTTPConnection] = {}

    def send(self, request: Request, /, *, timeout: float | None = None) -> PlainResponse:
        parts = urlsplit(request.url)
        target = f"{parts.path}?{parts.query}" if parts.query else parts.path
        connection = self._connections.setdefault(parts.netloc, http.client.HTTPConnection(parts.netloc, timeout=5))
        try:
            connection.request(request.method, target, request.body, dict(request.headers))
            return PlainResponse(connection.getresponse())
        except ConnectionRefusedError as error:
            raise ConnectError("nobody is there", "try another") from error
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise TransportError(f"no answer ({error})", "try again", sent=True) from error

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()


class PlainResponse:
    """An answer of `http.client`."""

    def __init__(self, response: http.client.HTTPResponse) -> None:
        self._response = response
        self.status = response.status
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.getheaders()}

    def __iter__(self) -> Iterator[bytes]:
        while piece := self._response.read1(65536):
            yield piece

    def close(self) -> None:
        self._response.close()
