"""What a proxy listens on, takes from its clients, and for how long."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass, fields
from typing import Final

from gonka_core.errors import ConfigurationError

_MIB: Final = 1024 * 1024
_ORIGIN: Final = re.compile(
    r"[a-z][a-z0-9+.-]*://[a-z0-9.-]+(?::\d{1,5})?|[a-z][a-z0-9+.-]*://\[[0-9a-f:.]+\](?::\d{1,5})?"
)


@dataclass(frozen=True, slots=True)
class ProxyOptions:
    """Bytes, seconds and counts.

    `host`, `port`: where it listens; port 0 takes a free one. A host that other machines reach needs `allow_remote`.
    `origins`: web pages that may use it from a browser, as `https://host:port`; none unless they are named.

    `concurrent`: requests in hand at once, beyond which one is refused at once (429). `body_bytes`: of a request; a
    node takes no more (`protocol.md` §3.2). `header_bytes`: of all its headers; `json_depth`: objects and arrays around
    the innermost value. `read_s`: for a request to arrive, its head and then its body; `idle_s`: for which a connection
    is kept without one. `models_s`: for which a list of models is believed. `grace_s`: that requests in hand are given
    to end when the proxy stops.

    Raises `ConfigurationError` for values that cannot be.
    """

    host: str = "127.0.0.1"
    port: int = 0
    allow_remote: bool = False
    origins: tuple[str, ...] = ()
    concurrent: int = 64
    body_bytes: int = 10 * _MIB
    header_bytes: int = 32 * 1024
    json_depth: int = 64
    read_s: float = 30.0
    idle_s: float = 75.0
    models_s: float = 60.0
    grace_s: float = 30.0

    def __post_init__(self) -> None:
        for option in fields(self):
            self._require_number(option.name)
        if not 0 <= self.port <= 65535:
            raise ConfigurationError(f"{self.port} is not a port", "give 1 to 65535, or 0 for any free one")
        for origin in self.origins:
            _require_origin(origin)
        if not (is_loopback(self.host) or self.allow_remote):
            raise ConfigurationError(
                f"other machines would reach the proxy at {self.host!r}, and spend your account's coins with its key",
                "listen on 127.0.0.1, or allow it with --allow-remote (in Python allow_remote=True)",
            )

    def _require_number(self, name: str) -> None:
        value = getattr(self, name)
        least = {"grace_s": 0, "models_s": 0, "port": 0}.get(name, 1 if isinstance(value, int) else 0.001)
        if type(value) in (int, float) and not least <= value < float("inf"):
            raise ConfigurationError(f"{name} is {value}", f"give {least} or more, and a finite number")


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the host: an address of loopback, or `localhost`."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _require_origin(origin: str) -> None:
    if origin == "*":
        raise ConfigurationError("every web page of the world would be allowed", "name the origins, one by one")
    if not _ORIGIN.fullmatch(origin):
        raise ConfigurationError(
            f"{origin!r} is not an origin", "write it as browsers do, https://host or http://localhost:3000, no path"
        )
