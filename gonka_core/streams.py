"""A streamed answer, sync and async. The request is sent when the stream is entered or first iterated."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from types import TracebackType
from typing import Self

from .interfaces import AsyncResponse, Response
from .response import EventReader
from .types import Chunk, SignedRequest


class Stream:
    """Iterate over it for the chunks; leaving the `with` block, or the loop, gives the connection back.

    Raises what `Client.stream` names. Can be iterated once.
    """

    def __init__(self, send: Callable[[], tuple[SignedRequest, Response]]) -> None:
        self._send = send
        self._opened: tuple[SignedRequest, Response] | None = None

    @property
    def request(self) -> SignedRequest:
        """The request that was accepted; sends it if that has not happened yet."""
        return self._open()[0]

    def __iter__(self) -> Iterator[Chunk]:
        request, response = self._open()
        reader = EventReader(request, response.status)
        try:
            for piece in response:
                yield from reader.feed(piece)
                if reader.done:
                    return
            reader.finish()
        finally:
            response.close()

    def close(self) -> None:
        """Drop what has not been read. Nothing is sent by closing."""
        if self._opened is not None:
            self._opened[1].close()

    def __enter__(self) -> Self:
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _open(self) -> tuple[SignedRequest, Response]:
        if self._opened is None:
            self._opened = self._send()
        return self._opened


class AsyncStream:
    """`Stream`, awaited."""

    def __init__(self, send: Callable[[], Awaitable[tuple[SignedRequest, AsyncResponse]]]) -> None:
        self._send = send
        self._opened: tuple[SignedRequest, AsyncResponse] | None = None

    async def __aiter__(self) -> AsyncIterator[Chunk]:
        request, response = await self._open()
        reader = EventReader(request, response.status)
        try:
            async for piece in response:
                for chunk in reader.feed(piece):
                    yield chunk
                if reader.done:
                    return
            reader.finish()
        finally:
            await response.aclose()

    @property
    def request(self) -> SignedRequest:
        """The request that was accepted. Raises RuntimeError before the stream was entered or iterated."""
        if self._opened is None:
            raise RuntimeError("the stream is not open: enter it with `async with` first")
        return self._opened[0]

    async def aclose(self) -> None:
        """Drop what has not been read. Nothing is sent by closing."""
        if self._opened is not None:
            await self._opened[1].aclose()

    async def __aenter__(self) -> Self:
        await self._open()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _open(self) -> tuple[SignedRequest, AsyncResponse]:
        if self._opened is None:
            self._opened = await self._send()
        return self._opened
