"""A proxy beside a program that has no event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from gonka_core import AsyncClient
from gonka_core.errors import InvalidKeyError

from .access import ProxyKey, as_key
from .options import ProxyOptions
from .serving import DEFAULTS, Proxy


@contextmanager
def in_thread(client: AsyncClient, api_key: ProxyKey | str, options: ProxyOptions = DEFAULTS) -> Iterator[str]:
    """A proxy in a thread of its own, as long as the block lasts: its URL. The client is closed at the end.

    Raises as `Proxy.start` does.
    """
    key = as_key(api_key)
    del api_key  # tracebacks show arguments
    if isinstance(key, InvalidKeyError):
        raise key
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="gonka-proxy", daemon=True)
    thread.start()

    async def made() -> Proxy:
        proxy = Proxy(client, key, options)
        await proxy.start()
        return proxy

    async def over(proxy: Proxy | None) -> None:
        if proxy is not None:
            await proxy.stop()
        await client.aclose()

    proxy: Proxy | None = None
    try:
        proxy = asyncio.run_coroutine_threadsafe(made(), loop).result()
        yield proxy.url
    finally:
        asyncio.run_coroutine_threadsafe(over(proxy), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
