"""Transports `httpx` and `httpx2`, sync and async: two libraries with one API, so one adapter."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from importlib import import_module

from gonka_core.hookspecs import AsyncTransportFactory, TransportFactory, TransportPlugin, hookimpl


def _load_sync(library: str) -> TransportFactory:
    from .transport import HttpxTransport

    return partial(HttpxTransport, import_module(library))


def _load_async(library: str) -> AsyncTransportFactory:
    from .transport import AsyncHttpxTransport

    return partial(AsyncHttpxTransport, import_module(library))


@hookimpl
def gonka_transport() -> Sequence[TransportPlugin]:
    summaries = {"httpx": "httpx, in the base install", "httpx2": "httpx2, the successor of httpx; faster"}
    return [
        TransportPlugin(
            name=library,
            summary=summary,
            load_sync=partial(_load_sync, library),
            load_async=partial(_load_async, library),
            requires=(library,),
            extra=library,
            trusts_environment=True,
        )
        for library, summary in summaries.items()
    ]
