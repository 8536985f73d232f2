"""`httpx.Client(auth=GonkaAuth())`: signed requests from a plain httpx, sync and async."""

from __future__ import annotations

import httpx

from .httpx_flow import HttpxSigning
from .once import Once

__all__ = ["GonkaAuth"]


class _Once(Once, httpx.SyncByteStream, httpx.AsyncByteStream):
    """`Once` as the library knows bodies."""


class GonkaAuth(HttpxSigning, httpx.Auth):
    """Signs what a `httpx.Client` or `httpx.AsyncClient` sends to one of the endpoints; see `Signing`.

    For a client that follows no redirects, as is the default: one that does raises `ConfigurationError` at the
    first, and the signature goes nowhere else.
    """

    _once = _Once
    _not_read = httpx.RequestNotRead
