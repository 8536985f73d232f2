"""Anything at all may be sent to a node: it answers or closes, in its own words, and goes on."""

from __future__ import annotations

import gc
import http.client
import json
import logging
import os
import re
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gonka_core.address import address_of
from gonka_mock_node import PROFILES, Chain, MockNode, Verdict
from gonka_mock_node.chain import state
from gonka_mock_node.curve import CURVE
from gonka_mock_node.journal import Journal
from gonka_mock_node.limits import Limits
from gonka_mock_node.replay import ReplayMemory
from tests.mock_node.requester import BODY, Requester, get, send

NAMED = re.compile(
    r"rpc error: code = |Unable to validate|unexpected end|invalid character|json: cannot unmarshal|exceeded max depth"
    r"|Inference node response|message role|message content|expected 2 proof ops|invalid commit signatures"
)
PATHS = [
    "/v1/chat/completions", "/v1/completions", "/v1/status", "/v1/models", "/v1/identity", "/v1/participants",
    "/v1/participants/x", "/v2/accounts/gonka1x", "/v1/epochs/current/participants", "/v1/epochs/0/participants",
    "/v1/epochs/x/participants", "/v1/pricing", "/v1/verify-proof", "/v1/verify-block", "/chain-rpc/status",
    "/chain-api/productscience/inference/inference/params", "/mock/requests", "/mock/faults", "/mock/clock",
    "/mock/accounts", "/mock/expectations", "/mock/state", "/mock/params", "/",
]  # fmt: skip
HEADERS = [
    "Authorization", "X-Requester-Address", "X-Timestamp", "X-Transfer-Address", "X-Inference-Id", "X-Seed", "Expect",
    "X-TA-Signature", "X-Prompt-Hash", "Content-Type", "Content-Encoding", "Host", "Origin",
]  # fmt: skip
VALUE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0xFF, exclude_characters="\x7f"), max_size=60)
JSON_VALUE = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=12,
)
PAYLOAD = st.fixed_dictionaries(
    {},
    optional={
        "model": JSON_VALUE, "messages": JSON_VALUE, "prompt": JSON_VALUE, "stream": JSON_VALUE, "seed": JSON_VALUE,
        "max_tokens": JSON_VALUE, "n": JSON_VALUE, "max_completion_tokens": JSON_VALUE, "name": JSON_VALUE,
    },
)  # fmt: skip
BODIES = st.binary(max_size=120) | PAYLOAD.map(lambda value: json.dumps(value).encode())
PATIENT = settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)


@pytest.fixture(scope="module", params=["seed", "v0.2.5", "gateway", "v0.2.14"])
def node(request: pytest.FixtureRequest) -> Iterator[MockNode]:
    with MockNode(profile=request.param) as node:
        yield node


@pytest.fixture(autouse=True)
def silence(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    """No traceback in any log."""
    with caplog.at_level(logging.DEBUG):
        yield
    loud = [record for record in caplog.records if record.levelno >= logging.WARNING or record.exc_info]
    assert not loud, [record.getMessage() for record in loud]


def connect(node: MockNode) -> socket.socket:
    parts = urlsplit(node.url)
    return socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20)


def until_closed(connection: socket.socket, limit: int = 10**8) -> bytes:
    received = bytearray()
    with suppress(ConnectionError):
        while len(received) < limit and (piece := connection.recv(65536)):
            received += piece
    return bytes(received)


def is_well(node: MockNode) -> None:
    assert get(node.url, "/v1/status").status == 200


