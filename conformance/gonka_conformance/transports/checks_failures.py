"""No answer: nobody there, nobody to trust, silence, nonsense."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from gonka_conformance.checks import fail
from gonka_core.errors import ConnectError, TransportError
from gonka_core.hookspecs import TransportOptions

from .asking import AUTHORIZATION, exchange, failure, request, require_sent, texts
from .certificate import untrusted
from .listed import PROTOCOL, TRANSPORT_CHECKS
from .script import Answer, always, chunk, hang_up, head, http, in_turn, reset
from .server import Loopback
from .subject import TransportSubject


def _vacant() -> str:
    """A base URL on which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"


def _require_not_reached(error: TransportError, where: str) -> None:
    require_sent(error, False, where)
    if not isinstance(error, ConnectError):
        fail(f"{where}: it is a {type(error).__name__} instead of a ConnectError")


@TRANSPORT_CHECKS.add("refused", "A connection that is refused is a `ConnectError`.", source=PROTOCOL)
def refused(subject: TransportSubject) -> None:
    with subject.opened() as carrier:
        _require_not_reached(failure(carrier, request(_vacant()), "a refused connection"), "a refused connection")


_NO_HOSTS: Final = ("name.invalid", "a" * 64 + ".invalid")


@TRANSPORT_CHECKS.add(
    "unknown-host",
    "A host name that does not or cannot exist is a `ConnectError`.",
    source=f"{PROTOCOL}, RFC 6761 §6.4",
)
def unknown_host(subject: TransportSubject) -> None:
    with subject.opened() as carrier:
        for name in _NO_HOSTS:
            where = f"the host {name[:12]}…" if len(name) > 60 else f"the host {name}"
            _require_not_reached(failure(carrier, request(f"http://{name}/v1"), where), where)


@TRANSPORT_CHECKS.add(
    "tls-verified",
    "A certificate that nobody vouches for is refused with `ConnectError`, before a byte of the request is sent.",
    source=f"{PROTOCOL}, RFC 9110 §4.3.4",
)
def tls_verified(subject: TransportSubject) -> None:
    where = "a self-signed certificate"
    with Loopback(tls=untrusted()) as server, subject.opened() as carrier:
        try:
            error = failure(carrier, request(server.url), where)
        finally:
            if server.received:
                fail(f"{where}: it was accepted, and the request with its signature was sent")
        _require_not_reached(error, where)


@TRANSPORT_CHECKS.add("tls-failed", "A peer that does not speak TLS under https is a `ConnectError`.", source=PROTOCOL)
def tls_failed(subject: TransportSubject) -> None:
    peers: dict[str, Answer] = {"that answers in plain text": (http(400, b"no"), hang_up), "that hangs up": (hang_up,)}
    with subject.opened() as carrier:
        for name, opening in peers.items():
            with Loopback(opening=opening) as server:
                asked = request(server.url.replace("http:", "https:"))
                _require_not_reached(failure(carrier, asked, f"a peer {name}"), f"a peer {name}")


@TRANSPORT_CHECKS.add(
    "no-answer",
    "A connection that ends after the request and before an answer is a `TransportError` with `sent` True.",
    source=f"{PROTOCOL}, protocol.md §14 client rule 5",
)
def no_answer(subject: TransportSubject) -> None:
    endings: dict[str, Answer] = {
        "a connection closed without an answer": (hang_up,),
        "a connection reset without an answer": (reset,),
        "a connection closed within the headers": (b"HTTP/1.1 200 OK\r\nContent-", hang_up),
    }
    with subject.opened() as carrier:
        for where, answer in endings.items():
            with Loopback(always(*answer)) as server:
                error = failure(carrier, request(server.url), where)
                require_sent(error, True, where)
                if isinstance(error, ConnectError):
                    fail(f"{where}: it is a ConnectError although the request had arrived")


_NONSENSE: Final[Mapping[str, bytes]] = MappingProxyType(
    {
        "plain text": b"nonsense\r\n\r\n",
        "binary": b"\x00\xff" * 50 + b"\r\n\r\n",
        "another protocol": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
        "a status that is no number": b"HTTP/1.1 OK 200\r\n\r\n",
        "a length that is no number": b"HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n",
    }
)


@TRANSPORT_CHECKS.add("no-http", "What is not HTTP is a `TransportError` with `sent` True.", source=PROTOCOL)
def no_http(subject: TransportSubject) -> None:
    with subject.opened() as carrier:
        for where, answer in _NONSENSE.items():
            with Loopback(always(answer, hang_up)) as server:
                require_sent(failure(carrier, request(server.url), where), True, where)


@TRANSPORT_CHECKS.add(
    "not-repeated",
    "A request that got no answer is not sent again, on a new connection or on one that was in use before.",
    source="protocol.md §14 client rule 5",
)
def not_repeated(subject: TransportSubject) -> None:
    with subject.opened() as carrier:
        for ending, last in (("closed", hang_up), ("reset", reset)):
            for used in (False, True):
                answers: list[Answer] = [(http(200, b"{}"),)] if used else []
                where = f"a connection {ending} without an answer, {'used before' if used else 'new'}"
                with Loopback(in_turn(*answers, (last,))) as server:
                    for _ in answers:
                        exchange(carrier, request(server.url))
                    failure(carrier, request(server.url), where)
                    times = len(server.received) - len(answers)
                    if times != 1:
                        fail(f"{where}: the request was sent {times} times")


@TRANSPORT_CHECKS.add(
    "error-words",
    "Errors show neither `Authorization` nor the body, and end in the next step to take.",
    source="protocol.md §14 client rule 7, gonka_core/errors.py",
)
def error_words(subject: TransportSubject) -> None:
    for where, error in _failures(subject):
        shown = "\n".join(texts(error))
        for name, secret in (("Authorization", AUTHORIZATION), ("the body", _CONFIDENTIAL)):
            if secret in shown:
                fail(f"{where}: the error shows {name}")
        if not error.next_step.strip() or not str(error).endswith(error.next_step):
            fail(f"{where}: the error does not end in a next step")
        if not error.problem.strip():
            fail(f"{where}: the error does not say what is wrong")


_CONFIDENTIAL: Final = "what was asked in confidence"
_ENDINGS: Final[Mapping[str, Answer]] = MappingProxyType(
    {
        "a connection closed without an answer": (hang_up,),
        "what is not HTTP": (b"nonsense\r\n\r\n", hang_up),
        "silence": (),
        "a body cut short": (head(200, "Transfer-Encoding: chunked"), chunk(b"half"), hang_up),
        "silence within a body": (head(200, "Content-Length: 9"), b"half"),
    }
)


def _failures(subject: TransportSubject) -> Iterator[tuple[str, TransportError]]:
    """One error of each sort."""
    body = _CONFIDENTIAL.encode()
    impatient = TransportOptions(connect_timeout=30.0, first_byte_timeout=0.15, read_timeout=0.15)
    with subject.opened(impatient) as carrier, Loopback() as server:
        yield "a refused connection", failure(carrier, request(_vacant(), body), "a refused connection")
        for where, answer in _ENDINGS.items():
            server.script = always(*answer)
            yield where, failure(carrier, request(server.url, body), where)
