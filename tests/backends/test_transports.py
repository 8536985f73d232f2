"""Every transport carries the bytes it is given and hands back what comes, seen from the server's side."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from functools import partial
from types import TracebackType
from typing import Any, Self

import anyio
import anyio.from_thread
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonka_core import ConnectError, Endpoint, PrivateKey, SignedRequest, TransportError, TransportOptions, sign_request
from gonka_core.errors import TransportTimeout
from gonka_core.request import bearer_body, reading
from gonka_core.resolve import async_transport, signer, transport
from gonka_core.types import Request
from tests.recorder import Received, Recorder, http

SIGNER = signer("coincurve", lambda: PrivateKey((1).to_bytes(32, "big")))
PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
PAIRS = [("httpx", "sync"), ("httpx2", "sync"), ("httpx", "async"), ("httpx2", "async"), ("aiohttp", "async")]


class Awaited:
    """An async transport behind the sync interface, so that one test serves both kinds."""

    def __init__(self, name: str, options: TransportOptions) -> None:
        self._portal_context = anyio.from_thread.start_blocking_portal()
        self._portal = self._portal_context.__enter__()
        self._transport = self._portal.call(async_transport, name, options)

    def send(self, request: Request, timeout: float | None = None) -> AwaitedResponse:
        sent = self._portal.call(partial(self._transport.send, request, timeout=timeout))
        return AwaitedResponse(self._portal, sent)

    def close(self) -> None:
        self._portal.call(self._transport.aclose)
        self._portal_context.__exit__(None, None, None)


class AwaitedResponse:
    def __init__(self, portal: Any, response: Any) -> None:
        self._portal = portal
        self._response = response
        self.status = response.status
        self.headers = response.headers

    def __iter__(self) -> Iterator[bytes]:
        iterator = self._response.__aiter__()
        while True:
            try:
                yield self._portal.call(iterator.__anext__)
            except StopAsyncIteration:
                return

    def close(self) -> None:
        self._portal.call(self._response.aclose)


class Opened:
    """A transport of either kind, closed at the end."""

    def __init__(self, pair: tuple[str, str], options: TransportOptions | None = None) -> None:
        name, mode = pair
        self.transport = (transport if mode == "sync" else Awaited)(name, options or TransportOptions())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.transport.close()

    def exchange(self, request: Request) -> tuple[int, dict[str, str], bytes]:
        response = self.transport.send(request)
        try:
            return response.status, dict(response.headers), b"".join(response)
        finally:
            response.close()


@pytest.fixture(params=PAIRS, ids=lambda pair: "-".join(pair))
def pair(request: pytest.FixtureRequest) -> tuple[str, str]:
    return request.param  # type: ignore[no-any-return]


def signed(url: str, body: bytes = b"{}") -> SignedRequest:
    return sign_request(body, Endpoint(url, PROVIDER), SIGNER)


def assert_as_signed(received: Received, request: SignedRequest) -> None:
    assert received.line == "POST /v1/chat/completions HTTP/1.1"
    assert received.body == request.body
    for name, value in request.headers.items():
        assert received.values(name) == [value]
    assert received.values("content-length") == [str(len(request.body))]
    assert not received.values("content-encoding")
    assert not received.values("cookie")


@given(body=st.binary(max_size=3000))
@settings(max_examples=25, deadline=None)
@pytest.mark.parametrize("pair", PAIRS, ids="-".join)
def test_the_bytes_signed_are_the_bytes_sent(pair: tuple[str, str], body: bytes) -> None:
    with Recorder([[http("200 OK", b"{}")]]) as server, Opened(pair) as opened:
        request = signed(server.url, body)
        assert opened.exchange(request)[0] == 200
        assert_as_signed(server.received[0], request)


def test_a_large_body_arrives_whole(pair: tuple[str, str]) -> None:
    with Recorder([[http("200 OK", b"{}")]]) as server, Opened(pair) as opened:
        request = signed(server.url, bytes(range(256)) * 16_384)
        opened.exchange(request)
        assert_as_signed(server.received[0], request)


def test_a_connection_is_used_again(pair: tuple[str, str]) -> None:
    with Recorder([[http("200 OK", b"{}")]]) as server, Opened(pair) as opened:
        for _ in range(3):
            opened.exchange(signed(server.url))
        assert len(server.received) == 3
        assert not server.closed_by_client.is_set()


@pytest.mark.parametrize("status", ["400 Bad Request", "401 Unauthorized", "429 Too Many", "500 Oops", "503 No"])
def test_an_error_status_is_an_answer(pair: tuple[str, str], status: str) -> None:
    with Recorder([[http(status, b'{"error":"x"}', "X-Kind: refusal")]]) as server, Opened(pair) as opened:
        code, headers, body = opened.exchange(signed(server.url))
    assert (code, body, headers["x-kind"]) == (int(status[:3]), b'{"error":"x"}', "refusal")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary", "308 Permanent"])
def test_no_redirect_is_followed(pair: tuple[str, str], status: str) -> None:
    with Recorder([[http("200 OK")]]) as elsewhere, Opened(pair) as opened:
        with Recorder([[http(status, b"", f"Location: {elsewhere.url}/chat/completions")]]) as server:
            assert opened.exchange(signed(server.url))[0] == int(status[:3])
        assert elsewhere.received == []


def test_a_cookie_does_not_come_back(pair: tuple[str, str]) -> None:
    with Recorder([[http("200 OK", b"{}", "Set-Cookie: follow=you; Path=/")]]) as server, Opened(pair) as opened:
        for _ in range(2):
            request = signed(server.url)
            opened.exchange(request)
            assert_as_signed(server.received[-1], request)


def test_credentials_of_the_environment_do_not_replace_the_signature(
    pair: tuple[str, str], tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password something\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with Recorder([[http("200 OK", b"{}")]]) as server, Opened(pair) as opened:
        request = signed(server.url)
        opened.exchange(request)
        assert_as_signed(server.received[0], request)


def test_a_stream_is_handed_on_piece_by_piece(pair: tuple[str, str]) -> None:
    """The first piece is there although the answer is not complete and never will be."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 1000\r\n\r\n"
    with Recorder([[head, b"data: one\n\n"]]) as server, Opened(pair) as opened:
        response = opened.transport.send(signed(server.url))
        assert next(iter(response)) == b"data: one\n\n"
        response.close()
        assert server.closed_by_client.wait(timeout=10)


