"""A long stream goes through: the proxy's process stays as large as it was."""

from __future__ import annotations

import resource
import socket
from pathlib import Path

import httpx
import pytest

from gonka_mock_node import MockNetwork, Said
from tests.proxy.programs import API_KEY, running
from tests.proxy.serving import body

MEGABYTES = 50
EVENT = 30_000
LONG = Said(tokens=[" " + "x" * 999] * (MEGABYTES * 1_000_000 // EVENT + 1))
"""A node tells the probabilities of each token too, and of five others: an event has thirty times its length."""
KEPT_MB = 20
"""What a reader of streams keeps of one for who wants to see what arrived before it broke off, and more."""


def resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 1e6


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="there is no /proc here")
def test_fifty_megabytes_leave_nothing_behind() -> None:
    with (
        MockNetwork(1, profile="v0.2.13", answer=lambda payload: LONG, explain=False) as network,
        running(network, "--json", GONKA_PROXY_API_KEY=API_KEY) as proxy,
    ):
        url, pid = proxy.ready["url"], proxy.process.pid
        first = _streamed(url, pid)
        second = _streamed(url, pid)
    assert first[0] >= MEGABYTES
    assert first[2] - first[1] < KEPT_MB, "one stream, of three times that"
    assert second[2] - first[2] < 4, "and the next one needs no more"


def _streamed(url: str, pid: int) -> tuple[float, float, float]:
    """Megabytes of a stream, and of the process before it and at its largest meanwhile."""
    before = largest = resident_mb(pid)
    size = 0
    with httpx.stream(
        "POST", f"{url}/chat/completions", content=body(stream=True), headers={"api-key": API_KEY}, timeout=60
    ) as answer:
        for piece in answer.iter_raw():
            size += len(piece)
            largest = max(largest, resident_mb(pid))
    return size / 1e6, before, largest


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="there is no /proc here")
def test_a_client_that_does_not_read_fills_nothing() -> None:
    with (
        MockNetwork(1, profile="v0.2.13", answer=lambda payload: LONG, explain=False) as network,
        running(network, "--json", GONKA_PROXY_API_KEY=API_KEY) as proxy,
    ):
        at = httpx.URL(proxy.ready["url"])
        sent = body(stream=True)
        with socket.create_connection((at.host, at.port or 0)) as idle:
            head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\napi-key: {API_KEY}\r\n"
            idle.sendall(f"{head}Content-Length: {len(sent)}\r\n\r\n".encode() + sent)
            before = resident_mb(proxy.process.pid)
            assert idle.recv(1000)
            for _ in range(20):  # others are served meanwhile
                assert httpx.get(f"{proxy.ready['url']}/models", headers={"api-key": API_KEY}).status_code == 200
            assert resident_mb(proxy.process.pid) - before < KEPT_MB