@PATIENT
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "DELETE", "PATCH", "HEAD", "OPTIONS", "BREW"]),
    path=st.sampled_from(PATHS)
    | st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), max_size=20).map("/".__add__),
    headers=st.dictionaries(st.sampled_from(HEADERS), VALUE, max_size=6),
    body=BODIES,
)
def test_requests_of_all_kinds(node: MockNode, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
    node.reset()
    parts = urlsplit(node.url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=20)
    try:
        connection.putrequest(method, path, skip_host="Host" in headers, skip_accept_encoding=True)
        for name, value in {**headers, "Content-Length": str(len(body))}.items():
            connection.putheader(name, value.encode("latin-1"))
        connection.endheaders(body)
        response = connection.getresponse()
        answer = response.read()
    finally:
        connection.close()
    assert response.status < 500 or NAMED.search(answer.decode("utf-8", "replace")), answer
    assert b"Traceback" not in answer


@PATIENT
@given(
    st.binary(max_size=400)
    | st.from_regex(rb"(GET|POST) /[ -~]{0,30} HTTP/1\.[01]\r\n([!-~]{1,9}: ?[ -~]{0,20}\r\n){0,9}\r\n?.{0,40}")
)
def test_what_is_hardly_http(node: MockNode, sent: bytes) -> None:
    with connect(node) as connection:
        connection.sendall(sent)
        with suppress(OSError):
            connection.shutdown(socket.SHUT_WR)
        answer = until_closed(connection)
    assert not re.match(rb"HTTP/1\.[01] 5", answer) or NAMED.search(answer.decode("utf-8", "replace"))
    assert b"Traceback" not in answer


@pytest.mark.parametrize(
    ("count", "size"), [(10_000, 10), (5, 100_000), (1, 2_000_000)], ids=["many", "long", "endless"]
)
def test_headers_without_end(node: MockNode, count: int, size: int) -> None:
    with connect(node) as connection:
        with suppress(OSError):
            connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n")
            for number in range(count):
                connection.sendall(b"X-%d: %s\r\n" % (number, b"a" * size))
            connection.sendall(b"Content-Length: 0\r\n\r\n")
        answer = until_closed(connection, 4096)
    assert answer[9:12] in (b"400", b"431", b"413", b""), answer[:200]
    is_well(node)


def test_a_gigabyte_that_is_only_declared(node: MockNode) -> None:
    reply = send(node.url, {"Content-Length": str(2**30)}, b"", "POST")
    assert reply.status == 413
    is_well(node)


def test_duplicate_headers_the_first_counts() -> None:
    with MockNode() as node, connect(node) as connection:
        headers = Requester(node.provider_address).headers()
        lines = [f"{name}: {value}" for name, value in headers.items()]
        lines += [
            "Authorization: QQ==",
            "X-Timestamp: 1",
            "X-Requester-Address: gonka1",
            f"Content-Length: {len(BODY)}",
        ]
        head = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nConnection: close\r\n" + "\r\n".join(lines)
        connection.sendall(head.encode() + b"\r\n\r\n" + BODY)
        assert until_closed(connection).startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("depth", [1000, 100_000])
def test_deep_json(node: MockNode, depth: int) -> None:
    reply = send(node.url, {"Authorization": "Bearer x"}, b'{"messages":' + b"[" * depth)
    assert reply.status in (400, 410, 500)
    is_well(node)


def test_who_sends_its_head_slowly_is_let_go() -> None:
    with MockNode(limits=Limits(idle_s=0.2)) as node:
        with connect(node) as connection:
            connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nX-A: ")
            assert until_closed(connection) == b""
        with connect(node) as connection:
            assert until_closed(connection) == b""
        is_well(node)


def test_who_sends_its_body_slowly_is_told() -> None:
    with MockNode(limits=Limits(body_s=0.2, linger_s=0.1)) as node:
        with connect(node) as connection:
            connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            answer = until_closed(connection)
        assert answer.startswith(b"HTTP/1.1 408")
        assert b'{"error":"request body read timeout"}' in answer
        assert node.last_refusal is not None
        assert node.last_refusal.rule == "body"


def test_a_body_that_breaks_off() -> None:
    with MockNode() as node:
        with connect(node) as connection:
            connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{")
            connection.shutdown(socket.SHUT_WR)
            until_closed(connection)
        is_well(node)


def test_who_does_not_read_is_let_go() -> None:
    with MockNode(limits=Limits(write_s=0.2), answer=lambda _payload: "word " * 200_000) as node:
        requester = Requester(node.provider_address)
        body = json.dumps({**json.loads(BODY), "stream": True, "max_tokens": 10**6}).encode()
        with connect(node) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            lines = [f"{name}: {value}" for name, value in requester.headers(body).items()]
            head = "POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\n" + "\r\n".join(lines)
            connection.sendall(head.encode() + f"\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body)
            gone = node.until_idle(timeout_s=20)
            assert gone
            assert b"[DONE]" not in until_closed(connection)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="counts descriptors in /proc")
def test_no_descriptor_is_left_behind() -> None:
    with MockNode() as node:
        is_well(node)
        before = len(os.listdir("/proc/self/fd"))
        for number in range(100):
            with connect(node) as connection:
                connection.sendall(b"POST /v1/chat/completions HTTP/1.1\r\nContent-Length: 9\r\n\r\n"[: number % 80])
        is_well(node)  # connections are accepted in order: those before this one are no longer in the backlog
        assert node.until_idle(timeout_s=20)
        assert len(os.listdir("/proc/self/fd")) <= before


def test_a_journal_is_bounded_in_number_and_in_bytes() -> None:
    with MockNode() as node:
        requester = Requester(node.provider_address)
        requester.ask(node.url)
        verdict: Verdict = node.journal[0]
    journal = Journal(kept=10, kept_bytes=1000)
    for number in range(100):
        journal.add(verdict._replace(number=number), b"x" * 300)
    assert len(journal) == 10
    assert journal.totals()["accepted"] == 100
    held = [kept.size for number in range(200) if (kept := journal.kept(number)) is not None]
    assert sum(held) <= 1000
    assert len(held) == 3


def test_every_profile_is_played_by_something() -> None:
    assert {profile.kind for profile in PROFILES.values()} == {"classic", "gone", "gateway"}


def test_a_clock_that_stands_still_fills_no_memory() -> None:
    memory = ReplayMemory(most=10)
    for number in range(100):
        memory.record(str(number), 1, 30)
    assert len(memory) == 10
    assert memory.knows("99")
    assert not memory.knows("89")


def test_accounts_that_enrol_themselves_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(state, "MOST_ENROLLED", 3)
    chain = Chain()
    keys = [CURVE.public_key_of(bytes(31) + bytes([number])) for number in range(1, 8)]
    given = chain.fund(keys[0])
    for key in keys[1:]:
        assert chain.enrol(address_of(key), key).public_key == key
    assert [account.public_key for account in chain.accounts()] == [keys[0], *keys[-3:]]
    assert chain.enrol(given.address, keys[0]) == given


@pytest.mark.parametrize("sent", [b"", b"POST /v1/chat/completions HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n{"])
def test_a_node_that_ends_leaves_no_connection_behind(sent: bytes) -> None:
    """Also one that was accepted in the last moment: pytest makes an error of a socket that nobody closed."""
    for _ in range(3 if sent else 20):  # half of a request is waited for, a second each time
        with MockNode() as node:
            connection = connect(node)
            connection.sendall(sent)
        until_closed(connection)
        connection.close()
    gc.collect()
