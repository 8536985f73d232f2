"""A port in front of a node that passes every byte on and keeps what went by, with the time of each piece.

A node's own journal has what a rule looks at; what nobody may send has to be looked for in everything that was sent.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import struct
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Final, Literal, TypeAlias
from urllib.parse import urlsplit

Piece: TypeAlias = tuple[int, bytes]
"""Nanoseconds of the wall clock, and the bytes that went by then."""
Behind: TypeAlias = str | Literal["nobody"]
"""The URL that is passed on to, or a stranger who answers everything by himself."""

KEPT_BYTES: Final = 256 * 1024 * 1024
_CHUNK: Final = 256 * 1024
_NO_LINGER: Final = struct.pack("ii", 1, 0)
_DATE: Final = re.compile(rb"(\r\n[Dd]ate: )([^\r]{29})(?=\r\n)")
_WORDS: Final = b'{"choices":[{"index":0,"message":{"role":"assistant","content":"A stranger."}}]}'
_STRANGER: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%b"
    % (len(_WORDS), _WORDS)
)


@dataclass
class Recording:
    """One connection: what the client sent, and what it was sent."""

    sent: list[Piece] = field(default_factory=list)
    answered: list[Piece] = field(default_factory=list)
    over: asyncio.Event = field(default_factory=asyncio.Event)


class Tap:
    """Listens on loopback. `behind` is where it passes on to; `shift_s` moves the `Date` of answers by so much."""

    def __init__(self, behind: Behind, shift_s: int = 0) -> None:
        self.recordings: list[Recording] = []
        self._behind = behind
        self._shift_s = shift_s
        self._kept = 0
        self._server: asyncio.Server | None = None

    async def open(self, port: int = 0) -> int:
        """Begin to listen; the port. Raises OSError where it is taken."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", port, limit=_CHUNK)
        found: int = self._server.sockets[0].getsockname()[1]
        return found

    async def settle(self, seconds: float) -> None:
        """Wait until every connection is over, at most so long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                for recording in tuple(self.recordings):
                    await recording.over.wait()

    async def close(self) -> None:
        """Listen no more. Connections end with the event loop."""
        if self._server is not None:
            self._server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        recording = Recording()
        self.recordings.append(recording)
        try:
            if self._behind == "nobody":
                await self._play_stranger(recording, reader, writer)
            else:
                await self._relay(recording, reader, writer)
        finally:
            writer.close()
            recording.over.set()

    async def _relay(self, recording: Recording, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        place = urlsplit(self._behind)
        try:
            from_node, to_node = await asyncio.open_connection(place.hostname, place.port, limit=_CHUNK)
        except OSError:
            _reset(writer)
            return
        there = asyncio.create_task(self._pump(reader, to_node, recording.sent))
        back = asyncio.create_task(self._pump(from_node, writer, recording.answered, self._shift_s))
        try:
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
            if back.done() and isinstance(back.exception(), ConnectionError):
                _reset(writer)
            elif back.done() and not there.done():
                # What is still on its way from the client is kept too: a node may answer before it has read it all.
                writer.close()
                await asyncio.wait({there}, timeout=0.05)
        finally:
            for task in (there, back):
                task.cancel()
            await asyncio.gather(there, back, return_exceptions=True)
            to_node.close()

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, kept: list[Piece], shift_s: int = 0
    ) -> None:
        while piece := await reader.read(_CHUNK):
            self._keep(kept, piece)
            if shift_s:
                piece = _DATE.sub(lambda found: found[1] + _moved(found[2], shift_s), piece)
            writer.write(piece)
            await writer.drain()

    async def _play_stranger(
        self, recording: Recording, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Answer as a model would, so that a client which came here by mistake takes it for one."""
        with contextlib.suppress(OSError, TimeoutError):
            while piece := await asyncio.wait_for(reader.read(_CHUNK), 0.2):
                self._keep(recording.sent, piece)
        with contextlib.suppress(OSError):
            writer.write(_STRANGER)
            await writer.drain()

    def _keep(self, kept: list[Piece], piece: bytes) -> None:
        self._kept += len(piece)
        if self._kept <= KEPT_BYTES:
            kept.append((time.time_ns(), piece))


def closed_port() -> socket.socket:
    """A port of loopback at which connections are refused, for as long as the socket is kept."""
    held = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    held.bind(("127.0.0.1", 0))
    return held


def _reset(writer: asyncio.StreamWriter) -> None:
    """End a connection as the node did: by TCP RST."""
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    writer.transport.abort()


def _moved(date: bytes, seconds: int) -> bytes:
    try:
        moment = parsedate_to_datetime(date.decode("ascii"))
    except ValueError:
        return date
    moved: datetime = moment.astimezone(UTC) + timedelta(seconds=seconds)
    return format_datetime(moved, usegmt=True).encode("ascii")
