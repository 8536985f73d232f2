"""How much an answer may be. A node is a stranger: what it sends is counted before it is kept, and read within bounds.

`Limits` are numbers, `incoming` and `check_headers` hold what arrives to them, and `parse_object` reads JSON that may
be nested on purpose. Code that does not know who is answering raises `OverLimitError`; `exceeded` makes it the error of
a call, which names the option to raise.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from itertools import accumulate
from typing import Any, Final, Literal, TypeAlias

from . import jsontext
from .endpoints import Endpoint
from .errors import ConfigurationError, LimitExceededError

Limit: TypeAlias = Literal[
    "response_bytes",
    "decompressed_bytes",
    "header_bytes",
    "sse_line_bytes",
    "event_bytes",
    "stream_bytes",
    "json_depth",
]
"""The name of an option of `Limits`."""

_MIB: Final = 1024 * 1024

_TOLD: Final[Mapping[Limit, str]] = {
    "response_bytes": "a body of more than {} bytes",
    "decompressed_bytes": "a body of more than {} bytes, decompressed",
    "header_bytes": "headers of more than {} bytes",
    "sse_line_bytes": "a line of more than {} bytes in its stream",
    "event_bytes": "an event of more than {} bytes",
    "stream_bytes": "a stream of more than {} bytes",
    "json_depth": "JSON that is nested more than {} deep",
}


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client takes from an endpoint, in bytes; `json_depth` in objects and arrays around the innermost value.

    `response_bytes`: a body that is not a stream, as it arrives; `decompressed_bytes`: the same once its content coding
    is undone. `header_bytes`: names and values of an answer's headers, with four each for what separates them.
    `sse_line_bytes`, `event_bytes`: one line of a stream, and the data of one event; a node cuts its own lines at 1 MiB
    (`protocol.md` §5.3). `stream_bytes`: a whole stream.

    Raises `ConfigurationError` for a limit below one.
    """

    response_bytes: int = 64 * _MIB
    decompressed_bytes: int = 64 * _MIB
    header_bytes: int = 64 * 1024
    sse_line_bytes: int = 16 * _MIB
    event_bytes: int = 16 * _MIB
    stream_bytes: int = 1024 * _MIB
    json_depth: int = 64

    def __post_init__(self) -> None:
        for option in fields(self):
            allowed = getattr(self, option.name)
            if allowed < 1:
                raise ConfigurationError(
                    f"the limit {option.name} is {allowed}, so that no answer could be read", "give one or more"
                )


DEFAULT: Final = Limits()


class OverLimitError(ValueError):
    """Something is more than `allowed`, the value of the option `limit`."""

    def __init__(self, limit: Limit, allowed: int) -> None:
        super().__init__(limit, allowed)
        self.limit: Limit = limit
        self.allowed = allowed

    def __str__(self) -> str:
        return _TOLD[self.limit].format(self.allowed)


def exceeded(over: OverLimitError, endpoint: Endpoint, status: int) -> LimitExceededError:
    """The error of a call whose answer, with this status, goes over a limit."""
    return LimitExceededError(
        f"{endpoint} sent {over}",
        f"use another endpoint, or allow more with Limits({over.limit}=…); the request may have been billed",
        endpoint=endpoint,
        status=status,
        limit=over.limit,
        allowed=over.allowed,
    )


def check_headers(headers: Mapping[str, str], limits: Limits, endpoint: Endpoint, status: int) -> None:
    """Raises `LimitExceededError` for headers that are more than `header_bytes`."""
    size = sum(map(len, headers)) + sum(map(len, headers.values())) + 4 * len(headers)
    if size > limits.header_bytes:
        raise exceeded(OverLimitError("header_bytes", limits.header_bytes), endpoint, status)


def parse_object(data: bytes, limits: Limits = DEFAULT) -> Mapping[str, Any] | None:
    """The JSON object that `data` is, in UTF-8; None for anything else, NaN and Infinity included.

    Of a member given twice the last one counts; integers may have up to 4,300 digits. Raises `OverLimitError` where the
    nesting is deeper than `json_depth`; that is found out by counting, before anything recurses.
    """
    if _brackets(data) > limits.json_depth and _depth(data) > limits.json_depth:
        raise OverLimitError("json_depth", limits.json_depth)
    try:
        value = jsontext.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


_STEP: Final = {ord("["): 1, ord("{"): 1, ord("]"): -1, ord("}"): -1}
_OTHERS: Final = bytes(set(range(256)) - set(_STEP) - set(b'"'))


def _brackets(data: bytes) -> int:
    """How many are opened, in strings too: it is nested no deeper than that, and they are counted in no time."""
    return data.count(b"{") + data.count(b"[")


def _depth(data: bytes) -> int:
    """How deep the brackets outside of strings are nested, as far as it is JSON: a parser goes no further.

    Escaped quotes are taken out first, so that the quotes that are left begin and end strings.
    """
    marks = data.replace(rb"\\", b"").replace(rb"\"", b"").translate(None, _OTHERS)
    brackets = b"".join(marks.split(b'"')[::2])
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)
