"""Our requests in the library's own form."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from types import ModuleType
from typing import Any

from gonka_core.hookspecs import TransportOptions
from gonka_core.types import Request


class Building:
    """Makes the library's `Request` without its client, which would parse the URL and merge the headers anew each time.

    `defaults` are the headers that its client sends of its own (names in lower case), unless the request has them.
    """

    def __init__(self, library: ModuleType, defaults: Mapping[str, str], options: TransportOptions) -> None:
        self._made: Any = library.Request
        self._url: Any = lru_cache(maxsize=256)(library.URL)
        self._headers = {**defaults, "accept-encoding": "identity"}
        self._options = options
        # An `Auth` that does nothing: without one, credentials in the URL would replace the signature.
        self.auth: Any = library.Auth()

    def request(self, request: Request, timeout: float | None) -> Any:
        """Raises the library's `InvalidURL`."""
        options = self._options.within(timeout)
        timeouts = {
            "connect": options.connect_timeout,
            "read": options.first_byte_timeout,
            "write": options.read_timeout,
            "pool": timeout,
        }
        given = {name.lower() for name in request.headers}
        defaults = {name: value for name, value in self._headers.items() if name not in given}
        return self._made(
            request.method,
            self._url(request.url),
            headers={**defaults, **request.headers},
            content=request.body,
            extensions={"timeout": timeouts},
        )
