"""Whom the control plane answers.

A page on the internet can make a browser send requests to loopback, and a DNS name of its own can be made to mean
127.0.0.1. So a call has to name the node by a name that nobody else can own, and a call that changes something must not
come from another page. Pure functions over header values.
"""

from __future__ import annotations

import ipaddress
from urllib.parse import urlsplit


def host_is_ours(host: str, own: tuple[str, ...]) -> bool:
    """Whether a `Host` (with or without port) is loopback, `localhost`, or one of the host names of `own`."""
    name = host_name(f"//{host}")
    if name is None:
        return False
    return name == "localhost" or _is_loopback(name) or name in own


def origin_is_ours(origin: str | None, host: str) -> bool:
    """Whether `Origin` is absent, as outside of browsers, or that of the node as it was called."""
    return origin is None or origin.lower() == f"http://{host.lower()}"


def host_name(url: str) -> str | None:
    """The host name in a URL, in lower case, IPv6 without its brackets; None where there is none."""
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts.hostname if parts.username is None and not parts.path else None


def _is_loopback(name: str) -> bool:
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False
