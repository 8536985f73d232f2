"""A `Reply` becomes bytes on a socket. The only place that writes to one."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from collections.abc import Iterable
from typing import Final

from aiohttp import HttpVersion11, web
from multidict import CIMultiDict

from .at_once import at_once
from .reply import Drop, Pause, Reply, Step

TOGETHER: Final = 64 * 1024
"""Bytes that are due at once are written together up to here."""
_NO_LINGER: Final = struct.pack("ii", 1, 0)


class _Dropped(Exception):
    """The connection was ended, by a step or by a client that does not read."""


async def write(request: web.Request, reply: Reply, patience_s: float = 60.0) -> web.StreamResponse:
    """Write a reply; a piece that is not read for `patience_s` seconds ends the connection.

    Returns what the framework wants back, also where the connection is gone.
    """
    body = _plain_body(reply)
    if body is None:
        return await _Writer(request, reply, patience_s).write()
    # What stands in front of the handlers may want to change an answer, and then it has to be one of the framework's.
    quick = None if request.app.middlewares else at_once(request, reply, body)
    return _response(reply, body) if quick is None else quick


def _response(reply: Reply, body: bytes) -> web.Response:
    response = web.Response(status=reply.status, body=body, headers=reply.headers)
    if reply.close:
        response.force_close()
    return response


def _plain_body(reply: Reply) -> bytes | None:
    """The body, where the reply is nothing but a short body that is there at once."""
    steps = reply.steps
    if reply.before or not isinstance(steps, tuple) or len(steps) != 1 or not isinstance(steps[0], bytes):
        return None
    body = steps[0]
    return body if len(body) == reply.length and len(body) <= TOGETHER else None


class _Writer:
    """Writes one reply step by step."""

    def __init__(self, request: web.Request, reply: Reply, patience_s: float) -> None:
        self._request = request
        self._reply = reply
        self._patience_s = patience_s
        self._response = web.StreamResponse(status=reply.status, headers=CIMultiDict(reply.headers))
        if reply.close:
            self._response.force_close()
        self._frame()

    def _frame(self) -> None:
        """How a client sees where the body ends: a length, chunks, or the end of the connection."""
        if self._reply.length is not None:
            self._response.content_length = self._reply.length
        elif self._request.version >= HttpVersion11:
            self._response.enable_chunked_encoding()
        else:
            self._response.force_close()

    async def write(self) -> web.StreamResponse:
        with contextlib.suppress(_Dropped, ConnectionError):
            for step in self._reply.before:
                await self._act(step)
            await self._response.prepare(self._request)
            await self._steps(self._reply.steps)
            await self._response.write_eof()
        return self._response

    async def _steps(self, steps: Iterable[Step]) -> None:
        due = bytearray()
        for step in steps:
            if isinstance(step, bytes):
                due += step
                if len(due) >= TOGETHER:
                    await self._flush(due)
                continue
            await self._flush(due)
            await self._act(step)
        await self._flush(due)

    async def _flush(self, due: bytearray) -> None:
        piece = bytes(due)
        due.clear()
        try:
            async with asyncio.timeout(self._patience_s):
                if piece:
                    await self._response.write(piece)
        except TimeoutError:
            self._drop(hard=True)
            raise _Dropped from None

    async def _act(self, step: Pause | Drop) -> None:
        if isinstance(step, Drop):
            await self._drained()
            self._drop(hard=step.hard)
            raise _Dropped
        await asyncio.sleep(step.seconds)
        transport = self._request.transport
        if transport is None or transport.is_closing():
            raise _Dropped

    async def _drained(self) -> None:
        """Let what was written leave, so that a drop cuts where it is meant to."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience_s):
                while self._buffered():
                    await asyncio.sleep(0.001)

    def _buffered(self) -> int:
        transport = self._request.transport
        return transport.get_write_buffer_size() if isinstance(transport, asyncio.WriteTransport) else 0

    def _drop(self, *, hard: bool) -> None:
        transport = self._request.transport
        if not isinstance(transport, asyncio.WriteTransport):
            return
        if not hard:
            transport.close()
            return
        endpoint = transport.get_extra_info("socket")
        if endpoint is not None:
            endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
        transport.abort()
