"""A load for the mock node: a process of its own, and requests signed beforehand over connections kept open.

The client does as little as it can (bytes out, bytes in, no HTTP library), so that what is timed is the node.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from gonka_bench.workload import KEY, chat_payload
from gonka_core import Endpoint, sign_request
from gonka_core.resolve import signer

CONNECTIONS: Final = 16
PAYLOAD: Final = chat_payload(200)
_REQUEST: Final = "POST /v1/chat/completions HTTP/1.1"
_LONGEST: Final = 1024 * 1024
"""Bytes of a streamed answer."""


def cpu_s(pid: int) -> float:
    """Seconds of CPU that a process has used, by Linux's clock of other processes; 0 where there is none."""
    try:
        return time.clock_gettime(~pid << 3 | 2)
    except (AttributeError, OSError):
        return 0.0


@dataclass(frozen=True)
class NodeProcess:
    """A mock node in a process: its endpoint, its process id, the seconds from its start to its ready line."""

    endpoint: Endpoint
    pid: int
    ready_s: float

    def cpu_s(self) -> float:
        """Seconds of CPU that the process has used."""
        return cpu_s(self.pid)


@contextmanager
def node_process(*arguments: str) -> Iterator[NodeProcess]:
    """Start `python -m gonka_mock_node`, which says where it listens in JSON, and end it by its id."""
    command = [sys.executable, "-m", "gonka_mock_node", "--port", "0", "--json-log", *arguments]
    started = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        (node,) = json.loads(process.stdout.readline())["nodes"]
        ready_s = time.perf_counter() - started
        drain = subprocess.Popen(["cat"], stdin=process.stdout, stdout=subprocess.DEVNULL)
        try:
            yield NodeProcess(Endpoint(node["url"], node["provider_address"]), process.pid, ready_s)
        finally:
            process.terminate()
            process.wait(timeout=20)
            drain.wait(timeout=20)


def signed_requests(endpoint: Endpoint, count: int, payload: bytes = PAYLOAD) -> list[bytes]:
    """So many requests with that body, each with a timestamp and signature of its own, as HTTP bytes."""
    holder = signer("coincurve", lambda: KEY)
    made: list[bytes] = []
    for _ in range(count):
        request = sign_request(payload, endpoint, holder)
        headers = {"Host": "node", "Content-Length": str(len(payload)), **request.headers}
        head = "\r\n".join([_REQUEST, *(f"{name}: {value}" for name, value in headers.items())])
        made.append(head.encode() + b"\r\n\r\n" + payload)
    return made


def run(endpoint: Endpoint, requests: list[bytes], connections: int = CONNECTIONS) -> None:
    """Send them all, each connection one after the other; raises unless every one is answered with 200."""
    asyncio.run(_run(endpoint, requests, connections))


async def _run(endpoint: Endpoint, requests: list[bytes], connections: int) -> None:
    await asyncio.gather(*(_one(endpoint, requests[start::connections]) for start in range(connections)))


async def _one(endpoint: Endpoint, requests: list[bytes]) -> None:
    host, _, port = endpoint.url.removeprefix("http://").removesuffix("/v1").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=_LONGEST)
    try:
        for request in requests:
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            body = await _body(reader, head.lower())
            if not head.startswith(b"HTTP/1.1 200"):
                raise RuntimeError(f"the node refused a request of the benchmark: {body[:200]!r}")
    finally:
        writer.close()


async def _body(reader: asyncio.StreamReader, head: bytes) -> bytes:
    if b"transfer-encoding: chunked" in head:
        return await reader.readuntil(b"\r\n0\r\n\r\n")
    return await reader.readexactly(int(head.partition(b"content-length:")[2].partition(b"\r\n")[0]))


if __name__ == "__main__":
    _url, _provider_address, _count = sys.argv[1:]
    _endpoint = Endpoint(_url, _provider_address)
    run(_endpoint, signed_requests(_endpoint, int(_count)))
