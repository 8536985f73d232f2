"""The second way that the official SDK documents: a plain `OpenAI` with `base_url`, and an HTTP client that signs."""

from __future__ import annotations

import random
import time
from typing import Any

from gonka_core import endpoints as core
from gonka_core import resolve, settings
from gonka_core.client import Client
from gonka_core.discovery.learning import learn
from gonka_core.discovery.records import Network
from gonka_core.driving import run_flow
from gonka_core.errors import ConfigurationError, GonkaError, MissingSettingError
from gonka_core.hookspecs import TransportOptions
from gonka_core.keys import PrivateKey

from . import answering, making
from .generation import http
from .lent import LentTransport
from .official import Endpoint, GivenEndpoints, Strategy, endpoints_of, theirs
from .transport import GonkaTransport

_CHANCE = random.SystemRandom()


def gonka_http_client(
    private_key: str | PrivateKey,
    address: str | None = None,
    http_client: http.Client | None = None,
    transfer_address: str | None = None,
) -> http.Client:
    """What `OpenAI(base_url=selected.url, http_client=…)` takes, with the arguments that it has in the official SDK.

    Requests are signed for `transfer_address`, the provider at that `base_url`; without it the endpoints of the
    environment are called instead. A foreign `http_client` is what nodes are called through, and is closed with this.
    Raises `ConfigurationError`.
    """
    key, flaw = making.read_key(private_key, "private_key")
    del private_key
    if flaw is not None:
        raise flaw
    if key is None:
        raise MissingSettingError("private_key is empty", "give 64 hex digits, with or without 0x")
    return http.Client(transport=AddressedTransport(key, address, http_client, transfer_address))


class AddressedTransport(http.BaseTransport):
    """Makes a client for the base URL of each request, once: only there is it known which endpoint is called."""

    def __init__(
        self, key: PrivateKey, address: str | None, lent: http.Client | None, transfer_address: str | None
    ) -> None:
        self._transfer_address = transfer_address
        self._options: dict[str, Any] = {"private_key": key, "address": address, "options": making.waits()}
        self._lent = lent
        if lent is not None:
            self._options["transport"] = LentTransport.over(lent, self._options["options"])
        self._made: dict[str, GonkaTransport] = {}
        if transfer_address is None:
            self._transport("")

    def handle_request(self, request: http.Request) -> http.Response:
        try:
            transport = self._transport(self._base(request))
        except GonkaError as error:
            return answering.failed(error, request)
        return transport.handle_request(request)

    def _base(self, request: http.Request) -> str:
        base, found, _ = str(request.url).partition("/v1/")
        if self._transfer_address is None:
            return ""
        if not found:
            raise ConfigurationError("the base_url of the SDK's client does not end in /v1", "give it selected.url")
        return base

    def _transport(self, base: str) -> GonkaTransport:
        if base not in self._made:
            place = core.Endpoint(base, self._transfer_address) if self._transfer_address is not None else None
            client = Client(place, **self._options)
            self._made[base] = GonkaTransport(client, (client,))
        return self._made[base]

    def close(self) -> None:
        for each in self._made.values():
            each.close()
        if self._lent is not None:
            self._lent.close()


def resolve_endpoints(source_url: str | None = None, endpoints: GivenEndpoints = None) -> list[Endpoint]:
    """The endpoints that are given, or those that a node at `source_url` tells of, or those of the environment.

    Raises `MissingSettingError` where there are none to be had, and `DiscoveryError`.
    """
    given = endpoints_of(endpoints)
    found, network = settings.places(given, None if given else source_url or None)
    listed = () if network is None else _listed(network)
    return [theirs(endpoint) for endpoint in (*found, *listed) if endpoint.signed]


def resolve_and_select_endpoint(
    source_url: str | None = None,
    endpoints: GivenEndpoints = None,
    endpoint_selection_strategy: Strategy | None = None,
) -> tuple[list[Endpoint], Endpoint]:
    """`resolve_endpoints`, and the one that the function chooses, or chance."""
    found = resolve_endpoints(source_url, endpoints)
    return found, (endpoint_selection_strategy or _CHANCE.choice)(found)


def _listed(network: Network) -> tuple[core.Endpoint, ...]:
    transport = resolve.transport(resolve.AUTO, TransportOptions())
    try:
        return run_flow(learn(network, time.monotonic, time.time), transport).endpoints
    finally:
        transport.close()
