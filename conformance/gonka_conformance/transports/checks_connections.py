"""Connections: used again, not mixed up, and closed in the end."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

from gonka_conformance.checks import fail

from .asking import Answered, exchange, request, whole
from .bridge import Bridged
from .listed import PROTOCOL, TRANSPORT_CHECKS
from .received import Received
from .script import HELD_S, Answer, always, chunk, head, http
from .server import Loopback
from .subject import Carrier, TransportSubject

_AT_ONCE: Final = 8
_ROUNDS: Final = 5


@TRANSPORT_CHECKS.add(
    "reuse",
    "A connection whose answer was read to its end carries the next request.",
    source=f"{PROTOCOL}, RFC 9112 §9.3",
)
def reuse(subject: TransportSubject) -> None:
    in_chunks = (head(200, "Transfer-Encoding: chunked"), chunk(b"{}"), chunk(b""))
    framings: dict[str, Answer] = {"with a length": (http(200, b"{}"),), "in chunks": in_chunks, "none": (http(204),)}
    with subject.opened() as carrier:
        for framing, answer in framings.items():
            with Loopback(always(*answer)) as server:
                for _ in range(3):
                    exchange(carrier, request(server.url))
                if len(server.connections) != 1:
                    fail(f"three requests took {len(server.connections)} connections (body: {framing})")


@TRANSPORT_CHECKS.add(
    "stale-connection",
    "When the node has ended an idle connection the next request is sent on a new one, once.",
    source="RFC 9112 §9.3.1",
)
def stale_connection(subject: TransportSubject) -> None:
    with Loopback() as server, subject.opened() as carrier:
        for number in range(1, 4):
            exchange(carrier, request(server.url))
            if len(server.received) != number:
                fail(f"after {number} requests {len(server.received)} had arrived")
            server.hang_up()
            carrier.settle()


@TRANSPORT_CHECKS.add(
    "concurrent",
    f"{_AT_ONCE} requests at once (threads, or tasks of a loop) are under way together; each gets its own answer.",
    source=PROTOCOL,
)
def concurrent(subject: TransportSubject) -> None:
    with Loopback() as server, subject.opened() as carrier, ThreadPoolExecutor(_AT_ONCE) as pool:
        _require_together(carrier, server, pool)
        server.script = lambda received: (_echo(received),)
        for _ in range(_ROUNDS):
            bodies = _bodies()
            answers = list(pool.map(lambda body: exchange(carrier, request(server.url, body)), bodies))
            _require_own(bodies, answers)


def _require_together(carrier: Carrier, server: Loopback, pool: ThreadPoolExecutor) -> None:
    gate = server.gate()
    server.script = lambda received: (gate, _echo(received))
    bodies = _bodies()
    sent = [pool.submit(carrier.send, request(server.url, body)) for body in bodies]
    together = server.wait_for(lambda: len(server.received) == _AT_ONCE, HELD_S / 2)
    count = len(server.received)
    gate.open()
    responses = [future.result() for future in sent]
    if not together:
        fail(f"of {_AT_ONCE} requests at once {count} were under way together")
    _require_own(bodies, [whole(response) for response in responses])


def _bodies() -> list[bytes]:
    return [b"%d" % number * 1000 for number in range(_AT_ONCE)]


def _echo(received: Received) -> bytes:
    return http(200, received.body)


def _require_own(bodies: list[bytes], answers: list[Answered]) -> None:
    for body, answered in zip(bodies, answers, strict=True):
        if answered.body != body:
            fail(f"the request with the body {body[:4]!r}… was handed the answer to {answered.body[:4]!r}…")


@TRANSPORT_CHECKS.add(
    "close", "Closing the transport ends its idle connections; closing it again is harmless.", source=PROTOCOL
)
def close(subject: TransportSubject) -> None:
    with Loopback() as server, subject.opened() as carrier:
        exchange(carrier, request(server.url))
        carrier.close()
        if not server.ended(server.connections[0]):
            fail("the transport is closed and its connection stays open")
        carrier.close()


@TRANSPORT_CHECKS.add(
    "cancelled",
    "A task that is cancelled while it waits for an answer drops its connection; the next request works.",
    source="the AsyncTransport protocol",
    claim="async",
)
def cancelled(subject: TransportSubject) -> None:
    with Loopback(always()) as server, subject.opened() as carrier:
        assert isinstance(carrier, Bridged)
        under_way = carrier.sending(request(server.url))
        server.wait_for(lambda: len(server.received) == 1)
        under_way.cancel()
        if not server.ended(server.connections[0]):
            fail("the task is cancelled and its connection stays open")
        server.script = always(http(200, b"next"))
        if exchange(carrier, request(server.url)).body != b"next":
            fail("after a task was cancelled the next request got another answer than its own")
