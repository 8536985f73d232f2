"""What a plug-in supplies. Structural: nothing has to be inherited."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Protocol, runtime_checkable

from .types import Endpoint, Outcome, Request, SelectionContext


@runtime_checkable
class Signer(Protocol):
    """A key that can sign. It holds its key, parsed once, and shows it nowhere."""

    @property
    def public_key(self) -> bytes:
        """33 bytes: the compressed point (SEC 1 §2.3.3)."""
        ...

    def sign_digest(self, digest: bytes, /) -> bytes:
        """64 bytes r‖s, big-endian, low-S, for a digest of 32 bytes.

        The signers of this distribution draw the nonce by RFC 6979; a node cannot tell (`protocol.md` §1.5).
        """
        ...


class Response(Protocol):
    """An answer whose headers have arrived and whose body has not been read yet."""

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Names in lower case."""
        ...

    def __iter__(self) -> Iterator[bytes]:
        """The body in pieces as they arrive, content codings not undone. Raises `TransportError` when that fails."""
        ...

    def close(self) -> None:
        """Give the connection back, or drop it when the body was not read to its end."""
        ...


class AsyncResponse(Protocol):
    """`Response`, awaited.

    One may also have `arrived() -> bytes | None`, which is called once, before anything else: the whole body, content
    codings not undone, where it is here and nothing is left to close, and otherwise None. Then it is read in one step.
    """

    @property
    def status(self) -> int:
        """The HTTP status of the answer."""
        ...

    @property
    def headers(self) -> Mapping[str, str]:
        """Names in lower case."""
        ...

    def __aiter__(self) -> AsyncIterator[bytes]:
        """The body in pieces, as those of `Response`. Raises `TransportError` when that fails."""
        ...

    async def aclose(self) -> None:
        """Give the connection back, or drop it when the body was not read to its end."""
        ...


class Transport(Protocol):
    """Carries the bytes of a request to its URL and hands back the answer, whatever its status.

    It sends method, URL, headers and body as they stand, follows no redirect, and raises `TransportError`
    (`ConnectError` when nothing was sent) where no answer arrives. `timeout` is what is left of the call's deadline, in
    seconds: no single wait may be longer, whatever the options of the transport allow.
    """

    def send(self, request: Request, /, *, timeout: float | None = None) -> Response:
        """Send a request, and return when the answer's headers are there. Raises `TransportError`, `ConnectError`."""
        ...

    def close(self) -> None:
        """Drop all connections. Called once, when the client closes."""
        ...


class AsyncTransport(Protocol):
    """`Transport`, awaited."""

    async def send(self, request: Request, /, *, timeout: float | None = None) -> AsyncResponse:
        """Send a request, and return when the answer's headers are there. Raises `TransportError`, `ConnectError`."""
        ...

    async def aclose(self) -> None:
        """Drop all connections. Called once, when the client closes."""
        ...


class Selector(Protocol):
    """Chooses the endpoint of each attempt. One selector may serve many threads."""

    def select(self, candidates: Sequence[Endpoint], context: SelectionContext, /) -> Endpoint:
        """One of `candidates`, which is never empty."""
        ...

    def report(self, endpoint: Endpoint, outcome: Outcome, /) -> None:
        """Learn how an attempt ended. Called once for each attempt."""
        ...
