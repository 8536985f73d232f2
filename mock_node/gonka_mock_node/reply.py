"""An answer before it goes over the wire: a status, headers, and the steps in which its body is written. No I/O.

Everything that a node answers is a `Reply`, and every fault that touches an answer is a function from one reply to
another; `wire` is the only place where a reply becomes bytes on a socket.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from json.encoder import encode_basestring
from typing import Any, Final, NamedTuple, TypeAlias

JSON: Final = "application/json"
Headers: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values in the order in which they are sent; a name may stand more than once."""

_GO_ESCAPES: Final = {character: f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}
_WRITERS: Final = {
    sort: json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=sort) for sort in (False, True)
}


@dataclass(frozen=True, slots=True)
class Pause:
    """Write nothing for so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Drop:
    """End the connection here: with an ordinary close, or, where `hard`, with a reset (TCP RST)."""

    hard: bool = False


Step: TypeAlias = bytes | Pause | Drop


class Reply(NamedTuple):
    """`steps` write the body; `before` are steps in front of the status line, where bytes make no sense.

    `length` is the Content-Length that is declared, None for a body in chunks; it need not be what the steps write.
    `steps` may be lazy, and is then good for one writing.
    """

    status: int
    headers: Headers = ()
    steps: Iterable[Step] = ()
    length: int | None = None
    before: tuple[Pause | Drop, ...] = ()
    close: bool = False

    def __repr__(self) -> str:
        return f"Reply({self.status}, {len(self.headers)} headers, length={self.length})"

    def header(self, name: str) -> str | None:
        """The first value of a header; its name in any case."""
        return next((value for key, value in self.headers if key.lower() == name.lower()), None)

    def with_header(self, name: str, value: str) -> Reply:
        """This reply with one value for that header, at the place where it stood first."""
        kept = [(key, old) for key, old in self.headers if key.lower() != name.lower()]
        at = next((i for i, (key, _) in enumerate(self.headers) if key.lower() == name.lower()), len(kept))
        return self._replace(headers=(*kept[:at], (name, value), *kept[at:]))


def whole(
    status: int, body: bytes, content_type: str = JSON, headers: Headers = (), before: tuple[Pause | Drop, ...] = ()
) -> Reply:
    """A reply whose body is there at once, with its length."""
    return Reply(status, (("Content-Type", content_type), *headers), (body,), len(body), before)


def go_json(value: Mapping[str, Any] | Sequence[Any], *, sort_keys: bool = False) -> bytes:
    """JSON as Go's `encoding/json` writes it: compact, UTF-8, `<`, `>`, `&` and two line separators escaped."""
    return go_bytes(json_text(value, sort_keys=sort_keys))


def json_text(value: Mapping[str, Any] | Sequence[Any], *, sort_keys: bool = False) -> str:
    """The same before anything is escaped: a part of a text that `go_bytes` ends."""
    return _WRITERS[sort_keys].encode(value)


def go_text(text: str) -> bytes:
    """A string as `go_json` writes it."""
    return go_bytes(encode_basestring(text))


def go_bytes(text: str) -> bytes:
    """A JSON text with Go's escapes. They stand in strings only, where alone these characters can be."""
    # Hardly a text has one, and a loop over them takes twice as long as all the rest.
    if "<" in text or ">" in text or "&" in text or not text.isascii():
        for character, escaped in _GO_ESCAPES.items():
            text = text.replace(character, escaped)
    return text.encode("utf-8", "replace")


def json_reply(status: int, value: Mapping[str, Any] | list[Any], content_type: str = JSON) -> Reply:
    """JSON with a line feed behind it, as echo sends it."""
    return whole(status, go_json(value) + b"\n", content_type)


def refused(status: int, error: str, content_type: str = JSON) -> Reply:
    """The error shape of nodes: one object, `error` a string (`protocol.md` §3.1)."""
    return json_reply(status, {"error": error}, content_type)
