"""Our transports, through the kit like anybody's, and what the kit does not ask of a stranger's."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import aiohttp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonka_aiohttp.transport import AiohttpTransport
from gonka_conformance import TransportSubject, installed_transport, installed_transports
from gonka_conformance.suite import TransportSuite
from gonka_conformance.transports import Mode
from gonka_conformance.transports.asking import exchange
from gonka_conformance.transports.received import Received
from gonka_conformance.transports.script import Gate, always, chunk, hang_up, head, in_turn
from gonka_conformance.transports.server import Loopback
from gonka_conformance.transports.subject import Carrier
from gonka_core import ConnectError, Endpoint, PrivateKey, SignedRequest, TransportError, TransportOptions, sign_request
from gonka_core.interfaces import AsyncTransport, Transport
from gonka_core.request import bearer_body, reading
from gonka_core.resolve import signer

SIGNER = signer("auto", lambda: PrivateKey((1).to_bytes(32, "big")))
PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
PAIRS: list[tuple[str, Mode]] = [
    ("httpx", "sync"),
    ("httpx2", "sync"),
    ("httpx", "async"),
    ("httpx2", "async"),
    ("aiohttp", "async"),
]


class TestHttpx(TransportSuite):
    claims = ("trusts-environment",)

    def make_transport(self, options: TransportOptions) -> Transport | AsyncTransport:
        return made("httpx", self.mode, options)


class TestHttpxAsync(TestHttpx):
    mode = "async"


class TestHttpx2(TransportSuite):
    claims = ("trusts-environment",)

    def make_transport(self, options: TransportOptions) -> Transport | AsyncTransport:
        return made("httpx2", self.mode, options)


class TestHttpx2Async(TestHttpx2):
    mode = "async"


class TestAiohttp(TransportSuite):
    mode = "async"

    def make_transport(self, options: TransportOptions) -> Transport | AsyncTransport:
        return made("aiohttp", self.mode, options)


def made(name: str, mode: Mode, options: TransportOptions) -> Transport | AsyncTransport:
    return installed_transport(name, mode).factory(options)


@pytest.mark.parametrize(
    ("suite", "name"),
    [
        (TestHttpx, "httpx"),
        (TestHttpxAsync, "httpx"),
        (TestHttpx2, "httpx2"),
        (TestHttpx2Async, "httpx2"),
        (TestAiohttp, "aiohttp"),
    ],
)
def test_the_plug_in_claims_what_is_examined(suite: type[TransportSuite], name: str) -> None:
    assert installed_transport(name, suite.mode).claims == {suite.mode, *suite.claims}


def test_the_kit_finds_our_transports() -> None:
    subjects, left_out = installed_transports()
    assert {subject.name for subject in subjects} >= {f"{name} ({mode})" for name, mode in PAIRS}
    assert left_out == ()


@pytest.fixture(params=PAIRS, ids="-".join)
def subject(request: pytest.FixtureRequest) -> TransportSubject:
    return installed_transport(*request.param)


def signed(url: str, body: bytes = b"{}") -> SignedRequest:
    return sign_request(body, Endpoint(url, PROVIDER), SIGNER)


def assert_as_signed(received: Received, request: SignedRequest) -> None:
    assert received.line == "POST /v1/chat/completions HTTP/1.1"
    assert received.body == request.body
    for name, value in request.headers.items():
        assert received.values(name) == [value]
    assert received.values("accept-encoding") == ["identity"]


@pytest.fixture(scope="module", params=PAIRS, ids="-".join)
def carried(request: pytest.FixtureRequest) -> Iterator[tuple[Carrier, Loopback]]:
    """One transport and one server for many requests."""
    with Loopback() as server, installed_transport(*request.param).opened() as carrier:
        yield carrier, server


@given(body=st.binary(max_size=3000))
@settings(max_examples=25, deadline=None)
def test_the_bytes_signed_are_the_bytes_sent(carried: tuple[Carrier, Loopback], body: bytes) -> None:
    carrier, server = carried
    request = signed(server.url, body)
    assert exchange(carrier, request).status == 200
    assert_as_signed(server.received[-1], request)


def test_a_route_is_read_without_a_signature(carried: tuple[Carrier, Loopback]) -> None:
    carrier, server = carried
    assert exchange(carrier, reading(Endpoint(server.url, PROVIDER), "/chain-rpc/status")).status == 200
    received = server.received[-1]
    assert received.line == "GET /chain-rpc/status HTTP/1.1"
    assert not received.values("authorization")
    assert received.body == b""


def test_an_api_key_goes_out_as_it_is(carried: tuple[Carrier, Loopback]) -> None:
    carrier, server = carried
    exchange(carrier, bearer_body(b"{}", Endpoint.broker(server.url, "sk-1")))
    received = server.received[-1]
    assert received.values("authorization") == ["Bearer sk-1"]
    assert not [name for name, _ in received.headers if name.lower().startswith("x-")]


def test_a_host_name_beyond_ascii_is_looked_up_as_it_has_to_be(subject: TransportSubject) -> None:
    with subject.opened() as carrier, pytest.raises(ConnectError, match="cannot be reached"):
        exchange(carrier, signed("http://bücher.invalid"))


def test_what_is_said_of_a_failure_names_the_endpoint_and_the_way_on(subject: TransportSubject) -> None:
    with Loopback(always(hang_up)) as server, subject.opened() as carrier:
        with pytest.raises(TransportError, match="may have arrived, so a repeat may be billed again") as caught:
            exchange(carrier, signed(server.url))
        assert server.url in caught.value.problem


def test_an_aiohttp_that_breaks_off_within_the_chunks_keeps_no_header_in_its_cause() -> None:
    """aiohttp's error shows the request's headers, and with them an API key."""
    broken = head(200, "Transfer-Encoding: chunked") + chunk(b"half") + b"no size\r\n"
    with Loopback(always(broken)) as server, installed_transport("aiohttp", "async").opened() as carrier:
        with pytest.raises(TransportError) as caught:
            exchange(carrier, bearer_body(b"{}", Endpoint.broker(server.url, "sk-confidential")))
        cause = caught.value.__cause__
        assert isinstance(cause, aiohttp.ClientError)
        assert "sk-confidential" not in repr(cause) + repr(cause.args) + repr(vars(cause))


async def _watched(server: Loopback, gates: list[Gate]) -> list[int]:
    """How many answers are told of the end of their one connection, after each of some that were read and closed."""
    transport = AiohttpTransport(TransportOptions())
    counts = []
    for gate in gates:
        response = await transport.send(signed(server.url))
        closed = response._closed
        assert closed is not None
        gate.open()
        assert [piece async for piece in response] == [b"{}"]
        await response.aclose()
        counts.append(len(closed._callbacks or ()))  # type: ignore[attr-defined]
    await transport.aclose()
    return counts


def test_a_connection_of_aiohttp_remembers_no_answer_that_is_closed() -> None:
    """What is held for each answer would grow for as long as the connection lives."""
    with Loopback() as server:
        gates = [server.gate() for _ in range(4)]
        rest = chunk(b"{}") + chunk(b"")
        server.script = in_turn(*((head(200, "Transfer-Encoding: chunked"), gate, rest) for gate in gates))
        assert asyncio.run(_watched(server, gates)) == [0] * 4
        assert len(server.connections) == 1
