"""The canned server answers as HTTP says, in whatever pieces it is asked, and ends with whoever started it."""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.canned_server import CHUNKS, CannedServer, answer, canned_server, stream

ROOT: Final = Path(__file__).parents[2]
STREAM: Final = json.dumps({"model": "m", "messages": [], "stream": True}).encode()
WHOLE: Final = json.dumps({"model": "m", "messages": [], "stream": False}).encode()

ORPHAN: Final = """
import os, signal
from benchmarks.canned_server import canned_server

with canned_server():
    os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[CannedServer]:
    with canned_server() as started:
        yield started


def place(server: CannedServer) -> tuple[str, int]:
    where = urlsplit(server.url)
    assert where.path == "/v1"
    assert where.port is not None
    return str(where.hostname), where.port


def request(body: bytes) -> bytes:
    head = f"POST /v1/chat/completions HTTP/1.1\r\nHost: node\r\nContent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def test_whole_and_streamed_answers_over_one_connection(server: CannedServer) -> None:
    connection = http.client.HTTPConnection(*place(server), timeout=10)
    connection.connect()
    kept = connection.sock
    for _ in range(2):
        connection.request("POST", "/v1/chat/completions", WHOLE)
        response = connection.getresponse()
        assert response.headers["Content-Type"] == "application/json"
        assert json.load(response)["choices"][0]["message"]["content"]
        connection.request("POST", "/v1/chat/completions", STREAM)
        response = connection.getresponse()
        assert response.headers["Content-Type"] == "text/event-stream"
        events = response.read().split(b"\n\n")
        assert events[CHUNKS:] == [b"data: [DONE]", b""]
        chunks = [json.loads(event.removeprefix(b"data: ")) for event in events[:CHUNKS]]
        assert [chunk["choices"][0]["finish_reason"] for chunk in chunks] == [None] * (CHUNKS - 1) + ["stop"]
        assert connection.sock is kept
    connection.close()


@given(st.lists(st.booleans(), min_size=1, max_size=5), st.lists(st.integers(1, 200), min_size=20, max_size=20))
@settings(max_examples=25, deadline=None)
def test_requests_in_any_pieces_are_answered_in_their_order(
    server: CannedServer, streamed: list[bool], sizes: list[int]
) -> None:
    sent = b"".join(request(STREAM if one else WHOLE) for one in streamed)
    expected = b"".join(stream() if one else answer() for one in streamed)
    with socket.create_connection(place(server), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for size in [*sizes, len(sent)]:
            piece, sent = sent[:size], sent[size:]
            connection.sendall(piece)
        connection.shutdown(socket.SHUT_WR)
        received = b"".join(iter(lambda: connection.recv(65536), b""))
    assert received == expected


def test_it_lives_in_another_process_and_has_ended_after_the_block() -> None:
    with canned_server() as started:
        assert started.pid != os.getpid()
        where = place(started)
        socket.create_connection(where, timeout=10).close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(where, timeout=10)


def test_it_ends_when_its_parent_dies() -> None:
    # Its stderr is the server's as well: it is at its end when both are gone, and until then `run` does not return.
    command = [sys.executable, "-c", ORPHAN]
    dead = subprocess.run(command, cwd=ROOT, stderr=subprocess.PIPE, text=True, timeout=30, check=False)
    assert dead.returncode == -signal.SIGKILL
    assert dead.stderr == ""
