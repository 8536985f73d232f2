"""`/mock/events`: verdicts as they fall, and the state when it changes, as server-sent events.

Each listener has a bounded queue: one that reads too slowly loses the oldest events and is told how many. A listener
that went away is noticed at the next tick at the latest.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Mapping
from typing import Any, Final

from aiohttp import web

from gonka_mock_node.journal import Verdict
from gonka_mock_node.reply import go_json

from .calls import Call, ControlError
from .fields import query_fields
from .network import Network
from .overview import fingerprint, state

LISTENERS: Final = 64
"""Listeners of one node."""
QUEUED: Final = 500
"""Events that wait for one listener."""
_HEADERS: Final = {
    "Content-Type": "text/event-stream; charset=utf-8",
    "Cache-Control": "no-store",
    "X-Accel-Buffering": "no",
}


class Events:
    """The listeners of one node. `tick_s` is how often changes of the state are looked for, seconds."""

    def __init__(
        self, network: Network, *, tick_s: float = 0.5, heartbeat_s: float = 15.0, write_timeout_s: float = 30.0
    ) -> None:
        self._network = network
        self._tick_s = tick_s
        self._heartbeat_s = heartbeat_s
        self._write_timeout_s = write_timeout_s
        self._listeners: list[_Listener] = []
        self._closed = False

    def __len__(self) -> int:
        return len(self._listeners)

    def wake(self) -> None:
        """Look for changes now."""
        for listener in self._listeners:
            listener.wake()

    async def close(self, _app: object = None) -> None:
        """End every stream; the node stops."""
        self._closed = True
        self.wake()

    async def stream(self, call: Call) -> web.StreamResponse:
        """Send events until the listener goes away or the node stops."""
        since = _since(call)
        if len(self._listeners) >= LISTENERS:
            raise ControlError(409, f"{LISTENERS} listeners are connected; close some pages that show this node")
        response = web.StreamResponse(headers=_HEADERS)
        listener = _Listener(self._network, since)
        self._listeners.append(listener)
        self._closed = False
        try:
            with contextlib.suppress(ConnectionError, TimeoutError):
                await response.prepare(call.request)
                await self._serve(call.request, response, listener)
        finally:
            self._listeners.remove(listener)
            listener.stop()
        return response

    async def _serve(self, request: web.Request, response: web.StreamResponse, listener: _Listener) -> None:
        silent_s = 0.0
        await self._write(response, b"retry: 1000\n\n")
        while not self._closed and request.transport is not None:
            due = listener.due()
            if not due and silent_s >= self._heartbeat_s:
                due = b": still here\n\n"
            if due:
                await self._write(response, due)
                silent_s = 0.0
            if not await listener.woken(self._tick_s):
                silent_s += self._tick_s

    async def _write(self, response: web.StreamResponse, data: bytes) -> None:
        async with asyncio.timeout(self._write_timeout_s):
            await response.write(data)


class _Listener:
    """What waits for one listener: first the verdicts after `since` that are kept, then each as it falls."""

    def __init__(self, network: Network, since: int | None) -> None:
        self._network = network
        self._waiting: deque[Verdict] = deque(maxlen=QUEUED)
        self._dropped = 0
        self._known: tuple[object, ...] = ()
        self._event = asyncio.Event()
        self.stop = network.journal.listen(self._put)
        for verdict in network.journal if since is not None else ():
            if verdict.number > (since or 0):
                self._put(verdict)

    def wake(self) -> None:
        self._event.set()

    async def woken(self, seconds: float) -> bool:
        """Wait for something to be due, so long at most; whether it was."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._event.wait()
        was_set = self._event.is_set()
        self._event.clear()
        return was_set

    def due(self) -> bytes:
        """Everything that waits, as it goes over the wire."""
        pieces = [b""]
        if self._dropped:
            pieces.append(_event("dropped", {"event": "dropped", "count": self._dropped}))
            self._dropped = 0
        while self._waiting:
            verdict = self._waiting.popleft()
            pieces.append(_event("verdict", verdict.as_event(), verdict.number))
        now = fingerprint(self._network)
        if now != self._known:
            self._known = now
            pieces.append(_event("state", {"event": "state", **state(self._network)}))
        return b"".join(pieces)

    def _put(self, verdict: Verdict) -> None:
        self._dropped += len(self._waiting) == QUEUED
        self._waiting.append(verdict)
        self._event.set()


def _event(kind: str, value: Mapping[str, Any], number: int | None = None) -> bytes:
    identity = b"" if number is None else b"id: %d\n" % number
    return identity + f"event: {kind}\n".encode() + b"data: " + go_json(value) + b"\n\n"


def _since(call: Call) -> int | None:
    """The number of the last request that the listener knows. A browser says it when it connects again."""
    fields = query_fields(call)
    since = fields.integer("since")
    fields.require_no_more()
    last = call.request.headers.get("Last-Event-ID", "")
    return int(last) if last.isascii() and last.isdecimal() and len(last) <= 18 else since
