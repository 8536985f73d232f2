"""Whom the doctor looks at: what the user gave, and what has been found so far."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from gonka_core.asking.asker import Asker
from gonka_core.clock import SHARED, Clock
from gonka_core.discovery.records import Discovered, Network
from gonka_core.endpoints import Endpoint
from gonka_core.errors import InvalidEndpointError
from gonka_core.interfaces import Signer, Transport
from gonka_core.keys import ENVIRONMENT_VARIABLE, PrivateKey

from .findings import Finding

Kind: TypeAlias = Literal["node", "retired", "gateway", "other"]
"""A node that takes signed requests, one that does so no longer, a gateway or broker, something else."""


@dataclass(frozen=True)
class Given:
    """What the doctor is told; what is left out comes from `environ`, by default that of the process.

    `endpoint` and `provider_address`, `sources`, `verify` (a level of proof) and `trusted` (hashes of validator sets in
    hex, with commas) and `chain_id` (mainnet's by default) are text as the user wrote it: what is wrong with it is a
    finding. `key` reads the private key,
    by default from `GONKA_PRIVATE_KEY`, and `key_source` says from where. `signer` and `transport` are a plug-in's
    name, or an object. `send`: send a chat to each endpoint, which costs. `timeout_s` bounds each question;
    after `longest_s` no further link is looked at. `clock` is what timestamps would be taken from.
    """

    endpoint: str | None = None
    provider_address: str | None = None
    sources: tuple[str, ...] = ()
    verify: str | None = None
    trusted: str | None = None
    chain_id: str | None = None
    model: str | None = None
    address: str | None = None
    key: Callable[[], PrivateKey] | None = field(default=None, repr=False)
    key_source: str = ENVIRONMENT_VARIABLE
    signer: str | Signer = "auto"
    transport: str | Transport = "auto"
    send: bool = False
    timeout_s: float = 10.0
    longest_s: float = 120.0
    environ: Mapping[str, str] | None = field(default=None, repr=False)
    clock: Clock = field(default=SHARED, repr=False)
    seconds: Callable[[], float] = field(default=time.monotonic, repr=False)


@dataclass
class Place:
    """An endpoint that is looked at. Without provider address or key it is only read from.

    `addresses`: of its host, as `socket` has them. `reached`: whether HTTP may be tried. `answers`: whether it does.
    """

    endpoint: Endpoint
    broker: bool = False
    discovered: bool = False
    addresses: list[tuple[int, str]] = field(default_factory=list)
    reached: bool = False
    answers: bool = False
    kind: Kind | None = None

    @property
    def url(self) -> str:
        return self.endpoint.url

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def where(self) -> str:
        """Host and port, as a URL has them."""
        return f"{f'[{self.host}]' if ':' in self.host else self.host}:{self.port}"

    @property
    def secure(self) -> bool:
        return self.url.startswith("https://")

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or (443 if self.secure else 80)


@dataclass
class Patient:
    """What is known so far. `asker` asks; `findings` are those that were told already."""

    given: Given
    asker: Asker
    signer: Signer | None = None
    address: str | None = None
    places: list[Place] = field(default_factory=list)
    network: Network | None = None
    discovered: Discovered | None = None
    findings: list[Finding] = field(default_factory=list)
    escrow_ngonka: int | None = None

    @property
    def only_brokers(self) -> bool:
        """Whether nobody is called who wants a signature."""
        return self.network is None and bool(self.places) and all(place.broker for place in self.places)

    def readers(self) -> Iterator[Endpoint]:
        """Nodes that can be asked about the chain: those that are called, then those that tell who takes part."""
        nodes = [place for place in self.places if place.answers and place.kind in ("node", "retired")]
        yield from (place.endpoint for place in nodes)
        for source in self.network.sources if self.network else ():
            try:
                public = Endpoint.public(source)
            except InvalidEndpointError:
                continue
            if public.url not in [place.url for place in nodes]:
                yield public

    def nobody(self) -> str:
        """Why nobody tells something of the chain."""
        return "its nodes do not serve the chain's own routes" if any(self.readers()) else "no node can be asked"

    def troubles(self, place: Place) -> list[str]:
        """The names of what was found wrong and matters to a request to that endpoint."""
        about = (None, place.url)
        return [found.name for found in self.findings if found.verdict == "wrong" and found.subject in about]
