"""Asking a transport: the requests that checks send, and what is to come of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from gonka_conformance.checks import fail
from gonka_core.endpoints import Endpoint
from gonka_core.errors import TransportError
from gonka_core.interfaces import Response
from gonka_core.types import Request

from .subject import Carrier

_PROVIDER: Final = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
AUTHORIZATION: Final = "+/+/" * 21 + "+w=="
"""What a signature looks like on the wire: 64 bytes in base64, with every character that a program may escape."""

SIGNED_HEADERS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Content-Type": "application/json",
        "Authorization": AUTHORIZATION,
        "X-Requester-Address": "gonka1hgn2xfnc8z0l2x8m24zx4qd8fycw8qzq0r5yqv",
        "X-Timestamp": "1765432109876543210",
    }
)
"""The four of protocol.md §1.1."""

CHAT: Final = "/chat/completions"


@dataclass(frozen=True, slots=True)
class Answered:
    """A whole answer."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


def request(
    base: str,
    body: bytes = b'{"model": "m"}',
    *,
    path: str = CHAT,
    method: str = "POST",
    headers: Mapping[str, str] = SIGNED_HEADERS,
) -> Request:
    """A request below the base URL, with the headers of a signed one."""
    return Request(base + path, dict(headers), body, Endpoint("http://127.0.0.1/v1", _PROVIDER), method=method)


def exchange(carrier: Carrier, asked: Request, *, timeout: float | None = None) -> Answered:
    """Send, read to the end, close."""
    return whole(carrier.send(asked, timeout=timeout))


def whole(response: Response) -> Answered:
    """Read an answer to its end and close it."""
    try:
        return Answered(response.status, response.headers, b"".join(response))
    finally:
        response.close()


def failure(carrier: Carrier, asked: Request, where: str, *, timeout: float | None = None) -> TransportError:
    """The `TransportError` that the exchange ends in; anything else fails the check."""
    try:
        answered = exchange(carrier, asked, timeout=timeout)
        evidence = f"it returned status {answered.status} with {len(answered.body)} bytes instead of raising"
    except TransportError as error:
        return error
    except Exception as error:  # noqa: BLE001 - the library's own, which should have been translated
        kind = f"{type(error).__module__}.{type(error).__qualname__}"
        evidence = f"{kind} comes through instead of a TransportError"
    return fail(f"{where}: {evidence}")


def require_sent(error: TransportError, expected: bool, where: str) -> None:
    """Fail unless the error tells rightly whether bytes of the request may have left."""
    if error.sent is expected:
        return
    truth = "the request had arrived" if expected else "no byte of the request had left"
    fail(f"{where}: {type(error).__name__} says sent={error.sent} although {truth}")


def difference(given: bytes, found: bytes) -> str | None:
    """How what arrived differs from what was given, or None."""
    if given == found:
        return None
    pairs = enumerate(zip(given, found, strict=False))
    place = next((at for at, (left, right) in pairs if left != right), min(len(given), len(found)))
    near = slice(max(0, place - 8), place + 8)
    return (
        f"{len(given)} bytes were given and {len(found)} arrived; they differ from byte {place} on: "
        f"{given[near]!r} became {found[near]!r}"
    )


def texts(error: BaseException | None) -> Iterator[str]:
    """The words of an error and of those that it came from."""
    while error is not None:
        yield from (str(error), repr(error), *getattr(error, "__notes__", ()))
        error = error.__cause__ or error.__context__
