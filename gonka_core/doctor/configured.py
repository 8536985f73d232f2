"""What is configured: which endpoints, sources and brokers, and what contradicts itself.

Everything is taken up one by one, so that one mistake hides no other, and an endpoint that lacks its provider address
or key can still be looked at.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import Any, Final

from gonka_core import settings
from gonka_core.discovery.records import MAINNET, Network
from gonka_core.discovery.requirements import require_sound
from gonka_core.endpoints import Endpoint
from gonka_core.errors import ConfigurationError, GonkaError
from gonka_core.keys import ApiKey

from .findings import Finding, ok, wrong
from .patient import Patient, Place

MOST_PLACES: Final = 16
_NAME: Final = "settings"


def read(patient: Patient) -> Iterator[Finding]:
    """Fill `places` and `network`, and tell each thing that is wrong with the settings, or that nothing is."""
    given = patient.given
    environ: Mapping[str, str] = os.environ if given.environ is None else given.environ
    flaws = [*_endpoints(patient, environ), *_network(patient, environ), *_broker(patient, environ)]
    yield from flaws
    if not patient.places and patient.network is None and not flaws:
        yield wrong(
            _NAME,
            "no endpoint is configured, no source and no broker",
            "export GONKA_ENDPOINT=https://host:port/v1 GONKA_PROVIDER_ADDRESS=gonka1…, or GONKA_SOURCE_URL=https://host,"
            " or GONKA_BROKER_URL and GONKA_BROKER_API_KEY",
        )
    elif not flaws:
        yield ok(_NAME, _told(patient, environ), **_facts(patient))


def _endpoints(patient: Patient, environ: Mapping[str, str]) -> Iterator[Finding]:
    given = patient.given
    if given.endpoint is not None:
        yield from _place(patient, given.endpoint, given.provider_address or "", "--provider-address")
        return
    if given.sources:
        return
    several, url = environ.get("GONKA_ENDPOINTS", ""), environ.get("GONKA_ENDPOINT", "").strip()
    provider = environ.get("GONKA_PROVIDER_ADDRESS", "").strip()
    if several.strip():
        for entry in [entry for entry in several.split(",") if entry.strip()][:MOST_PLACES]:
            place, _, address = entry.partition(";")
            yield from _place(patient, place.strip(), address.strip(), "GONKA_ENDPOINTS (url;address)")
    elif url:
        yield from _place(patient, url, provider, "GONKA_PROVIDER_ADDRESS")
    elif provider:
        yield wrong(
            _NAME,
            "GONKA_PROVIDER_ADDRESS is set without an endpoint",
            "set GONKA_ENDPOINT to the URL of that provider, or unset it",
        )


def _place(patient: Patient, url: str, provider: str, where: str) -> Iterator[Finding]:
    """The endpoint; where only its address is amiss, one that can be read from."""
    try:
        public = Endpoint.public(url)
    except ConfigurationError as error:
        yield wrong(_NAME, error.problem, error.next_step)
        return
    try:
        patient.places.append(Place(Endpoint(url, provider)))
    except ConfigurationError as error:
        patient.places.append(Place(public))
        step = f"give it in {where}; what the node tells of itself stands below" if not provider else error.next_step
        yield wrong(_NAME, error.problem, step, public.url)


def _network(patient: Patient, environ: Mapping[str, str]) -> Iterator[Finding]:
    given = patient.given
    told = ",".join(given.sources) or ("" if patient.places else environ.get("GONKA_SOURCE_URL", ""))
    if not told.strip():
        return
    sources = []
    for url in (part.strip() for part in told.split(",") if part.strip()):
        try:
            sources.append(Endpoint.public(url).root)
        except ConfigurationError as error:
            yield wrong(_NAME, f"a source is unusable: {error.problem}", error.next_step)
    try:
        level = settings.level(given.verify, "--verify") if given.verify else settings.verify(environ)
        hashes = settings.hashes(given.trusted, "--trust") if given.trusted else settings.trusted(environ)
        chain_id = MAINNET if given.chain_id is None else given.chain_id
        network = Network(tuple(sources), verify=level, trusted=hashes, chain_id=chain_id, cache=False)
        require_sound(network)
    except GonkaError as error:
        yield wrong(_NAME, error.problem, error.next_step)
        return
    if sources:
        patient.network = network


def _broker(patient: Patient, environ: Mapping[str, str]) -> Iterator[Finding]:
    given = patient.given
    if given.endpoint is not None or given.sources:
        return
    url, key = environ.get("GONKA_BROKER_URL", "").strip(), environ.get("GONKA_BROKER_API_KEY", "").strip()
    if key and not url:
        yield wrong(
            _NAME, "GONKA_BROKER_API_KEY is set without a broker", "set GONKA_BROKER_URL to its URL, or unset the key"
        )
    if not url:
        return
    try:
        endpoint = Endpoint.broker(url, ApiKey(key)) if key else Endpoint.public(url)
    except ConfigurationError as error:
        yield wrong(_NAME, error.problem, error.next_step)
        return
    patient.places.append(Place(endpoint, broker=True))
    if not key:
        yield wrong(
            _NAME,
            "GONKA_BROKER_URL is set without a key",
            "set GONKA_BROKER_API_KEY to the key that the broker gave you, or unset GONKA_BROKER_URL",
            endpoint.url,
        )


def _told(patient: Patient, environ: Mapping[str, str]) -> str:
    parts = [f"{'broker' if place.broker else 'endpoint'} {place.url}" for place in patient.places]
    if patient.network is not None:
        level = patient.network.verify
        parts.append(f"nodes are found through {', '.join(patient.network.sources)} (proof: {level})")
    ignored = [name for name in _ignored(patient, environ) if environ.get(name, "").strip()]
    more = f"; not looked at: {', '.join(ignored)}" if ignored else ""
    return "; ".join(parts) + more


def _ignored(patient: Patient, environ: Mapping[str, str]) -> Iterator[str]:
    """Variables that are set and count for nothing, because others come first."""
    explicit = patient.given.endpoint is not None or bool(patient.given.sources)
    if explicit:
        yield from ("GONKA_ENDPOINTS", "GONKA_ENDPOINT", "GONKA_SOURCE_URL", "GONKA_BROKER_URL")
        return
    if environ.get("GONKA_ENDPOINTS", "").strip():
        yield "GONKA_ENDPOINT"
    if any(not place.broker for place in patient.places):
        yield "GONKA_SOURCE_URL"


def _facts(patient: Patient) -> dict[str, Any]:
    return {
        "endpoints": [place.url for place in patient.places if not place.broker],
        "brokers": [place.url for place in patient.places if place.broker],
        "sources": list(patient.network.sources) if patient.network else [],
        "verify": patient.network.verify if patient.network else None,
    }
