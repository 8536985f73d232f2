"""`httpx2.Client(auth=GonkaAuth())`: signed requests from a plain httpx2, sync and async."""

from __future__ import annotations

import httpx2

from .httpx_flow import HttpxSigning
from .once import Once

__all__ = ["GonkaAuth"]


class _Once(Once, httpx2.SyncByteStream, httpx2.AsyncByteStream):
    """`Once` as the library knows bodies."""


class GonkaAuth(HttpxSigning, httpx2.Auth):
    """Signs what a `httpx2.Client` or `httpx2.AsyncClient` sends to one of the endpoints; see `Signing`.

    For a client that follows no redirects, as is the default: one that does raises `ConfigurationError` at the
    first, and the signature goes nowhere else.
    """

    _once = _Once
    _not_read = httpx2.RequestNotRead
