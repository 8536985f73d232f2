"""`gonka proxy` as a process: what it says when it is ready, its signals, and its end."""

from __future__ import annotations

import asyncio
import gc
import json
import signal
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

from gonka_core.async_client import AsyncClient

from .chosen import chosen
from .entries import watch
from .lines import Log
from .options import ProxyOptions
from .serving import Proxy

Say: TypeAlias = Callable[[str], None]

CUT: Final = 1
"""The exit status where requests were cut off when the grace was over."""


@dataclass(frozen=True, slots=True)
class Given:
    """The options of the command that are about the proxy itself."""

    host: str
    port: int
    allow_remote: bool
    api_key_file: str | None
    origins: tuple[str, ...]
    max_concurrent: int
    max_body: int
    max_depth: int
    read_timeout: float
    idle: float
    grace: float
    log: bool
    json_log: bool
    as_json: bool

    def options(self) -> ProxyOptions:
        """Raises `ConfigurationError`."""
        return ProxyOptions(
            host=self.host,
            port=self.port,
            allow_remote=self.allow_remote,
            origins=self.origins,
            concurrent=self.max_concurrent,
            body_bytes=self.max_body,
            json_depth=self.max_depth,
            read_s=self.read_timeout,
            idle_s=self.idle,
            grace_s=self.grace,
        )


def run(settings: dict[str, Any], given: Given, say: Say, warn: Say) -> int:
    """Serve until SIGINT or SIGTERM; the exit status. `settings` are those of the client.

    `say` and `warn` write a line, for who started it and for who looks after it.
    """
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        return runner.run(_serve(settings, given, say, warn))


async def _serve(settings: dict[str, Any], given: Given, say: Say, warn: Say) -> int:
    options = given.options()
    log = Log(as_json=given.json_log) if given.log or given.json_log else None
    async with AsyncClient(**settings, on_event=None if log is None else watch) as client:
        settings.clear()
        key, made = chosen(given.api_key_file)
        proxy = Proxy(client, key, options, told=log)
        stop = _on_signals(proxy)
        await proxy.start()
        if options.allow_remote:
            warn(
                f"gonka: warning: every machine that reaches {options.host} can try the proxy, and its key travels in "
                "the clear; put TLS in front of it"
            )
        say(_ready(proxy.url, client.address, made, as_json=given.as_json))
        del made
        _spare_the_collector()
        await stop.wait()
        cut = await proxy.stop()
    if cut:
        warn(f"gonka: {cut} request{'s were' if cut > 1 else ' was'} cut off")
    return CUT if cut else 0


def _on_signals(proxy: Proxy) -> asyncio.Event:
    """Set by the first signal; every other one ends the grace."""
    stop = asyncio.Event()

    def signalled() -> None:
        if stop.is_set():
            proxy.hurry()
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, signalled)
    return stop


def _ready(url: str, address: str | None, made: str | None, *, as_json: bool) -> str:
    """What is said once, when it listens: the only place where a key that was made is shown."""
    if as_json:
        told = {"event": "ready", "url": url, "address": address}
        return json.dumps(told if made is None else {**told, "api_key": made}, separators=(",", ":"))
    listening = f"listening at {url}; end it with Ctrl-C"
    return listening if made is None else f"{listening}\nAPI key, made for this run and not shown again: {made}"


def _spare_the_collector() -> None:
    """Look for cycles less often, and not in what the start has left."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop]:
    try:
        import uvloop
    except ModuleNotFoundError:
        return asyncio.new_event_loop
    made: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return made
