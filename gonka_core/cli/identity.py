"""Asking a node for its provider address (`protocol.md` §6.2)."""

from __future__ import annotations

import json
from typing import Any, Final

import httpx

from gonka_core.address import parse_address
from gonka_core.errors import ConfigurationError, ConnectError, GonkaError

_LONGEST: Final = 1 << 20
_SECONDS: Final = 10.0


class IdentityError(GonkaError):
    """The node does not say who it is."""


def provider_address(base_url: str) -> str:
    """The account address of the node at a base URL that ends in `/v1`.

    Raises `ConnectError` where it cannot be reached, `IdentityError` for an answer without a valid address.
    """
    url = f"{base_url}/identity"
    step = "give the provider address with --endpoint-account"
    status, body = _get(url)
    if status != 200:
        raise IdentityError(f"{url} answered {status}; nodes before v0.2.6 have no such route", step)
    address = _address_in(body)
    if address is None:
        raise IdentityError(f"{url} answered something without data.address", f"check the node address, or {step}")
    try:
        parse_address(address, what="provider address")
    except ConfigurationError as error:
        raise IdentityError(f"{url} tells an address that is none ({error.problem})", step) from None
    return address


def _get(url: str) -> tuple[int, bytes]:
    try:
        with httpx.stream("GET", url, timeout=_SECONDS, follow_redirects=False) as response:
            body = bytearray()
            for piece in response.iter_bytes():
                body += piece
                if len(body) > _LONGEST:
                    break
            return response.status_code, bytes(body)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise ConnectError(
            f"{url} cannot be read ({str(error) or type(error).__name__})",
            "check the node address and the network; nothing was signed or sent",
        ) from None


def _address_in(body: bytes) -> str | None:
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    data = value.get("data") if isinstance(value, dict) else None
    address = data.get("address") if isinstance(data, dict) else None
    return address if isinstance(address, str) else None
