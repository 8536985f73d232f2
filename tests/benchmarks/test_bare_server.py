"""The server that the mock node is compared with verifies for real: it takes what was signed and nothing else."""

from __future__ import annotations

import http.client
import os
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import pytest

from benchmarks.verifying_server import ANSWER, VerifyingServer, verifying_server
from gonka_bench.workload import ENDPOINT, KEY, chat_payload
from gonka_core import sign_request
from gonka_core.resolve import signer

BODY: Final = chat_payload(200)


@pytest.fixture(scope="module")
def server() -> Iterator[VerifyingServer]:
    with verifying_server(signer("coincurve", lambda: KEY).public_key, ENDPOINT.provider_address) as started:
        yield started


def ask(server: VerifyingServer, body: bytes, **changed: str) -> tuple[int, bytes]:
    headers = {**sign_request(BODY, server.endpoint, signer("coincurve", lambda: KEY)).headers, **changed}
    connection = http.client.HTTPConnection(urlsplit(server.endpoint.url).netloc, timeout=10)
    try:
        connection.request("POST", "/v1/chat/completions", body, headers)
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def test_what_was_signed_is_taken(server: VerifyingServer) -> None:
    assert server.pid != os.getpid()
    assert ask(server, BODY) == (200, ANSWER)


def test_one_changed_byte_is_not(server: VerifyingServer) -> None:
    assert ask(server, BODY[:-2] + b" }")[0] == 401


def test_nor_another_timestamp(server: VerifyingServer) -> None:
    assert ask(server, BODY, **{"X-Timestamp": "1"})[0] == 401
