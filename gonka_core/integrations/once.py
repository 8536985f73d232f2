"""The body of a signed request, for libraries that may send one request more than once behind our back."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, MutableMapping
from typing import Final

from gonka_core.errors import ConfigurationError

_OURS: Final = ("Authorization", "X-Requester-Address", "X-Timestamp")


class Once:
    """Bytes that are sent once, and take the signature along.

    Libraries write the headers and then ask for the body. That is when the signature is taken out of the headers: a
    redirect, which is made of the same request, finds neither it nor the body. urllib3, which keeps a copy of the
    headers, asks where the body begins before it sends, and goes back there before it sends again: it gets no further.
    """

    def __init__(self, body: bytes, headers: MutableMapping[str, str]) -> None:
        self._body = body
        self._headers: MutableMapping[str, str] | None = headers

    def __len__(self) -> int:
        return len(self._body)

    def __iter__(self) -> Iterator[bytes]:
        yield self._spent()

    async def __aiter__(self) -> AsyncIterator[bytes]:
        yield self._spent()

    def tell(self) -> int:
        """Where it begins. Raises `ConfigurationError` when it was sent."""
        self._unspent()
        return 0

    def seek(self, _position: int, /) -> int:
        """`tell`."""
        return self.tell()

    def _spent(self) -> bytes:
        headers = self._unspent()
        for name in _OURS:
            headers.pop(name, None)
        self._headers = None
        return self._body

    def _unspent(self) -> MutableMapping[str, str]:
        if self._headers is None:
            raise ConfigurationError(
                "the HTTP client sends a signed request a second time, and a node takes a signature once",
                "let it follow no redirects and retry nothing by itself; what is sent anew is signed anew",
            )
        return self._headers
