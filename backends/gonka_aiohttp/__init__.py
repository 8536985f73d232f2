"""Transport `aiohttp`: async only, and the fastest."""

from __future__ import annotations

from gonka_core.hookspecs import AsyncTransportFactory, TransportPlugin, hookimpl


def _load_async() -> AsyncTransportFactory:
    from .transport import AiohttpTransport

    return AiohttpTransport


@hookimpl
def gonka_transport() -> TransportPlugin:
    return TransportPlugin(
        name="aiohttp",
        summary="aiohttp; async only, fastest",
        load_async=_load_async,
        requires=("aiohttp",),
        extra="aiohttp",
    )
