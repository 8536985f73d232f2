"""What comes back from a node that answers."""

from __future__ import annotations

import gzip
import zlib
from typing import Final

from gonka_conformance.checks import fail

from .asking import difference, exchange, request
from .listed import PROTOCOL, TRANSPORT_CHECKS
from .script import Answer, Script, always, by_target, chunk, hang_up, head, http
from .server import Loopback
from .subject import TransportSubject


@TRANSPORT_CHECKS.add(
    "statuses", "Every status from 200 to 599 is an answer with its body, and no exception.", source=PROTOCOL
)
def statuses(subject: TransportSubject) -> None:
    def answer(status: str) -> Answer:
        return (http(int(status), b"body of " + status.encode(), "Location: /v1/elsewhere"),)

    with Loopback(by_target(answer)) as server, subject.opened() as carrier:
        for status in range(200, 600):
            answered = exchange(carrier, request(server.url, path=f"/{status}"))
            if answered.status != status:
                fail(f"status {status} was handed out as {answered.status}")
            body = b"" if status in (204, 304) else b"body of %d" % status
            if answered.body != body:
                fail(f"status {status}: the body {body!r} was handed out as {answered.body!r}")


@TRANSPORT_CHECKS.add(
    "interim", "Answers in advance (100, 103) are passed over; the final one is handed out.", source="RFC 9110 §15.2"
)
def interim(subject: TransportSubject) -> None:
    early = head(103, "Link: </style.css>; rel=preload") + head(100)
    with Loopback(always(early + http(200, b"final"))) as server, subject.opened() as carrier:
        answered = exchange(carrier, request(server.url))
        if (answered.status, answered.body) != (200, b"final"):
            fail(f"100 and 103 before a 200: status {answered.status} with body {answered.body!r} was handed out")


@TRANSPORT_CHECKS.add(
    "answer-headers",
    "Headers of an answer are handed out: names in lower case, values as they are.",
    source=PROTOCOL,
)
def answer_headers(subject: TransportSubject) -> None:
    sent = {"X-ODD-Case": "MiXed, a=b; c", "Content-TYPE": "text/event-stream; charset=utf-8", "retry-after": "7"}
    answer = http(200, b"{}", *(f"{name}: {value}" for name, value in sent.items()))
    with Loopback(always(answer)) as server, subject.opened() as carrier:
        headers = exchange(carrier, request(server.url)).headers
        names = list(headers)
        wrong = [name for name in names if name != name.lower()]
        if wrong:
            fail(f"a name is handed out as {wrong[0]!r}")
        for name, value in sent.items():
            if headers.get(name.lower()) != value:
                fail(f"{name}: {value} is handed out as {headers.get(name.lower())!r}")


@TRANSPORT_CHECKS.add(
    "repeated-header", "A header that is repeated is handed out: the first, the last, or all joined.", source=PROTOCOL
)
def repeated_header(subject: TransportSubject) -> None:
    with Loopback(always(http(200, b"{}", "X-Twice: one", "x-twice: two"))) as server, subject.opened() as carrier:
        value = exchange(carrier, request(server.url)).headers.get("x-twice")
        if value not in ("one", "two", "one, two", "one,two"):
            fail(f"X-Twice: one, then two, is handed out as {value!r}")


_REDIRECTS: Final = (301, 302, 303, 307, 308)


@TRANSPORT_CHECKS.add(
    "redirects",
    "No redirect is followed, to the same host or to another.",
    source=f"{PROTOCOL}, protocol.md §14 client rule 2",
)
def redirects(subject: TransportSubject) -> None:
    with Loopback() as elsewhere, Loopback() as server, subject.opened() as carrier:
        for status in _REDIRECTS:
            for target in (f"{server.url}/moved", f"{elsewhere.url}/chat/completions"):
                server.script = _moving(http(status, b"moved", f"Location: {target}"))
                before = len(server.received)
                answered = exchange(carrier, request(server.url))
                if elsewhere.connections:
                    fail(f"{status} was followed to another host")
                if len(server.received) > before + 1:
                    fail(f"{status} was followed on the same host")
                if answered.status != status:
                    fail(f"{status} was handed out as {answered.status}")


def _moving(answer: bytes) -> Script:
    """A redirect, but for the place on the same host that it points to: who follows it arrives."""
    return lambda received: (http(200, b"here") if received.target.endswith("/moved") else answer,)


_BYTES: Final = bytes(range(256)) * 4096
_FRAMED: Final[dict[str, Answer]] = {
    "with a length": (http(200, _BYTES),),
    "in chunks": (head(200, "Transfer-Encoding: chunked"), chunk(_BYTES[:7]), chunk(_BYTES[7:]), chunk(b"")),
    "until the connection ends": (head(200, "Connection: close"), _BYTES, hang_up),
}


@TRANSPORT_CHECKS.add(
    "answer-exact",
    "The body of an answer is handed out byte for byte, however it is framed.",
    source="RFC 9112 §6.3",
)
def answer_exact(subject: TransportSubject) -> None:
    with subject.opened() as carrier:
        for framing, answer in _FRAMED.items():
            with Loopback(always(*answer)) as server:
                differs = difference(_BYTES, exchange(carrier, request(server.url)).body)
                if differs:
                    fail(f"a body {framing}: {differs}")


_PLAIN: Final = b'{"choices": []}' * 20
_CODED: Final = {
    "gzip": gzip.compress(_PLAIN, mtime=0),
    "deflate": zlib.compress(_PLAIN),
    "br": b"this is not brotli",
    "zstd": b"nor is this zstd",
}


@TRANSPORT_CHECKS.add("undecoded", "A content coding of the body is not undone.", source=PROTOCOL)
def undecoded(subject: TransportSubject) -> None:
    with Loopback() as server, subject.opened() as carrier:
        for coding, body in _CODED.items():
            server.script = always(http(200, body, f"Content-Encoding: {coding}"))
            answered = exchange(carrier, request(server.url))
            if answered.body == _PLAIN:
                fail(f"a body in {coding} was decoded")
            differs = difference(body, answered.body)
            if differs:
                fail(f"a body in {coding}: {differs}")
            if answered.headers.get("content-encoding") != coding:
                fail(f"Content-Encoding: {coding} is handed out as {answered.headers.get('content-encoding')!r}")
