"""A server on loopback that keeps what arrives, byte for byte, and plays a script. It knows no HTTP library."""

from __future__ import annotations

import contextlib
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Final, Self

from .received import Received, read_request
from .script import Answer, Gate, Script, Step, always, http

PATIENCE_S: Final = 15.0
"""Seconds that a check waits for something which is bound to happen on loopback."""

ENDED_WITHIN_S: Final = 5.0
"""Seconds that a client has for ending a connection which it no longer needs: far more than it takes."""


class Connection:
    """One connection: its bytes, its requests, and whether the client ended it."""

    def __init__(self, number: int, raw: socket.socket) -> None:
        self.number = number
        self.wire: bytearray = bytearray()
        self.ended: threading.Event = threading.Event()
        self._socket = raw
        self._unread = bytearray()

    def until(self, mark: bytes) -> bytes:
        while mark not in self._unread:
            self._receive()
        return self._take(self._unread.index(mark) + len(mark))

    def exactly(self, count: int) -> bytes:
        while len(self._unread) < count:
            self._receive()
        return self._take(count)

    def go_on(self) -> None:
        self._socket.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")

    def _receive(self) -> None:
        arrived = self._socket.recv(65536)
        if not arrived:
            raise EOFError("the client ended the connection")
        self.wire += arrived
        self._unread += arrived

    def _take(self, count: int) -> bytes:
        taken = bytes(self._unread[:count])
        del self._unread[:count]
        return taken

    def secured(self, context: ssl.SSLContext) -> None:
        """Take the server's part in the handshake. Raises OSError where the client refuses."""
        self._socket = context.wrap_socket(self._socket, server_side=True)

    def play(self, step: Step) -> None:
        if isinstance(step, bytes):
            self._socket.sendall(step)
        else:
            step(self)

    def hang_up(self) -> None:
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def reset(self) -> None:
        # A linger of zero seconds: close sends RST instead of FIN.
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._socket.close()

    @property
    def closed(self) -> bool:
        """Whether the server ended it itself."""
        return self._socket.fileno() < 0


class Loopback:
    """The server, until the `with` block ends; it answers 200 with `{}` unless told otherwise.

    `opening` is played on each connection before anything is read from it. `tls` speaks HTTPS.
    """

    def __init__(
        self, script: Script | None = None, *, opening: Answer = (), tls: ssl.SSLContext | None = None
    ) -> None:
        self.script: Script = script or always(http(200, b"{}"))
        self.connections: list[Connection] = []
        self.received: list[Received] = []
        self.opening = opening
        self._tls = tls
        self._gates: list[Gate] = []
        self._changed = threading.Condition()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.address: str = f"127.0.0.1:{self._listener.getsockname()[1]}"
        self.origin: str = f"{'https' if tls else 'http'}://{self.address}"
        self.url: str = f"{self.origin}/v1"
        self._threads = [threading.Thread(target=self._accept, name="loopback", daemon=True)]

    def __enter__(self) -> Self:
        self._threads[0].start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for gate in self._gates:
            gate.open()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._threads[0].join(PATIENCE_S)
        for connection in self.connections:
            connection.hang_up()
        for thread in self._threads[1:]:
            thread.join(PATIENCE_S)

    def gate(self) -> Gate:
        """A gate that is open at the latest when the server ends."""
        self._gates.append(Gate())
        return self._gates[-1]

    def wait_for(self, state: Callable[[], bool], seconds: float = PATIENCE_S) -> bool:
        """Whether the state comes about within the time, looked at whenever something arrives or ends."""
        with self._changed:
            return self._changed.wait_for(state, seconds)

    def ended(self, connection: Connection) -> bool:
        """Whether the connection comes to its end, within the time that a client has for that."""
        return self.wait_for(connection.ended.is_set, ENDED_WITHIN_S)

    def hang_up(self) -> None:
        """End every connection, as a server does with those that are idle for long."""
        for connection in self.connections:
            connection.hang_up()
        self.wait_for(lambda: all(connection.ended.is_set() for connection in self.connections))

    def _accept(self) -> None:
        while True:
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection = Connection(len(self.connections), raw)
            self._note(lambda connection=connection: self.connections.append(connection))  # type: ignore[misc]
            self._threads.append(threading.Thread(target=self._serve, args=(connection,), daemon=True))
            self._threads[-1].start()

    def _serve(self, connection: Connection) -> None:
        # What ends a conversation on either side is an OSError or the end of the bytes; ValueError is no HTTP.
        with contextlib.suppress(OSError, EOFError, ValueError):
            self._converse(connection)
        connection.hang_up()
        self._note(connection.ended.set)

    def _converse(self, connection: Connection) -> None:
        for step in self.opening:
            connection.play(step)
        if self._tls is not None:
            connection.secured(self._tls)
        while not connection.closed:
            received = read_request(connection, connection.number)
            self._note(lambda received=received: self.received.append(received))  # type: ignore[misc]
            for step in self.script(received):
                connection.play(step)

    def _note(self, change: Callable[[], object]) -> None:
        with self._changed:
            change()
            self._changed.notify_all()
