"""Bodies that come in pieces, that are given up, or that break off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final

from gonka_conformance.checks import fail
from gonka_core.errors import ConnectError, TransportTimeout
from gonka_core.hookspecs import TransportOptions

from .asking import exchange, failure, request, require_sent
from .listed import PROTOCOL, TRANSPORT_CHECKS
from .script import Answer, Gate, always, chunk, hang_up, head, http, pause, reset
from .server import Loopback
from .subject import Carrier, TransportSubject

_PIECES: Final = (b"data: one\n\n", b"d", b"data: \xff\x00 three\n\n")


def _with_length(gates: list[Gate]) -> Answer:
    total = sum(map(len, _PIECES))
    return (head(200, f"Content-Length: {total}"), *_between(list(_PIECES), gates))


def _in_chunks(gates: list[Gate]) -> Answer:
    return (head(200, "Transfer-Encoding: chunked"), *_between([*map(chunk, _PIECES)], gates), chunk(b""))


def _until_the_end(gates: list[Gate]) -> Answer:
    return (head(200, "Connection: close"), *_between(list(_PIECES), gates), hang_up)


def _between(pieces: list[bytes], gates: list[Gate]) -> Answer:
    return tuple(step for gate, piece in zip(gates, pieces, strict=True) for step in (gate, piece))


_FRAMINGS: Final = MappingProxyType(
    {"with a length": _with_length, "in chunks": _in_chunks, "until the connection ends": _until_the_end}
)


@TRANSPORT_CHECKS.add(
    "streaming",
    "Headers and each piece of a body are handed out while the node still holds back what follows.",
    source=PROTOCOL,
)
def streaming(subject: TransportSubject) -> None:
    with subject.opened() as carrier:
        for framing, answer in _FRAMINGS.items():
            with Loopback() as server:
                gates = [server.gate() for _ in _PIECES]
                server.script = always(*answer(gates))
                _require_pieces(carrier, server, gates, framing)


def _require_pieces(carrier: Carrier, server: Loopback, gates: list[Gate], framing: str) -> None:
    response = carrier.send(request(server.url))
    if gates[0].by_itself:
        fail(f"a body {framing}: the headers were handed out only after the first piece")
    body = iter(response)
    for number, (gate, piece) in enumerate(zip(gates, _PIECES, strict=True), start=1):
        gate.open()
        found = _exactly(body, len(piece))
        if any(later.by_itself for later in gates):
            fail(f"a body {framing}: piece {number} was handed out only when more had come")
        if found != piece:
            fail(f"a body {framing}: piece {number} is {piece!r} and was handed out as {found!r}")
    if b"".join(body):
        fail(f"a body {framing}: there is more than was sent")
    response.close()


def _exactly(body: Iterator[bytes], count: int) -> bytes:
    """So many bytes of a body, or what there is."""
    found = b""
    while len(found) < count and (piece := next(body, None)) is not None:
        found += piece
    return found


@TRANSPORT_CHECKS.add(
    "early-close",
    "Closing an answer that was not read to its end drops the connection at once; the next request works.",
    source=PROTOCOL,
)
def early_close(subject: TransportSubject) -> None:
    unfinished = (head(200, "Content-Length: 100000"), b"data: one\n\n")
    with subject.opened() as carrier:
        for reading in (False, True):
            where = "after a piece" if reading else "before any piece"
            with Loopback(always(*unfinished)) as server:
                response = carrier.send(request(server.url))
                if reading:
                    next(iter(response))
                response.close()
                if not server.ended(server.connections[0]):
                    fail(f"closed {where}, the connection stays open")
                server.script = always(http(200, b"next"))
                answered = exchange(carrier, request(server.url))
                if answered.body != b"next":
                    fail(f"closed {where}, the next request got {answered.body!r}")


_CUT: Final[Mapping[str, Answer]] = MappingProxyType(
    {
        "half of a body with a length": (head(200, "Content-Length: 1000"), b"half", hang_up),
        "nothing of a body with a length": (head(200, "Content-Length: 1000"), hang_up),
        "a body without its last chunk": (head(200, "Transfer-Encoding: chunked"), chunk(b"half"), hang_up),
        "half of a chunk": (head(200, "Transfer-Encoding: chunked"), b"100\r\nhalf", hang_up),
        "a body and then a reset": (head(200, "Content-Length: 1000"), b"half", reset),
        "a chunk whose size is no number": (head(200, "Transfer-Encoding: chunked") + b"size\r\nhalf\r\n", hang_up),
        "another answer in place of a chunk": (
            head(200, "Transfer-Encoding: chunked") + chunk(b"half"),
            pause(0.05),
            http(502, b"<html>"),
            hang_up,
        ),
    }
)


_LONGER_THAN_NEEDED: Final = TransportOptions(connect_timeout=30.0, first_byte_timeout=30.0, read_timeout=5.0)


@TRANSPORT_CHECKS.add(
    "truncated",
    "A body that breaks off is a `TransportError` with `sent` True, never a short body.",
    source=f"{PROTOCOL}, RFC 9112 §8",
)
def truncated(subject: TransportSubject) -> None:
    with subject.opened(_LONGER_THAN_NEEDED) as carrier:
        for name, answer in _CUT.items():
            with Loopback(always(*answer)) as server:
                error = failure(carrier, request(server.url), name)
                require_sent(error, True, name)
                if isinstance(error, ConnectError | TransportTimeout):
                    fail(f"{name}: it is a {type(error).__name__} although the node had answered and broken off")
