"""How long it waits: each patience by itself, and the rest of a call's deadline over all of them.

A wait that ought to end after a fraction of a second is held for `HELD_S` by the server, so that a slow machine does
not decide; a wait that ought not to end is kept up for a multiple of the patience which it must not run into.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from typing import Final

from gonka_conformance.checks import fail
from gonka_core.errors import TransportError, TransportTimeout
from gonka_core.hookspecs import TransportOptions

from .asking import exchange, failure, request, require_sent
from .listed import TRANSPORT_CHECKS
from .script import Answer, Gate, always, hang_up, head, http, pause
from .server import Loopback
from .subject import Carrier, TransportSubject

_OPTIONS: Final = "TransportOptions"
_SHORT: Final = 0.1
_DEADLINE: Final = 0.2
"""Longer, because it bounds the connection too, which a busy machine may take a while for."""
_LONG: Final = 60.0
_NO_LIMITS: Final = TransportOptions(connect_timeout=None, first_byte_timeout=None, read_timeout=None)
_HANDSHAKE: Final = "a TLS handshake that is not answered"


def _options(*, connect: float = _LONG, first_byte: float = _LONG, read: float = _LONG) -> TransportOptions:
    return TransportOptions(connect_timeout=connect, first_byte_timeout=first_byte, read_timeout=read)


def _require_given_up(
    carrier: Carrier, server: Loopback, gate: Gate, where: str, timeout: float | None
) -> TransportError:
    error = failure(carrier, request(server.url), where, timeout=timeout)
    if gate.by_itself:
        fail(f"{where}: it went on waiting until the server gave in; then it raised {type(error).__name__}")
    if where != _HANDSHAKE:
        require_sent(error, True, where)
        if not isinstance(error, TransportTimeout):
            fail(f"{where}: it is a {type(error).__name__} instead of a TransportTimeout")
    return error


def _stalled_handshake(gate: Gate, server: Loopback) -> str:
    server.opening = (gate, hang_up)
    server.url = server.url.replace("http:", "https:")
    return _HANDSHAKE


def _no_headers(gate: Gate, server: Loopback) -> str:
    server.script = always(gate, http(200, b"late"))
    return "silence before the headers"


def _half_headers(gate: Gate, server: Loopback) -> str:
    server.script = always(b"HTTP/1.1 200 OK\r\nContent-", gate, b"Length: 4\r\n\r\nlate")
    return "silence within the headers"


def _no_body(gate: Gate, server: Loopback) -> str:
    server.script = always(head(200, "Content-Length: 4"), gate, b"late")
    return "silence before the body"


def _half_body(gate: Gate, server: Loopback) -> str:
    server.script = always(head(200, "Content-Length: 8"), b"half", gate, b"late")
    return "silence within the body"


Stall = Callable[[Gate, Loopback], str]


def _judge(
    subject: TransportSubject, options: TransportOptions, stall: Stall, timeout: float | None = None
) -> TransportError:
    with Loopback() as server, subject.opened(options) as carrier:
        gate = server.gate()
        return _require_given_up(carrier, server, gate, stall(gate, server), timeout)


@TRANSPORT_CHECKS.add(
    "connect-timeout",
    "`connect_timeout` bounds reaching the node, its TLS handshake included; `sent` is False then.",
    source=_OPTIONS,
)
def connect_timeout(subject: TransportSubject) -> None:
    require_sent(_judge(subject, _options(connect=_SHORT), _stalled_handshake), False, _HANDSHAKE)


@TRANSPORT_CHECKS.add(
    "first-byte-timeout",
    "`first_byte_timeout` bounds the silence before the headers are there: a `TransportTimeout` with `sent` True.",
    source=_OPTIONS,
)
def first_byte_timeout(subject: TransportSubject) -> None:
    for stall in (_no_headers, _half_headers):
        _judge(subject, _options(first_byte=_SHORT), stall)


@TRANSPORT_CHECKS.add(
    "read-timeout",
    "`read_timeout` bounds the silence before each piece of the body: a `TransportTimeout` with `sent` True.",
    source=_OPTIONS,
)
def read_timeout(subject: TransportSubject) -> None:
    for stall in (_no_body, _half_body):
        _judge(subject, _options(read=_SHORT), stall)


@TRANSPORT_CHECKS.add(
    "call-timeout",
    "`timeout` of a call bounds every single wait, whatever the options allow.",
    source="the Transport protocol",
)
def call_timeout(subject: TransportSubject) -> None:
    for stall in (_stalled_handshake, _no_headers, _half_body):
        _judge(subject, _options(), stall, _DEADLINE)
    _judge(subject, _NO_LIMITS, _half_body, _DEADLINE)


_FOUR: Final = head(200, "Content-Length: 4")
_PATIENCES: Final[tuple[tuple[str, TransportOptions, Answer], ...]] = (
    (
        "a silence before the headers that read_timeout does not bound",
        _options(read=0.1),
        (pause(0.3), http(200, b"late")),
    ),
    (
        "a silence within the body that first_byte_timeout does not bound",
        _options(first_byte=0.5),
        (_FOUR, pause(0.8), b"late"),
    ),
    (
        "a body that takes longer than read_timeout, none of its pieces does",
        _options(read=0.6),
        (_FOUR, *(step for piece in (b"l", b"a", b"t", b"e") for step in (pause(0.2), piece))),
    ),
)


@TRANSPORT_CHECKS.add(
    "patience",
    "A patience holds for its own wait only: none runs out early, and `read_timeout` begins anew with each piece.",
    source=_OPTIONS,
)
def patience(subject: TransportSubject) -> None:
    with ExitStack() as stack, ThreadPoolExecutor(len(_PATIENCES)) as pool:
        pairs = [
            (stack.enter_context(Loopback(always(*answer))), stack.enter_context(subject.opened(options)))
            for _, options, answer in _PATIENCES
        ]
        ended = list(pool.map(_outcome, *zip(*pairs, strict=True)))
    for (where, _, _), outcome in zip(_PATIENCES, ended, strict=True):
        if outcome != "late":
            fail(f"{where}: {outcome}")


def _outcome(server: Loopback, carrier: Carrier) -> str:
    """The body, or the error that came instead."""
    try:
        return exchange(carrier, request(server.url)).body.decode()
    except Exception as error:  # noqa: BLE001 - whatever comes instead of the body is the evidence
        return f"{type(error).__name__} came although the time had not run out"


@TRANSPORT_CHECKS.add("no-limits", "None sets no limit, in any of the options.", source=_OPTIONS)
def no_limits(subject: TransportSubject) -> None:
    with Loopback() as server, subject.opened(_NO_LIMITS) as carrier:
        exchange(carrier, request(server.url))
