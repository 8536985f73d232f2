"""A server on loopback that keeps every byte it receives and answers what the test says. Shares nothing with us."""

from __future__ import annotations

import contextlib
import socket
import threading
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self


@dataclass(frozen=True)
class Received:
    """One request as it arrived: request line, header lines in order, and the body after its transfer coding."""

    line: str
    headers: list[tuple[str, str]]
    body: bytes

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.headers if key.lower() == name.lower()]


def http(status: str, body: bytes = b"", *headers: str) -> bytes:
    """The bytes of an answer with a length."""
    head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(head).encode() + b"\r\n\r\n" + body


@dataclass
class Recorder:
    """Serves one connection at a time. Each answer is a list of pieces, sent one after the other; after the last answer
    of `answers` the last one is repeated. An answer that is empty closes the connection without a word."""

    answers: list[list[bytes]]
    received: list[Received] = field(default_factory=list)
    closed_by_client: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._connection: socket.socket | None = None
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for open_socket in (self._listener, self._connection):
            with contextlib.suppress(OSError, AttributeError):
                open_socket.shutdown(socket.SHUT_RDWR)  # type: ignore[union-attr]
        self._listener.close()
        self._thread.join(timeout=10)

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connection = connection
            with connection:
                connection.settimeout(10)
                self._converse(connection)

    def _converse(self, connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        while (request := _read(stream)) is not None:
            self.received.append(request)
            answer = self.answers[min(len(self.received), len(self.answers)) - 1]
            try:
                for piece in answer:
                    connection.sendall(piece)
            except OSError:
                break
            if not answer or b"Connection: close" in answer[0]:
                return
        self.closed_by_client.set()


def _read(stream: object) -> Received | None:
    try:
        line = stream.readline()  # type: ignore[attr-defined]
    except OSError:
        return None
    if not line:
        return None
    headers = []
    while header := stream.readline().rstrip(b"\r\n"):  # type: ignore[attr-defined]
        name, _, value = header.decode("latin-1").partition(":")
        headers.append((name, value.strip()))
    request = Received(line.decode("latin-1").rstrip(), headers, b"")
    if request.values("transfer-encoding"):
        raise AssertionError("a signed body is sent with its length, not in chunks")
    length = int((request.values("content-length") or ["0"])[0])
    return Received(request.line, headers, stream.read(length))  # type: ignore[attr-defined]
