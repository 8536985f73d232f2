"""The loopback server: it hears what is sent, plays what it is told, and lets go of everything in the end."""

from __future__ import annotations

import os
import socket
import ssl
import threading

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonka_conformance.transports import script
from gonka_conformance.transports.certificate import untrusted
from gonka_conformance.transports.environment import environment
from gonka_conformance.transports.received import read_request
from gonka_conformance.transports.script import always, by_target, chunk, hang_up, head, http, in_turn, reset
from gonka_conformance.transports.server import Loopback


class Buffer:
    """Bytes to read a request from, without a socket."""

    def __init__(self, data: bytes) -> None:
        self.data, self.waited_for = data, 0

    def until(self, mark: bytes) -> bytes:
        if mark not in self.data:
            raise EOFError
        return self.exactly(self.data.index(mark) + len(mark))

    def exactly(self, count: int) -> bytes:
        taken, self.data = self.data[:count], self.data[count:]
        if len(taken) < count:
            raise EOFError
        return taken

    def go_on(self) -> None:
        self.waited_for += 1


def connected(server: Loopback) -> socket.socket:
    host, _, port = server.address.partition(":")
    return socket.create_connection((host, int(port)), timeout=10)


def said(client: socket.socket, request: bytes) -> bytes:
    """What comes back until the server ends the connection, or nothing more is there."""
    client.sendall(request)
    return client.recv(65536)


GET = b"GET /v1/x HTTP/1.1\r\nHost: h\r\n\r\n"
NAMES = st.text("abcXYZ-", min_size=1, max_size=10)
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=255, exclude_characters="\x7f\x85\xa0"), max_size=20)


@given(body=st.binary(max_size=400), headers=st.lists(st.tuples(NAMES, VALUES), max_size=5))
@settings(max_examples=60, deadline=None)
def test_a_request_is_read_as_it_was_written(body: bytes, headers: list[tuple[str, str]]) -> None:
    lines = [f"{name}: {value}" for name, value in [*headers, ("Content-Length", str(len(body)))]]
    source = Buffer("\r\n".join(["POST /v1?a=b HTTP/1.1", *lines, "", ""]).encode("latin-1") + body + b"next")
    received = read_request(source, 3)
    assert (received.method, received.target, received.connection) == ("POST", "/v1?a=b", 3)
    assert received.headers == (*headers, ("Content-Length", str(len(body))))
    assert received.body == body
    assert source.data == b"next"


@given(pieces=st.lists(st.binary(min_size=1, max_size=50), max_size=5))
@settings(max_examples=40, deadline=None)
def test_a_body_in_chunks_is_put_together(pieces: list[bytes]) -> None:
    wire = b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"".join(map(chunk, pieces)) + chunk(b"")
    assert read_request(Buffer(wire), 0).body == b"".join(pieces)


