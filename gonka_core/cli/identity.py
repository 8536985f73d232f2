"""Asking a node for its provider address (`protocol.md` §6.2)."""

from __future__ import annotations

import time
from typing import Final

from gonka_core.address import parse_address
from gonka_core.answers import Answer
from gonka_core.asking import Inquiry, object_of
from gonka_core.endpoints import Endpoint
from gonka_core.errors import ConfigurationError, ConnectError, GonkaError
from gonka_core.steps import Steps

from .nodes import carried_out

_SECONDS: Final = 10.0
_PATH: Final = "/v1/identity"


class IdentityError(GonkaError):
    """The node does not say who it is."""


def provider_address(base_url: str, transport: str = "auto") -> str:
    """The account address of the node at a base URL that ends in `/v1`, asked by the transport of that name.

    Raises `ConnectError` where it cannot be reached, `IdentityError` for an answer without a valid address.
    """
    url = f"{base_url}/identity"
    step = "give the provider address with --endpoint-account"
    answer = carried_out(_asked(base_url), transport)
    if answer.status != 200:
        raise IdentityError(f"{url} answered {answer.status}; nodes before v0.2.6 have no such route", step)
    address = _address_in(answer.body or b"")
    if address is None:
        raise IdentityError(f"{url} answered something without data.address", f"check the node address, or {step}")
    try:
        parse_address(address, what="provider address")
    except ConfigurationError as error:
        raise IdentityError(f"{url} tells an address that is none ({error.problem})", step) from None
    return address


def _asked(base_url: str) -> Steps[Answer]:
    endpoint = Endpoint.public(base_url)
    inquiry = Inquiry.within(time.monotonic, _SECONDS)
    answer = yield from inquiry.get(endpoint, _PATH)
    if answer is None:
        raise ConnectError(
            f"{base_url}/identity cannot be read ({inquiry.reasons[endpoint.root]})",
            "check the node address and the network; nothing was signed or sent",
        )
    return answer


def _address_in(body: bytes) -> str | None:
    data = (object_of(body) or {}).get("data")
    address = data.get("address") if isinstance(data, dict) else None
    return address if isinstance(address, str) else None
