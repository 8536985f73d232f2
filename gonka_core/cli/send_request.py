"""`gonka send-request`: the documented command, done so that nodes accept it (`protocol.md` §9)."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from typing import Any

import click

from gonka_core.client import Client
from gonka_core.clock import SHARED, Clock
from gonka_core.endpoints import Endpoint, normalised_url
from gonka_core.errors import MissingSettingError, PayloadError
from gonka_core.types import SchemeChoice

from . import answered, given
from .identity import provider_address


@dataclass(frozen=True, slots=True)
class FixedClock:
    """A clock that shows what the user says."""

    shown_ns: int

    def now_ns(self) -> int:
        return self.shown_ns

    def timestamp_ns(self, offset_ns: int = 0) -> int:
        """The same instant, whatever the node's clock shows: that is what the user asked for."""
        return self.shown_ns


@click.command("send-request")
@click.option("--account-address", metavar="ADDRESS", help="Refuse a key that does not belong to this account.")
@click.option("--node-address", metavar="URL", help="Base URL of the node, with or without /v1. Default: NODE_URL.")
@given.file
@click.option("--endpoint-account", metavar="ADDRESS", help="Provider address. Default: what the node says it is.")
@given.timestamp
@given.scheme_or_auto
@given.signer
@given.transport
@given.key
@given.as_json
def send_request(
    account_address: str | None,
    node_address: str | None,
    file: str,
    endpoint_account: str | None,
    timestamp: int | None,
    scheme: SchemeChoice,
    signer: str,
    transport: str,
    key: given.KeyChoice,
    as_json: bool,
) -> None:
    """Sign a payload and send it, byte for byte, to a node.

    Whether the answer is streamed says `stream` in the payload.
    """
    given.one_stdin(key, file)
    private_key = key.read()
    body = given.content(file)
    streamed = asks_for_a_stream(body, f"the file {file!r}")
    url = node_url(node_address)
    with Client(
        Endpoint(url, endpoint_account or provider_address(url, transport)),
        private_key=private_key,
        address=account_address,
        signer=signer,
        transport=transport,
        scheme=scheme,
        clock=clock_at(timestamp),
    ) as client:
        (answered.streamed if streamed else answered.whole)(client, body, as_json=as_json)


def clock_at(timestamp_ns: int | None) -> Clock:
    """The clock that shows this time, or the real one."""
    return SHARED if timestamp_ns is None else FixedClock(timestamp_ns)


def node_url(node_address: str | None) -> str:
    """The base URL of the node to call, with `/v1` at its end. Raises `MissingSettingError` where none is named."""
    url = node_address or os.environ.get("NODE_URL")
    if not url:
        raise MissingSettingError("there is no node to call", "give --node-address URL, or set NODE_URL")
    return normalised_url(url)


def asks_for_a_stream(body: bytes, what: str) -> bool:
    """Whether a payload asks for a streamed answer. Raises `PayloadError` where `what` holds no payload."""
    step = "write a chat payload into it; nothing was sent"
    try:
        value: Any = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise PayloadError(f"{what} is not JSON ({error})", step) from None
    if not isinstance(value, dict):
        raise PayloadError(f"{what} holds no JSON object", step)
    return value.get("stream") is True