def test_a_client_that_waits_is_told_to_go_on() -> None:
    source = Buffer(b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n{}")
    assert read_request(source, 0).body == b"{}"
    assert source.waited_for == 1


@pytest.mark.parametrize(
    ("wire", "error"),
    [
        (b"", EOFError),
        (b"GET / HTTP/1.1\r\nHost: h\r\n", EOFError),
        (b"POST / HTTP/1.1\r\nContent-Length: 5\r\n\r\nhalf", EOFError),
        (b"\x16\x03\x01 hello\r\nno header\r\n\r\n", ValueError),
    ],
    ids=["nothing", "half a head", "half a body", "no HTTP"],
)
def test_what_is_no_request_is_not_taken_for_one(wire: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        read_request(Buffer(wire), 0)


def test_a_repeated_header_is_kept_twice_and_in_order() -> None:
    received = read_request(Buffer(b"GET / HTTP/1.1\r\nX-A: 1\r\nx-a:  2 \r\n\r\n"), 0)
    assert received.values("X-a") == ["1", "2"]


def test_it_keeps_every_byte_of_every_connection() -> None:
    with Loopback() as server:
        for _ in range(2):
            with connected(server) as client:
                assert said(client, GET) == http(200, b"{}")
        assert [bytes(connection.wire) for connection in server.connections] == [GET, GET]
        assert [received.connection for received in server.received] == [0, 1]


def test_answers_come_in_turn_and_the_last_one_again() -> None:
    answers = in_turn((http(200, b"1"),), (http(500, b"2"),))
    with Loopback(answers) as server, connected(server) as client:
        assert [said(client, GET)[-1:] for _ in range(3)] == [b"1", b"2", b"2"]


def test_an_answer_may_depend_on_the_path() -> None:
    with Loopback(by_target(lambda last: (http(200, last.encode()),))) as server, connected(server) as client:
        assert said(client, GET).endswith(b"\r\n\r\nx")


def test_it_hangs_up_and_resets() -> None:
    with Loopback(always(hang_up)) as server, connected(server) as client:
        assert said(client, GET) == b""
    with Loopback(always(reset)) as server, connected(server) as client, pytest.raises(ConnectionResetError):
        said(client, GET)


def test_a_gate_holds_back_until_it_is_opened() -> None:
    with Loopback() as server, connected(server) as client:
        gate = server.gate()
        server.script = always(b"now", gate, b"later")
        assert said(client, GET) == b"now"
        client.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.recv(1)
        client.settimeout(10)
        gate.open()
        assert client.recv(10) == b"later"
        assert not gate.by_itself


def test_a_gate_that_nobody_opens_opens_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(script, "HELD_S", 0.05)
    with Loopback() as server, connected(server) as client:
        gate = server.gate()
        server.script = always(gate, b"late")
        assert said(client, GET) == b"late"
        assert gate.by_itself


def test_it_tells_when_a_client_ends_a_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gonka_conformance.transports.server.ENDED_WITHIN_S", 0.05)
    with Loopback() as server, connected(server) as client:
        said(client, GET)
        assert not server.ended(server.connections[0])
        client.close()
        assert server.wait_for(server.connections[0].ended.is_set)


def test_its_certificate_is_right_for_who_trusts_nobody_and_for_nobody_else() -> None:
    with Loopback(tls=untrusted()) as server:
        with connected(server) as client, pytest.raises(ssl.SSLCertVerificationError, match="self-signed"):
            ssl.create_default_context().wrap_socket(client, server_hostname="127.0.0.1")
        assert server.received == []
        trusting = ssl.create_default_context()
        trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
        with trusting.wrap_socket(connected(server)) as client:
            assert said(client, GET) == http(200, b"{}")
        assert [received.line for received in server.received] == ["GET /v1/x HTTP/1.1"]


def test_it_ends_although_clients_and_gates_are_open() -> None:
    before = threading.active_count()
    with Loopback() as server, connected(server) as idle, connected(server) as held:
        gate = server.gate()
        server.script = always(gate, b"late")
        held.sendall(GET)
        assert server.wait_for(lambda: len(server.received) == 1)
        server.__exit__(None, None, None)
        assert idle.recv(10) == b""
    assert threading.active_count() == before


def test_a_status_without_a_body_has_no_length() -> None:
    assert b"Content-Length" not in http(204) + http(304)
    assert head(499).startswith(b"HTTP/1.1 499 Unheard Of\r\n")


def test_the_environment_is_put_back_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.delenv("NO_PROXY", raising=False)
    monkeypatch.delenv("http_proxy", raising=False)
    seen: list[str | None] = []

    def look() -> None:
        with environment(NO_PROXY="here"):
            seen.extend(map(os.environ.get, ("NO_PROXY", "no_proxy", "HTTPS_PROXY")))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        look()
    assert seen == ["here", "here", None]
    assert os.environ["HTTPS_PROXY"] == "http://127.0.0.1:9"
    assert "NO_PROXY" not in os.environ
    assert "no_proxy" not in os.environ
