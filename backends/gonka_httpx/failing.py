"""The library's exceptions become ours; which of them prove that nothing was sent is decided here."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from gonka_core.errors import ConnectError, TransportError, TransportTimeout


class Failing:
    """`kinds` are the exceptions to catch, for httpx or httpx2, and `ours` says what they mean."""

    def __init__(self, library: ModuleType) -> None:
        found: Any = library
        # UnicodeError: a host name that cannot be one, such as a label of 64 letters.
        self._unreached: tuple[type[Exception], ...] = (
            found.ConnectError,
            found.ConnectTimeout,
            found.InvalidURL,
            found.ProxyError,
            UnicodeError,
        )
        self._late: type[Exception] = found.TimeoutException
        self.kinds: tuple[type[Exception], ...] = (found.RequestError, found.StreamError, *self._unreached)

    def ours(self, error: Exception, url: str) -> TransportError:
        """The error of the core for one of the library's."""
        if isinstance(error, self._unreached):
            return ConnectError(
                f"{url} cannot be reached ({_words(error)})", "check the URL and the network, or use another endpoint"
            )
        if isinstance(error, self._late):
            return TransportTimeout(
                f"{url} did not answer in time ({_words(error)})",
                "allow more time (TransportOptions), or use another endpoint; a repeat may be billed again",
                sent=True,
            )
        return TransportError(
            f"the connection to {url} failed ({_words(error)})",
            "try again; the request may have arrived, so a repeat may be billed again",
            sent=True,
        )


def _words(error: Exception) -> str:
    return str(error) or type(error).__name__
