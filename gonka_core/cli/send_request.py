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
@given.key_file
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
    key_file: str | None,
    as_json: bool,
) -> None:
    """Sign a payload and send it, byte for byte, to a node.

    Whether the answer is streamed says `stream` in the payload.
    """
    if key_file == file == "-":
        raise given.wrong("the key and the payload cannot both come from stdin", "give one of them as a file")
    key = given.private_key(key_file)
    body = given.content(file)
    payload = _json_object(body, file)
    url = normalised_url(_node_url(node_address))
    clock: Clock = SHARED if timestamp is None else FixedClock(timestamp)
    with Client(
        Endpoint(url, endpoint_account or _told_by_the_node(url)),
        private_key=key,
        address=account_address,
        signer=signer,
        transport=transport,
        scheme=scheme,
        clock=clock,
    ) as client:
        (answered.streamed if payload.get("stream") is True else answered.whole)(client, body, as_json=as_json)


def _node_url(node_address: str | None) -> str:
    url = node_address or os.environ.get("NODE_URL")
    if not url:
        raise MissingSettingError("there is no node to call", "give --node-address URL, or set NODE_URL")
    return url


def _told_by_the_node(url: str) -> str:
    from .identity import provider_address

    return provider_address(url)


def _json_object(body: bytes, file: str) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise PayloadError(
            f"the file {file!r} is not JSON ({error})", "write a chat payload into it; nothing was sent"
        ) from None
    if not isinstance(value, dict):
        raise PayloadError(f"the file {file!r} holds no JSON object", "write a chat payload into it; nothing was sent")
    return value
