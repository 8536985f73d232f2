"""What a proxy in front of a mock node adds to an answer: node, proxy and client in three processes, as in real life.

The client is a socket: bytes out, bytes in, one connection kept open to each of the two, asked in turn. So what the two
times differ by is the proxy: its HTTP on both sides, its reading of the request, its signature.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Final
from urllib.parse import urlsplit

from benchmarks.node_load import node_process, signed_requests
from gonka_bench.workload import SECRET, chat_payload
from gonka_core import Endpoint

API_KEY: Final = "sk-a-key-for-benchmarks"
WHOLE: Final = chat_payload(200)
STREAMED: Final = b'{"model":"m","messages":[{"role":"user","content":"Count."}],"stream":true}'
_HEAD_END: Final = b"\r\n\r\n"
_COMMAND: Final = "from gonka_core.cli.proxy import proxy; proxy()"


@dataclass(frozen=True, slots=True)
class Added:
    """Medians in seconds: of an answer of the node, of one through the proxy, and of what the latter took longer."""

    direct_s: float
    proxied_s: float
    added_s: float


@contextmanager
def proxy_process(endpoint: Endpoint, *arguments: str) -> Iterator[str]:
    """`gonka proxy` in front of an endpoint, in a process of its own: its base URL."""
    given = ["--port", "0", "--json", "--endpoint", endpoint.url, "--provider-address", endpoint.provider_address]
    environment = {**os.environ, "GONKA_PROXY_API_KEY": API_KEY, "GONKA_PRIVATE_KEY": SECRET.hex()}
    command = [sys.executable, "-c", _COMMAND, *given, *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            if not line:
                raise RuntimeError("the proxy did not start; read above what it wrote about it")
            yield json.loads(line)["url"]
        finally:
            process.terminate()
            process.wait(timeout=20)


class Line:
    """One connection that is kept open. Raises RuntimeError for an answer that is none, or is refused."""

    def __init__(self, url: str) -> None:
        at = urlsplit(url)
        self._socket = socket.create_connection((at.hostname or "", at.port or 80), timeout=30)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def whole(self, request: bytes) -> float:
        """Seconds from the first byte out to the last byte in of an answer with a length."""
        started = time.perf_counter()
        self._socket.sendall(request)
        head, arrived = self._head()
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        while arrived < length:
            arrived += len(self._some())
        return time.perf_counter() - started

    def first_event(self, request: bytes) -> float:
        """Seconds until the first event of a stream is there, which is then read to its end."""
        started = time.perf_counter()
        self._socket.sendall(request)
        head, arrived = self._head()
        if not arrived:
            self._some()
        took = time.perf_counter() - started
        if b"chunked" not in head.lower():
            raise RuntimeError("the answer is no stream")
        while not self._last.endswith(b"0\r\n\r\n"):
            self._some()
        return took

    def close(self) -> None:
        self._socket.close()

    def _head(self) -> tuple[bytes, int]:
        received = b""
        while _HEAD_END not in received:
            received += self._some()
        head, _, rest = received.partition(_HEAD_END)
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"a request of the benchmark was refused: {received[:400]!r}")
        return head, len(rest)

    def _some(self) -> bytes:
        self._last = self._socket.recv(1 << 16)
        if not self._last:
            raise RuntimeError("the connection was closed within an answer")
        return self._last


def request(url: str, payload: bytes) -> bytes:
    """What a program sends to the proxy."""
    head = (
        f"POST /v1/chat/completions HTTP/1.1\r\nHost: {urlsplit(url).netloc}\r\nAuthorization: Bearer {API_KEY}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(payload)}\r\n\r\n"
    )
    return head.encode() + payload


def added(*, streamed: bool = False, rounds: int = 20, each: int = 50, arguments: tuple[str, ...] = ()) -> Added:
    """Ask so many times, turn about; what is added is the median of what each pair differs by.

    On a machine that others use as well the calmer half of the rounds counts: those in which the node alone was
    fastest, so that the choice does not look at the proxy.
    """
    payload = STREAMED if streamed else WHOLE
    taken: list[list[tuple[float, float]]] = []
    with ExitStack() as stack:
        node = stack.enter_context(node_process())
        url = stack.enter_context(proxy_process(node.endpoint, *arguments))
        lines = Line(node.endpoint.url), Line(url)
        for line in lines:
            stack.callback(line.close)
        straight, through = (line.first_event if streamed else line.whole for line in lines)
        plain = request(url, payload)
        for _ in range(rounds + 1):
            signed = signed_requests(node.endpoint, each, payload)
            taken.append([(straight(one), through(plain)) for one in signed])
    calm = sorted(taken[1:], key=_node_alone)[: (rounds + 1) // 2]  # the first one opens connections and warms up
    pairs = [pair for found in calm for pair in found]
    return Added(
        median(direct for direct, _ in pairs),
        median(proxied for _, proxied in pairs),
        median(proxied - direct for direct, proxied in pairs),
    )


def _node_alone(pairs: list[tuple[float, float]]) -> float:
    return median(direct for direct, _ in pairs)
