"""A streamed answer, sync and async. The request is sent when the stream is entered or first iterated."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterator
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Final, Generic, Self, TypeVar

from . import jsontext
from .chunks import Chunk, Usage
from .collect import Collected, Collector
from .errors import CallError, DeadlineError, TransportError
from .exchange import Accepted
from .incoming import Incoming
from .interfaces import AsyncResponse, Response
from .party import Party
from .reading import EventReader
from .types import Request
from .wholly import WholeEvents

LINGER_S: Final = 0.05
"""For which an answer may go on behind `[DONE]`: one that ends by itself leaves a connection for the next request."""

Carried = TypeVar("Carried", Response, AsyncResponse)
Taken = TypeVar("Taken")


@dataclass(frozen=True, slots=True)
class Opened(Generic[Carried]):
    """A stream whose headers are there."""

    accepted: Accepted
    response: Carried
    incoming: Incoming

    def reader(self, party: Party) -> EventReader:
        return EventReader(self.accepted.request, self.response.status, party.limits)


class _Reading:
    """What the two kinds share: pieces become chunks, the call's deadline holds, and its end is told once."""

    def __init__(self, party: Party) -> None:
        self._party = party
        self._open = True
        self._usage: Usage | None = None

    def _chunks(self, opened: Opened[Carried], reader: EventReader, piece: bytes) -> Iterator[Chunk]:
        self._require_time(opened)
        for plain in opened.incoming.plain(piece):
            for chunk in reader.feed(plain):
                if "usage" in chunk.data:
                    self._usage = chunk.usage or self._usage
                yield chunk

    def _pieces(self, held: WholeEvents, opened: Opened[Carried], reader: EventReader, piece: bytes) -> Iterator[bytes]:
        self._require_time(opened)
        for plain in opened.incoming.plain(piece):
            came: list[Chunk] = []
            try:
                for chunk in reader.feed(plain):
                    came.append(chunk)
                    self._usage = chunk.usage or self._usage
            except CallError:
                # What came before the error, in the same piece, still counts; one of them may have begun in another.
                if came:
                    yield b"".join(b"data: %b\n\n" % jsontext.dumps(chunk.data) for chunk in came)
                raise
            if complete := held.feed(plain):
                yield complete

    def _require_time(self, opened: Opened[Carried]) -> None:
        deadline = opened.accepted.deadline
        if deadline is not None and self._party.seconds() > deadline:
            raise DeadlineError(
                f"the stream did not end within the {self._party.retry.deadline} seconds of its call",
                "allow more time (RetryPolicy.deadline); what arrived has been handed out",
            )

    def _over(self, opened: Opened[Carried] | None, error: CallError | None) -> bool:
        """Tell that the call is over, the first time; whether this was it."""
        if opened is None or not self._open:
            return False
        self._open = False
        opened.accepted.finish(error, self._usage)
        return True


class Stream(_Reading):
    """Iterate over it for the chunks; leaving the `with` block, or the loop, gives the connection back.

    Raises what `Client.stream` names. Can be iterated once.
    """

    def __init__(self, send: Callable[[], Opened[Response]] | Opened[Response], party: Party) -> None:
        super().__init__(party)
        self._opened: Opened[Response] | None = None
        if isinstance(send, Opened):
            self._opened = send
        else:
            self._send = send

    @property
    def request(self) -> Request:
        """The request that was accepted; sends it if that has not happened yet."""
        return self._begun().accepted.request

    def __iter__(self) -> Iterator[Chunk]:
        return self._read(self._chunks)

    def pieces(self) -> Iterator[bytes]:
        """The stream's own bytes, as they arrive, in whole events, checked like its chunks."""
        held = WholeEvents()
        yield from self._read(partial(self._pieces, held))
        if rest := held.rest():
            yield rest

    def _read(self, take: Callable[[Opened[Response], EventReader, bytes], Iterator[Taken]]) -> Iterator[Taken]:
        opened = self._begun()
        reader = opened.reader(self._party)
        error: CallError | None = None
        try:
            for piece in opened.response:
                yield from take(opened, reader, piece)
                if reader.done:
                    return
            reader.finish()
        except TransportError as failed:
            error = reader.truncated()
            raise error from failed
        except CallError as failed:
            error = failed
            raise
        finally:
            self._end(error)

    def collect(self) -> Collected:
        """The whole message, once the stream has ended: words, tool calls, usage."""
        collector = Collector()
        for chunk in self:
            collector.add(chunk)
        return collector.message()

    def close(self) -> None:
        """Drop what has not been read. Nothing is sent by closing."""
        self._end(None)

    def _end(self, error: CallError | None) -> None:
        if self._over(self._opened, error) and self._opened is not None:
            self._opened.response.close()

    def __enter__(self) -> Self:
        self._begun()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _begun(self) -> Opened[Response]:
        if self._opened is None:
            self._opened = self._send()
        return self._opened


class AsyncStream(_Reading):
    """`Stream`, awaited."""

    def __init__(
        self, send: Callable[[], Awaitable[Opened[AsyncResponse]]] | Opened[AsyncResponse], party: Party
    ) -> None:
        super().__init__(party)
        self._opened: Opened[AsyncResponse] | None = None
        if isinstance(send, Opened):
            self._opened = send
        else:
            self._send = send

    @property
    def request(self) -> Request:
        """The request that was accepted. Raises RuntimeError before the stream was entered or iterated."""
        if self._opened is None:
            raise RuntimeError("the stream is not open: enter it with `async with` first")
        return self._opened.accepted.request

    def __aiter__(self) -> AsyncIterator[Chunk]:
        return self._read(self._chunks)

    async def pieces(self) -> AsyncIterator[bytes]:
        """The stream's own bytes, as they arrive, in whole events, checked like its chunks."""
        held = WholeEvents()
        async with aclosing(self._read(partial(self._pieces, held))) as events:
            async for event in events:
                yield event
        if rest := held.rest():
            yield rest

    async def _read(
        self, take: Callable[[Opened[AsyncResponse], EventReader, bytes], Iterator[Taken]]
    ) -> AsyncGenerator[Taken, None]:
        opened = await self._begun()
        reader = opened.reader(self._party)
        error: CallError | None = None
        try:
            async for piece in opened.response:
                for taken in take(opened, reader, piece):
                    yield taken
                if reader.done:
                    await _let_end(opened.response)
                    return
            reader.finish()
        except TransportError as failed:
            error = reader.truncated()
            raise error from failed
        except CallError as failed:
            error = failed
            raise
        finally:
            await self._end(error)

    async def collect(self) -> Collected:
        """`Stream.collect`, awaited."""
        collector = Collector()
        async for chunk in self:
            collector.add(chunk)
        return collector.message()

    async def aclose(self) -> None:
        """Drop what has not been read. Nothing is sent by closing."""
        await self._end(None)

    async def _end(self, error: CallError | None) -> None:
        if self._over(self._opened, error) and self._opened is not None:
            await self._opened.response.aclose()

    async def __aenter__(self) -> Self:
        await self._begun()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def _begun(self) -> Opened[AsyncResponse]:
        if self._opened is None:
            self._opened = await self._send()
        return self._opened


async def _let_end(response: AsyncResponse) -> None:
    with suppress(TimeoutError, TransportError):
        async with asyncio.timeout(LINGER_S):
            async for _ in response:
                pass  # nothing behind `[DONE]` counts
