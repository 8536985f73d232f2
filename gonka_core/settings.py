"""What a client is told: explicitly, or by the environment where nothing explicit was given.

    GONKA_PRIVATE_KEY                          hex, with or without 0x
    GONKA_ADDRESS                              checked against the key; derived from it when unset
    GONKA_ENDPOINTS                            url;address,url;address,…
    GONKA_ENDPOINT + GONKA_PROVIDER_ADDRESS    one endpoint, looked at when GONKA_ENDPOINTS is unset
    GONKA_SOURCE_URL                           nodes that tell who takes part, looked at when both are unset
    GONKA_VERIFY                               how far that has to be proven: none, consistent, validators
    GONKA_VERIFY_PROOF                         1 stands for GONKA_VERIFY=consistent, as in the official SDKs
    GONKA_TRUSTED_VALIDATORS                   hashes of validator sets that are vouched for, in hex
    GONKA_BROKER_URL + GONKA_BROKER_API_KEY    a broker, beside those or alone
    GONKA_MODEL                                the model that commands ask for

(`protocol.md` §10.) An explicit argument always wins, and what it replaces is not even parsed.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from typing import Final, TypeAlias

from .discovery.records import LEVELS, Level, Network
from .endpoints import Endpoint, as_endpoints
from .errors import ConfigurationError, MissingSettingError
from .keys import ApiKey

_HASH: Final = re.compile(r"[0-9a-fA-F]{64}", re.ASCII)

GivenEndpoints: TypeAlias = Endpoint | str | Iterable[Endpoint | str] | None
GivenNetwork: TypeAlias = Network | str | Iterable[str] | None


def places(
    endpoints: GivenEndpoints, network: GivenNetwork = None, environ: Mapping[str, str] | None = None
) -> tuple[tuple[Endpoint, ...], Network | None]:
    """The endpoints to call, and the network in which more are found: those given, or those of the environment.

    Raises `MissingSettingError` where there are neither.
    """
    # `environ` stays None where it is the real one: it has the key, and tracebacks may show what frames hold.
    if endpoints is not None or network is not None:
        found = as_endpoints(endpoints or ())
        sources = None if network is None else _network(network, environ)
    else:
        found = _endpoints_of(os.environ if environ is None else environ)
        signed = any(endpoint.signed for endpoint in found)
        told = _value("GONKA_SOURCE_URL", environ)
        sources = None if signed or not told else _network(told, environ)
    del environ
    if not found and sources is None:
        raise MissingSettingError(
            "there is no endpoint to call",
            "pass endpoints=['https://host:port/v1;gonka1…'], or set GONKA_ENDPOINT and GONKA_PROVIDER_ADDRESS "
            "(to find nodes: GONKA_SOURCE_URL; for a broker: GONKA_BROKER_URL and GONKA_BROKER_API_KEY)",
        )
    return found, sources


def _network(given: Network | str | Iterable[str], environ: Mapping[str, str] | None) -> Network:
    if isinstance(given, Network):
        return given
    urls = given.split(",") if isinstance(given, str) else given
    return Network(tuple(url.strip() for url in urls if url.strip()), verify=verify(environ), trusted=trusted(environ))


def verify(environ: Mapping[str, str] | None = None) -> Level:
    """The level of proof that the environment asks for. Raises `ConfigurationError` for one that there is not."""
    text = _value("GONKA_VERIFY", environ)
    if not text:
        return "consistent" if _value("GONKA_VERIFY_PROOF", environ) == "1" else "none"
    return level(text, "GONKA_VERIFY")


def level(text: str, where: str) -> Level:
    """The level of that name. Raises `ConfigurationError`, which names `where` it was given."""
    for known in LEVELS:
        if text == known:
            return known
    raise ConfigurationError(f"{where} is {text!r}, which is no level of proof", f"give one of: {', '.join(LEVELS)}")


def trusted(environ: Mapping[str, str] | None = None) -> tuple[bytes, ...]:
    """The hashes, 32 bytes each, of the validator sets that the environment vouches for."""
    return hashes(_value("GONKA_TRUSTED_VALIDATORS", environ), "GONKA_TRUSTED_VALIDATORS")


def hashes(text: str, where: str) -> tuple[bytes, ...]:
    """Hashes of 32 bytes in hex, separated by commas. Raises `ConfigurationError`, which names `where` they stand."""
    return tuple(_hash(part.strip(), where) for part in text.split(",") if part.strip())


def _value(name: str, environ: Mapping[str, str] | None) -> str:
    return (os.environ if environ is None else environ).get(name, "").strip()


def _hash(text: str, where: str) -> bytes:
    if not _HASH.fullmatch(text):
        raise ConfigurationError(
            f"{where} holds {text[:80]!r}, which is no hash of a validator set",
            "give validators_hash of a block header that you trust: 64 hex digits",
        )
    return bytes.fromhex(text)


def address(given: str | None, environ: Mapping[str, str] | None = None) -> str | None:
    """The account address given or set in `GONKA_ADDRESS`; None where the key alone decides."""
    return given or (os.environ if environ is None else environ).get("GONKA_ADDRESS") or None


def model(given: str | None, environ: Mapping[str, str] | None = None) -> str | None:
    """The model given or set in `GONKA_MODEL`."""
    return given or (os.environ if environ is None else environ).get("GONKA_MODEL") or None


def brokers(environ: Mapping[str, str] | None = None) -> tuple[Endpoint, ...]:
    """The broker of the environment, if it names one. Raises `MissingSettingError` for one without a key."""
    return _broker_of(os.environ if environ is None else environ)


def _endpoints_of(environ: Mapping[str, str]) -> tuple[Endpoint, ...]:
    several = environ.get("GONKA_ENDPOINTS", "")
    url = environ.get("GONKA_ENDPOINT", "")
    provider = environ.get("GONKA_PROVIDER_ADDRESS", "")
    brokers = _broker_of(environ)
    del environ
    if several.strip():
        return (*as_endpoints(several), *brokers)
    signed = (Endpoint(url.strip(), provider.strip()),) if url.strip() else ()
    return (*signed, *brokers)


def _broker_of(environ: Mapping[str, str]) -> tuple[Endpoint, ...]:
    url = environ.get("GONKA_BROKER_URL", "").strip()
    key = environ.get("GONKA_BROKER_API_KEY", "").strip()
    given = bool(key)
    api_key = ApiKey(key) if url and key else None
    del environ, key
    if url and not given:
        raise MissingSettingError("GONKA_BROKER_URL is set without a key", "set GONKA_BROKER_API_KEY too, or unset it")
    return (Endpoint.broker(url, api_key),) if api_key else ()