def test_nobody_there_is_a_connect_error(pair: tuple[str, str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with Opened(pair) as opened, pytest.raises(ConnectError, match="cannot be reached") as caught:
        opened.exchange(signed(url))
    assert caught.value.sent is False
    assert caught.value.next_step


def test_a_name_that_does_not_exist_is_a_connect_error(pair: tuple[str, str]) -> None:
    with Opened(pair) as opened, pytest.raises(ConnectError):
        opened.exchange(signed("http://name.invalid"))


def test_a_connection_closed_without_an_answer_may_have_been_billed(pair: tuple[str, str]) -> None:
    with Recorder([[]]) as server, Opened(pair) as opened:
        with pytest.raises(TransportError, match="may") as caught:
            opened.exchange(signed(server.url))
        assert len(server.received) == 1
    assert caught.value.sent is True
    assert not isinstance(caught.value, ConnectError)


def test_an_answer_cut_short_is_an_error(pair: tuple[str, str]) -> None:
    cut = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\nConnection: close\r\n\r\nonly this"
    with Recorder([[cut]]) as server, Opened(pair) as opened, pytest.raises(TransportError) as caught:
        opened.exchange(signed(server.url))
    assert caught.value.sent is True


@pytest.mark.parametrize("answer", [b"nonsense\r\n\r\n", b"\x00\xff" * 50 + b"\r\n\r\n"], ids=["text", "bytes"])
def test_what_is_not_http_is_an_error(pair: tuple[str, str], answer: bytes) -> None:
    with Recorder([[answer]]) as server, Opened(pair) as opened, pytest.raises(TransportError):
        opened.exchange(signed(server.url))


def read_whole(opened: Opened, url: str, timeout: float | None) -> bytes:
    response = opened.transport.send(signed(url), timeout=timeout)
    try:
        return b"".join(response)
    finally:
        response.close()


def timed_out(opened: Opened, url: str, timeout: float | None = None) -> None:
    with pytest.raises(TransportTimeout, match="in time") as caught:
        read_whole(opened, url, timeout)
    assert caught.value.sent is True


def test_silence_before_the_answer_runs_into_the_first_byte_timeout(pair: tuple[str, str]) -> None:
    options = TransportOptions(first_byte_timeout=0.1, read_timeout=60)
    with Recorder([[b"HTTP/1.1 200 OK\r\n"]]) as server, Opened(pair, options) as opened:
        timed_out(opened, server.url)


def test_silence_within_the_answer_runs_into_the_read_timeout(pair: tuple[str, str]) -> None:
    options = TransportOptions(first_byte_timeout=60, read_timeout=0.1)
    with Recorder([[b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"]]) as server, Opened(pair, options) as opened:
        timed_out(opened, server.url)


@pytest.mark.parametrize("answer", [b"", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"], ids=["headers", "body"])
def test_what_is_left_of_a_deadline_bounds_every_wait(pair: tuple[str, str], answer: bytes) -> None:
    with Recorder([[answer or b"HTTP/1.1 200 OK\r\n"]]) as server, Opened(pair, TransportOptions()) as opened:
        timed_out(opened, server.url, timeout=0.1)


def test_a_content_coding_is_not_asked_for_and_not_undone(pair: tuple[str, str]) -> None:
    answer = http("200 OK", b"this is not gzip", "Content-Encoding: gzip")
    with Recorder([[answer]]) as server, Opened(pair) as opened:
        _, headers, body = opened.exchange(signed(server.url))
        assert server.received[0].values("accept-encoding") == ["identity"]
    assert (headers["content-encoding"], body) == ("gzip", b"this is not gzip")


def test_a_route_is_read_without_a_signature(pair: tuple[str, str]) -> None:
    endpoint = Endpoint("http://127.0.0.1:1", PROVIDER)
    with Recorder([[http("200 OK", b"{}")]]) as server, Opened(pair) as opened:
        asked = reading(Endpoint(server.url, endpoint.provider_address), "/chain-rpc/status")
        assert opened.exchange(asked)[0] == 200
        (received,) = server.received
    assert received.line == "GET /chain-rpc/status HTTP/1.1"
    assert not received.values("authorization")
    assert received.body == b""


def test_an_api_key_goes_out_as_it_is(pair: tuple[str, str]) -> None:
    with Recorder([[http("200 OK", b"{}")]]) as server, Opened(pair) as opened:
        opened.exchange(bearer_body(b"{}", Endpoint.broker(server.url, "sk-1")))
        (received,) = server.received
    assert received.values("authorization") == ["Bearer sk-1"]
    assert not [name for name, _ in received.headers if name.lower().startswith("x-")]
