"""A sync transport, as the checks use it."""

from __future__ import annotations

from gonka_core.hookspecs import TransportFactory, TransportOptions
from gonka_core.interfaces import Response
from gonka_core.types import Request


class Direct:
    """The transport that a sync factory makes; the counterpart of `Bridged`."""

    def __init__(self, factory: TransportFactory, options: TransportOptions) -> None:
        self._transport = factory(options)

    def send(self, request: Request, /, *, timeout: float | None = None) -> Response:
        return self._transport.send(request, timeout=timeout)

    def close(self) -> None:
        self._transport.close()

    def shut(self) -> None:
        self.close()

    def settle(self) -> None:
        """Nothing goes on between two calls."""
