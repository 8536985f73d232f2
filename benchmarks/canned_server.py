"""A server that answers every chat request with the same bytes, for measuring what clients cost.

It is a process of its own, `python -m benchmarks.canned_server`, so that the CPU of the client's process is the
client's alone. It checks no signature and reads no JSON: a request is a head, a length, and a body that asks for a
stream or does not. The first line on stdout says where it is; it serves until its stdin is closed.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from benchmarks.child import child

CHUNKS: Final = 100
"""Completion chunks of a streamed answer, before `[DONE]`."""

_LENGTH: Final = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_STREAMED: Final = re.compile(rb'"stream" *: *true')
_OBJECT: Final = {"id": "chatcmpl-canned", "created": 1_766_422_712, "model": "canned"}
_USAGE: Final = {"prompt_tokens": 9, "completion_tokens": CHUNKS, "total_tokens": CHUNKS + 9}


@dataclass(frozen=True, slots=True)
class CannedServer:
    """Where it is: a base URL that includes /v1, and its process id."""

    url: str
    pid: int


@contextmanager
def canned_server() -> Iterator[CannedServer]:
    """The server in a process of its own, which has ended when the block is left, or when we are gone.

    Raises RuntimeError when it does not start.
    """
    with child("benchmarks.canned_server") as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        if not line:
            raise RuntimeError("the canned server did not start; read above what it wrote about it")
        yield CannedServer(json.loads(line)["url"], process.pid)


def answer() -> bytes:
    """The head and body of a whole answer."""
    message = {"role": "assistant", "content": "I am fine, thank you. How can I help you today?"}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    body = _json(_OBJECT | {"object": "chat.completion", "choices": [choice], "usage": _USAGE})
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def stream() -> bytes:
    """The head and body of a streamed answer. Each event is an HTTP chunk of its own, as a node sends it."""
    deltas = [{"role": "assistant", "content": ""}, *[{"content": f" word{n}"} for n in range(1, CHUNKS - 1)], {}]
    events = [_event(delta, "stop" if not delta else None) for delta in deltas]
    events[-1] |= {"usage": _USAGE}
    lines = [b"data: " + text + b"\n\n" for text in [*map(_json, events), b"[DONE]"]]
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
    return head + b"".join(b"%x\r\n%b\r\n" % (len(line), line) for line in [*lines, b""])


def _event(delta: dict[str, str], finish_reason: str | None) -> dict[str, Any]:
    choice = {"index": 0, "delta": delta, "finish_reason": finish_reason}
    return _OBJECT | {"object": "chat.completion.chunk", "choices": [choice]}


def _json(what: object) -> bytes:
    return json.dumps(what, separators=(",", ":")).encode()


class _Connection(asyncio.Protocol):
    """One connection, kept open; requests that arrive together are answered in their order."""

    _WHOLE: Final = answer()
    _STREAM: Final = stream()
    _transport: asyncio.Transport

    def __init__(self) -> None:
        self._received = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._received += data
        while (end := self._received.find(b"\r\n\r\n") + 4) > 3:
            length = _LENGTH.search(self._received, 0, end)
            whole = end + (int(length[1]) if length else 0)
            if len(self._received) < whole:
                return
            streamed = _STREAMED.search(self._received, end, whole)
            self._received = self._received[whole:]
            self._transport.write(self._STREAM if streamed else self._WHOLE)


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(_Connection, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    _tell({"url": f"http://127.0.0.1:{port}/v1"})
    await loop.run_in_executor(None, sys.stdin.buffer.read)
    server.close()


def _tell(what: object) -> None:
    # Not print: what it could not write to somebody who is gone, it would try again when the interpreter ends.
    with contextlib.suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    asyncio.run(_serve())
