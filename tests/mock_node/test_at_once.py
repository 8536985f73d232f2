"""What is written at once is byte for byte what the framework would write, whatever the request and the reply."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
from aiohttp import web
from hypothesis import given
from hypothesis import strategies as st

from gonka_mock_node import BlockClock, Chain, MockNode, wire
from gonka_mock_node.app import application
from gonka_mock_node.at_once import AtOnce
from gonka_mock_node.limits import Limits
from gonka_mock_node.listening import Listener, LoopThread
from gonka_mock_node.node import Node
from gonka_mock_node.reply import Reply, whole
from tests.mock_node.requester import BODY, Requester

NOW = 1_766_422_712 * 10**9
PROVIDER = "gonka1w508d6qejxtdg4y5r3zarvary0c5xw7k2gsyg6"
_DATE = re.compile(rb"\r\nDate: ([^\r]+)\r\n")


@web.middleware
async def passing(request: web.Request, handler: Any) -> web.StreamResponse:
    """Changes nothing; but where something stands in front of the handlers, the framework has to write."""
    response: web.StreamResponse = await handler(request)
    return response


class Framework(MockNode):
    def _application(self, node: Node) -> web.Application:
        app = super()._application(node)
        app.middlewares.append(passing)
        return app


def exchanged(url: str, request: bytes) -> bytes:
    """All bytes that come for a request until the connection ends, without what `Date` says: a second may pass."""
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as connection:
        connection.sendall(request)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    return _DATE.sub(b"\r\nDate: -\r\n", answer)


def asked(headers: dict[str, str], body: bytes = BODY, line: str = "POST /v1/chat/completions HTTP/1.1") -> bytes:
    given = {"Host": "node", "Content-Length": str(len(body)), **headers}
    return "\r\n".join([line, *(f"{name}: {value}" for name, value in given.items())]).encode() + b"\r\n\r\n" + body


CLOSE = {"Connection": "close"}
LATER = "POST /v1/chat/completions HTTP/1.0"
REQUESTS: dict[str, Callable[[dict[str, str]], bytes]] = {
    "accepted": lambda signed: asked({**signed, **CLOSE}),
    "twice on one connection": lambda signed: asked(signed) + asked({**signed, **CLOSE}),
    "HTTP/1.0": lambda signed: asked(signed, line=LATER),
    "HTTP/1.0, kept alive": lambda signed: asked({**signed, "Connection": "keep-alive"}, line=LATER) + asked(CLOSE),
    "refused": lambda signed: asked({**signed, "X-Timestamp": "1", **CLOSE}),
    "no JSON": lambda signed: asked({**signed, **CLOSE}, b"<&>"),
    "too long": lambda _signed: asked({"Content-Length": str(11 * 1024 * 1024)}, b""),
    "read": lambda _signed: asked(CLOSE, b"", "GET /v1/models HTTP/1.1"),
    "not there": lambda _signed: asked(CLOSE, b"", "GET /v1/nothing HTTP/1.1"),
    "not allowed": lambda _signed: asked(CLOSE, b"", "PUT /v1/chat/completions HTTP/1.1"),
    "HEAD": lambda _signed: asked(CLOSE, b"", "HEAD /v1/models HTTP/1.1"),
    "not expected": lambda signed: asked({**signed, "Expect": "nothing", **CLOSE}),
    "expected": lambda signed: asked({**signed, "Expect": "100-continue", **CLOSE}),
}


@pytest.mark.parametrize("profile", ["v0.2.13", "v0.2.15", "gateway"])
@pytest.mark.parametrize("case", REQUESTS)
def test_a_node_writes_what_the_framework_would(profile: str, case: str) -> None:
    answers = []
    for kind in (MockNode, Framework):
        chain = Chain(clock=BlockClock(lambda: NOW))
        with kind(profile=profile, provider_address=PROVIDER, chain=chain) as node:
            signed = Requester(PROVIDER, "hash").headers(timestamp=NOW)
            answers.append(exchanged(node.url, REQUESTS[case](signed)).replace(node.url.encode(), b"URL"))
    assert answers[0] == answers[1]
    assert answers[0].startswith(b"HTTP/1.")


@dataclass
class Pair:
    """Two servers that write the same reply: at once where that is possible, and as the framework does it."""

    quick: str
    plain: str
    reply: Reply
    written: list[type[web.StreamResponse]]


@pytest.fixture(scope="module")
def pair() -> Iterator[Pair]:
    thread = LoopThread()
    made = Pair("", "", whole(200, b""), [])

    async def answer(request: web.Request) -> web.StreamResponse:
        response = await wire.write(request, made.reply)
        made.written.append(type(response))
        return response

    with MockNode() as node:
        listeners = []
        for middlewares in ((), (passing,)):
            app = application(node.nodes[0])
            app.middlewares.extend(middlewares)
            app.router.add_route("*", "/{rest:.*}", answer)
            listeners.append(Listener(app, Limits(), "127.0.0.1", 0))
        made.quick, made.plain = (thread.run(listener.open()) for listener in listeners)
        yield made
        for listener in listeners:
            thread.run(listener.close())
    thread.stop()


NAMES = st.sampled_from(["Content-Type", "content-type", "X-Request-Id", "Server", "Date", "Connection", "Allow", "A"])
VALUES = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=20)
HEADERS = st.lists(st.tuples(NAMES, VALUES), max_size=4).map(tuple)
STATUSES = st.sampled_from([200, 201, 204, 304, 308, 400, 402, 418, 429, 500, 503, 599])
LINES = st.sampled_from(["GET /x HTTP/1.1", "POST /x HTTP/1.1", "HEAD /x HTTP/1.1", "GET /x HTTP/1.0"])


@given(STATUSES, HEADERS, st.binary(max_size=100), LINES, st.booleans(), st.booleans())
def test_any_reply(
    pair: Pair, status: int, headers: tuple[tuple[str, str], ...], body: bytes, line: str, typed: bool, close: bool
) -> None:
    dressed = (("Content-Type", "text/plain"), *headers) if typed else headers
    pair.reply = Reply(status, dressed, (body,), len(body), close=close)
    request = asked({} if close else CLOSE, b"", line)
    assert exchanged(pair.quick, request) == exchanged(pair.plain, request)


def test_the_date_is_of_now(pair: Pair) -> None:
    pair.reply = whole(200, b"")
    parts = urlsplit(pair.quick)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=10) as connection:
        connection.sendall(asked(CLOSE, b"", "GET /x HTTP/1.1"))
        (date,) = _DATE.findall(b"".join(iter(lambda: connection.recv(65536), b"")))
    assert abs(parsedate_to_datetime(date.decode()).timestamp() - time.time()) < 60


def test_short_replies_are_written_at_once_and_others_by_the_framework(pair: Pair) -> None:
    def writers(reply: Reply, line: str = "GET /x HTTP/1.1") -> list[str]:
        pair.reply = reply
        pair.written.clear()
        for url in (pair.quick, pair.plain):
            exchanged(url, asked(CLOSE, b"", line))
        return [kind.__name__ for kind in pair.written]

    short = whole(200, b"short")
    assert writers(short) == [AtOnce.__name__, "Response"]
    assert writers(short, "GET /x HTTP/1.0") == ["Response", "Response"]
    assert writers(short, "HEAD /x HTTP/1.1") == ["Response", "Response"]
    assert writers(short.with_header("Date", "never")) == ["Response", "Response"]
    assert writers(Reply(200, (), (b"x",), 1)) == ["Response", "Response"]
    assert writers(whole(204, b"")) == ["Response", "Response"]
    assert writers(whole(200, b"x" * (wire.TOGETHER + 1))) == ["StreamResponse", "StreamResponse"]


def test_a_line_feed_in_a_header_never_goes_out(pair: Pair) -> None:
    pair.reply = Reply(200, (("Content-Type", "text/plain"), ("A", "1\r\nB: 2")), (b"x",), 1)
    for url in (pair.quick, pair.plain):
        assert b"B: 2" not in exchanged(url, asked(CLOSE, b"", "GET /x HTTP/1.1"))
