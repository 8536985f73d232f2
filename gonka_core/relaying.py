"""An answer handed on as bytes, for programs that speak the protocol themselves: other SDKs, a proxy.

It was judged, and is checked as it arrives, like any other: what is handed on is an answer of a node that accepted the
request. What a node refuses raises instead.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Final

from .chunks import Completion
from .errors import Attempt
from .exchange import Accepted
from .streams import AsyncStream, Stream
from .types import Request

_OF_THE_CONNECTION: Final = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
        # The content coding is undone, and cookies are between a node and nobody.
        "content-encoding",
        "content-length",
        "set-cookie",
    )
)


class _Relayed:
    """What is known once the headers are there."""

    def __init__(self, accepted: Accepted) -> None:
        self._accepted = accepted

    @property
    def status(self) -> int:
        """200 to 299: what is refused raises."""
        return self._accepted.answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        """Names in lower case; without those that are about one connection only (RFC 9110 §7.6.1)."""
        return end_to_end(self._accepted.answer.headers)

    @property
    def request(self) -> Request:
        """The request that was accepted."""
        return self._accepted.request

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """Every request of the call; the last one was accepted."""
        return self._accepted.attempts

    @property
    def completion(self) -> Completion | None:
        """The answer, read; None for a stream."""
        return self._accepted.completion


class Relayed(_Relayed):
    """Iterate over it, once, for the plain bytes of the body as they arrive; close it, or use it in `with`."""

    def __init__(self, accepted: Accepted, stream: Stream | None) -> None:
        super().__init__(accepted)
        self._stream = stream

    def __iter__(self) -> Iterator[bytes]:
        """The body. A stream raises what `Client.stream` does, after all that arrived was handed out."""
        if self._stream is not None:
            return self._stream.pieces()
        return iter((_body(self._accepted),))

    def close(self) -> None:
        """Drop what has not been read."""
        if self._stream is not None:
            self._stream.close()

    def __enter__(self) -> Relayed:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()


class AsyncRelayed(_Relayed):
    """`Relayed`, awaited."""

    def __init__(self, accepted: Accepted, stream: AsyncStream | None) -> None:
        super().__init__(accepted)
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        """`Relayed.__iter__`, awaited."""
        if self._stream is None:
            yield _body(self._accepted)
            return
        async for piece in self._stream.pieces():
            yield piece

    async def aclose(self) -> None:
        """Drop what has not been read."""
        if self._stream is not None:
            await self._stream.aclose()

    async def __aenter__(self) -> AsyncRelayed:
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self.aclose()


def end_to_end(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that are about the answer rather than one connection; names in lower case."""
    named = {name.strip().lower() for name in headers.get("connection", "").split(",")}
    return {name: value for name, value in headers.items() if name not in _OF_THE_CONNECTION | named}


def _body(accepted: Accepted) -> bytes:
    assert accepted.completion is not None
    return accepted.completion.body
