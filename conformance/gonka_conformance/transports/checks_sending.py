"""What a request looks like when it arrives."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Final

from gonka_conformance.checks import fail

from .asking import AUTHORIZATION, SIGNED_HEADERS, difference, exchange, request
from .listed import PROTOCOL, TRANSPORT_CHECKS
from .received import Received
from .script import always, http
from .server import Loopback
from .subject import TransportSubject

_BODIES: Final[Mapping[str, bytes]] = MappingProxyType(
    {
        "empty": b"",
        "JSON with blanks of its own": b'{ "b" : 1.0,\t"a":\r\n [ ] , "\\u00e9": "\xc3\xa9" }',
        "JSON with a line feed at its end": b'{"a":1}\n',
        "JSON with blanks around it": b' \r\n{"a":1} ',
        "every byte value": bytes(range(256)),
        "a mebibyte": bytes(range(256)) * 4096,
        "a mebibyte and one byte": bytes(range(256)) * 4096 + b"}",
    }
)


@TRANSPORT_CHECKS.add("body-exact", "The bytes sent are the bytes given.", source="protocol.md §1.2, §14 client rule 1")
def body_exact(subject: TransportSubject) -> None:
    with Loopback() as server, subject.opened() as carrier:
        for name, body in _BODIES.items():
            exchange(carrier, request(server.url, body))
            differs = difference(body, server.received[-1].body)
            if differs:
                fail(f"body {name}: {differs}")


@TRANSPORT_CHECKS.add(
    "content-length",
    "A body is sent with its length, once, and not in chunks.",
    source="RFC 9112 §6.2, protocol.md §3.2 row 1",
)
def content_length(subject: TransportSubject) -> None:
    with Loopback() as server, subject.opened() as carrier:
        for name, body in _BODIES.items():
            exchange(carrier, request(server.url, body))
            received = server.received[-1]
            if received.values("transfer-encoding"):
                fail(f"body {name}: it was sent with Transfer-Encoding: {received.values('transfer-encoding')[0]}")
            if received.values("content-length") != [str(len(body))]:
                fail(f"body {name}: {len(body)} bytes have Content-Length {received.values('content-length')}")


_TARGETS: Final = (
    "/chat/completions",
    "/chat/completions?trace=a%20b%2Fc&sum=1+2&empty=&key=%2B%3D%7E",
    "/models/a%2Fb%20c/~x",
    "/a//b/?q=x;y,z:@!$'()*",
)


@TRANSPORT_CHECKS.add("request-line", "Method, path and query arrive as they were given.", source=PROTOCOL)
def request_line(subject: TransportSubject) -> None:
    with Loopback() as server, subject.opened() as carrier:
        for method, target in [*(("POST", target) for target in _TARGETS), ("GET", _TARGETS[1]), ("PUT", _TARGETS[0])]:
            exchange(carrier, request(server.url, b"" if method == "GET" else b"{}", path=target, method=method))
            wanted = f"{method} /v1{target} HTTP/1.1"
            if server.received[-1].line != wanted:
                fail(f"{wanted!r} was asked for and {server.received[-1].line!r} arrived")


@TRANSPORT_CHECKS.add("host", "`Host` is that of the URL, once.", source="RFC 9112 §3.2")
def host(subject: TransportSubject) -> None:
    with Loopback() as server, subject.opened() as carrier:
        exchange(carrier, request(server.url))
        if server.received[0].values("host") != [server.address]:
            fail(f"for {server.url} it sent Host {server.received[0].values('host')}")


_BEARER: Final = {"Content-Type": "application/json", "Authorization": "Bearer sk-+/aZ09_~.-=="}
_MORE: Final = {**SIGNED_HEADERS, "X-Trace": 'a, b; c="d"  e\'%2F'}


@TRANSPORT_CHECKS.add(
    "headers-exact", "Each header given arrives once, its value byte for byte.", source="protocol.md §1.1"
)
def headers_exact(subject: TransportSubject) -> None:
    with Loopback() as server, subject.opened() as carrier:
        for headers in (SIGNED_HEADERS, _BEARER, _MORE):
            exchange(carrier, request(server.url, headers=headers))
            _require_headers(server.received[-1], headers)


def _require_headers(received: Received, headers: Mapping[str, str]) -> None:
    for name, value in headers.items():
        found = received.values(name)
        if not found:
            fail(f"{name} did not arrive")
        if len(found) > 1:
            fail(f"{name} arrived {len(found)} times")
        if found[0] != value:
            fail(f"{name} arrived as {found[0]!r} instead of {value!r}")


_MEANT: Final = (
    *("authorization", "content-encoding", "content-range", "cookie", "expect", "forwarded", "proxy-authorization"),
    *("range", "te", "trailer", "transfer-encoding", "upgrade", "via"),
)
"""Headers that a server acts upon; `Connection` is one where it says more than that it stays open or does not."""


@TRANSPORT_CHECKS.add(
    "nothing-added",
    "It adds no header that changes what a request means: no `X-…`, no condition, no coding, no expectation.",
    source="protocol.md §1.4, §2",
)
def nothing_added(subject: TransportSubject) -> None:
    with Loopback() as server, subject.opened() as carrier:
        for method, headers in (("POST", SIGNED_HEADERS), ("GET", {})):
            exchange(carrier, request(server.url, b"{}" if headers else b"", method=method, headers=headers))
            given = {name.lower() for name in headers}
            for name, value in server.received[-1].headers:
                if name.lower() not in given and _acted_upon(name.lower(), value):
                    fail(f"it added {name}: {value}")


def _acted_upon(name: str, value: str) -> bool:
    if name == "connection":
        return value.lower() not in ("keep-alive", "close")
    return name in _MEANT or name.startswith(("x-", "if-", "access-control-"))


@TRANSPORT_CHECKS.add(
    "accept-encoding",
    "It asks for no content coding, since it hands bodies out as they are.",
    source=PROTOCOL,
)
def accept_encoding(subject: TransportSubject) -> None:
    with Loopback() as server, subject.opened() as carrier:
        exchange(carrier, request(server.url))
        asked = server.received[0].values("accept-encoding")
        if asked not in ([], ["identity"]):
            fail(f"it asks for Accept-Encoding: {', '.join(asked)}")


@TRANSPORT_CHECKS.add(
    "cookies", "A cookie that a node sets does not come back.", source="protocol.md §14 client rule 2"
)
def cookies(subject: TransportSubject) -> None:
    answer = http(200, b"{}", "Set-Cookie: follow=you; Path=/", "Set-Cookie: me=too")
    with Loopback(always(answer)) as server, subject.opened() as carrier:
        for _ in range(2):
            exchange(carrier, request(server.url))
        if server.received[1].values("cookie"):
            fail(f"the second request has Cookie: {server.received[1].values('cookie')[0]}")


@TRANSPORT_CHECKS.add(
    "own-authorization",
    "Neither an entry of ~/.netrc nor credentials in the URL replace `Authorization`.",
    source="protocol.md §1.1",
)
def own_authorization(subject: TransportSubject) -> None:
    with tempfile.TemporaryDirectory() as home, Loopback() as server:
        netrc = Path(home) / ".netrc"
        netrc.write_text("machine 127.0.0.1 login somebody password something\n")
        netrc.chmod(0o600)
        with subject.opened(NETRC=str(netrc), HOME=home) as carrier:
            exchange(carrier, request(server.url))
            _require_own(server, "with an entry in ~/.netrc")
            try:
                exchange(carrier, request(server.url.replace("//", "//somebody:something@")))
            except Exception:  # noqa: BLE001 - endpoints refuse such a URL, and so may a transport, in its own words
                return
            _require_own(server, "with credentials in the URL")


def _require_own(server: Loopback, where: str) -> None:
    found = server.received[-1].values("authorization")
    if found != [AUTHORIZATION]:
        fail(f"{where}, Authorization arrived as {found}")
