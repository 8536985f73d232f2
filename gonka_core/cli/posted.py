"""What `gonka signature send-request` sends and prints: the lines of the original (`protocol.md` §9), and true ones."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import click

from gonka_core import resolve
from gonka_core.client import Client
from gonka_core.endpoints import Endpoint
from gonka_core.errors import CallError
from gonka_core.hookspecs import TransportOptions
from gonka_core.interfaces import Response, Transport
from gonka_core.keys import PrivateKey
from gonka_core.types import Request, SchemeChoice, SignedRequest

from . import answered
from .identity import provider_address
from .send_request import asks_for_a_stream, clock_at, node_url


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be sent where, as it was given. `what` names the body in errors; an empty account asks the node."""

    body: bytes = field(repr=False)
    what: str
    node_address: str | None
    endpoint_account: str
    account_address: str | None
    timestamp_ns: int | None
    scheme: SchemeChoice
    signer: str
    transport: str


class Remembering:
    """A transport that keeps the request it sent last, so that what was sent can be shown."""

    def __init__(self, carrier: Transport) -> None:
        self._carrier = carrier
        self.last: SignedRequest | None = None

    def send(self, request: Request, /, *, timeout: float | None = None) -> Response:
        if isinstance(request, SignedRequest):
            self.last = request
        return self._carrier.send(request, timeout=timeout)

    def close(self) -> None:
        self._carrier.close()


def send(order: Order, key: PrivateKey, *, as_json: bool) -> None:
    """Send it, and print the headers of the request that was answered, and the answer; as JSON the answer alone."""
    streamed = asks_for_a_stream(order.body, order.what)
    with _client(order, key) as (client, carrier):
        if as_json:
            (answered.streamed if streamed else answered.whole)(client, order.body, as_json=True)
        elif streamed:
            _show_stream(client, carrier, order.body)
        else:
            _show_whole(client, carrier, order.body)


@contextmanager
def _client(order: Order, key: PrivateKey) -> Iterator[tuple[Client, Remembering]]:
    url = node_url(order.node_address)
    endpoint = Endpoint(url, order.endpoint_account or provider_address(url, order.transport))
    carrier = Remembering(resolve.transport(order.transport, TransportOptions()))
    try:
        with Client(
            endpoint,
            private_key=key,
            address=order.account_address,
            signer=order.signer,
            transport=carrier,
            scheme=order.scheme,
            clock=clock_at(order.timestamp_ns),
        ) as client:
            yield client, carrier
    finally:
        carrier.close()


def _show_whole(client: Client, carrier: Remembering, body: bytes) -> None:
    with _headers_in_any_case(carrier):
        answer = client.chat(body)
    click.echo("Response:")
    click.echo(answer.body.decode("utf-8", "replace").rstrip("\n"))


def _show_stream(client: Client, carrier: Remembering, body: bytes) -> None:
    """The events one by one, as they come."""
    with _headers_in_any_case(carrier):
        opened = client.stream(body).__enter__()
    with opened as stream:
        click.echo("Response:")
        for chunk in stream:
            click.echo(f"data: {json.dumps(chunk.data, ensure_ascii=False, separators=(',', ':'))}\n")
    click.echo("data: [DONE]")


@contextmanager
def _headers_in_any_case(carrier: Remembering) -> Iterator[None]:
    """Print what was sent, also where it was refused: the error says the rest."""
    try:
        yield
    except CallError:
        _show_sent(carrier.last)
        raise
    _show_sent(carrier.last)


def _show_sent(request: SignedRequest | None) -> None:
    if request is None:
        return
    signature = request.headers["Authorization"]
    click.echo(f"Address: {request.requester_address}")
    click.echo(f"Signature: {signature}")
    click.echo(f"Sending POST request to {request.url}")
    click.echo(f"Authorization: {signature}")
    click.echo(f"X-Requester-Address: {request.headers['X-Requester-Address']}")
    click.echo(f"X-Timestamp: {request.headers['X-Timestamp']}")
