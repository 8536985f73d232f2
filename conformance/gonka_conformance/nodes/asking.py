"""Requests that go out exactly as written, and what comes back. Built on `http.client`, not on a transport of ours.

A header may stand twice, a body may break off, and nothing is added but `Host` and the framing of the body.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import ssl
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias
from urllib.parse import urlsplit

from gonka_core.keys import ApiKey

Headers: TypeAlias = tuple[tuple[str, str], ...]

_MOST: Final = 8 * 2**20
"""Bytes of an answer that are read; the rest does not matter to any check."""
_SHOWN: Final = 2000
_QUOTED: Final = 160
_HIDDEN: Final = "(hidden)"


class UnreachableError(Exception):
    """The node gave no answer; `str()` says why and what to do."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent. `chunked`: without a declared length."""

    method: str
    path: str
    headers: Headers = ()
    body: bytes | None = field(default=None, repr=False)
    chunked: bool = False

    @property
    def shown(self) -> str:
        """The request to read; of a long body the beginning."""
        head = "\n".join([f"{self.method} {self.path}", *(f"{name}: {_veiled(value)}" for name, value in self.headers)])
        return head if self.body is None else f"{head}\n\n{_readable(self.body)}"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: status, headers in their order, and the body (at most 8 MiB of it)."""

    request: Request
    status: int
    headers: Headers
    body: bytes = field(repr=False)

    def header(self, name: str) -> str:
        """The first value of a header, empty where there is none; its name in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), "")

    def json(self) -> Any:
        """The body as JSON; None for what is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    @property
    def error(self) -> str | None:
        """The text under `error` where that is a string (`protocol.md` §3.1); None for any other body."""
        document = self.json()
        found = document.get("error") if isinstance(document, dict) else None
        return found if isinstance(found, str) else None

    @property
    def words(self) -> str:
        """Status and text in a few words, for evidence."""
        text = self.error
        quoted = json.dumps(text, ensure_ascii=False) if text is not None else _readable(self.body, _QUOTED)
        return f"{self.status} {quoted}".strip()

    @property
    def shown(self) -> str:
        """The answer to read; of a long body the beginning."""
        head = "\n".join([str(self.status), *(f"{name}: {value}" for name, value in self.headers)])
        return f"{head}\n\n{_readable(self.body)}"


class Asker:
    """Asks one node, each request on a connection of its own. `timeout_s` bounds every wait for the socket.

    `api_key` is blotted out where an answer repeats it. Raises ValueError for what is no http or https URL.
    """

    def __init__(self, url: str, timeout_s: float, api_key: ApiKey | None = None) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"{url!r} is no URL of a node; write it as http://host:port/v1")
        self._secure = parts.scheme == "https"
        self._host = parts.hostname
        self._port = parts.port
        self._prefix = parts.path.rstrip("/").removesuffix("/v1")
        self._timeout_s = timeout_s
        self._api_key = api_key

    def ask(self, request: Request) -> Answer:
        """Send it and read the answer. Raises `UnreachableError` where none comes."""
        connection = self._connection()
        try:
            self._send(connection, request)
            response = connection.getresponse()
            headers = tuple((name, self._blotted(value)) for name, value in response.getheaders())
            body = self._blotted(_body(response).decode("latin-1")).encode("latin-1")
            return Answer(request, response.status, headers, body)
        except (OSError, http.client.HTTPException) as error:
            reason = str(error) or type(error).__name__
            raise UnreachableError(
                f"{self._host} gave no answer to {request.method} {request.path} ({reason}); "
                "check the URL and that the node runs"
            ) from error
        finally:
            connection.close()

    def get(self, path: str) -> Answer:
        """GET without further headers."""
        return self.ask(Request("GET", path))

    def _blotted(self, text: str) -> str:
        return text if self._api_key is None else text.replace(self._api_key.reveal(), _HIDDEN)

    def _connection(self) -> http.client.HTTPConnection:
        if self._secure:
            context = ssl.create_default_context()
            return http.client.HTTPSConnection(self._host, self._port, timeout=self._timeout_s, context=context)
        return http.client.HTTPConnection(self._host, self._port, timeout=self._timeout_s)

    def _send(self, connection: http.client.HTTPConnection, request: Request) -> None:
        connection.putrequest(request.method, self._prefix + request.path, skip_accept_encoding=True)
        for name, value in (*request.headers, *_framing(request), ("Connection", "close")):
            connection.putheader(name, value.encode("utf-8"))
        body = request.body or b""
        if request.chunked:
            connection.endheaders(_pieces(body), encode_chunked=True)
        else:
            # A node may refuse a long body by its declared length, answer, and read no more of it.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.endheaders(body or None)


def _veiled(value: str) -> str:
    """A signature may be shown; a Bearer key may not."""
    return f"Bearer {_HIDDEN}" if value.lower().startswith("bearer ") else value


def _framing(request: Request) -> Headers:
    if request.body is None:
        return ()
    return (("Transfer-Encoding", "chunked"),) if request.chunked else (("Content-Length", str(len(request.body))),)


def _pieces(body: bytes, size: int = 2**20) -> Iterable[bytes]:
    return (body[start : start + size] for start in range(0, len(body), size))


def _body(response: http.client.HTTPResponse) -> bytes:
    """What there is of it: an answer that breaks off is judged by what it has."""
    try:
        return response.read(_MOST)
    except http.client.IncompleteRead as error:
        return error.partial


def _readable(data: bytes, most: int = _SHOWN) -> str:
    text = data[:most].decode("utf-8", "backslashreplace").rstrip("\n")
    return text if len(data) <= most else f"{text}… ({len(data)} bytes)"
