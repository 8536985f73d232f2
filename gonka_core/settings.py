"""What a client is told: explicitly, or by the environment where nothing explicit was given.

    GONKA_PRIVATE_KEY                          hex, with or without 0x
    GONKA_ADDRESS                              checked against the key; derived from it when unset
    GONKA_ENDPOINTS                            url;address,url;address,…
    GONKA_ENDPOINT + GONKA_PROVIDER_ADDRESS    one endpoint, looked at when GONKA_ENDPOINTS is unset
    GONKA_BROKER_URL + GONKA_BROKER_API_KEY    a broker, beside those or alone
    GONKA_MODEL                                the model that commands ask for

(`protocol.md` §10.) An explicit argument always wins, and what it replaces is not even parsed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping

from .endpoints import Endpoint, as_endpoints
from .errors import MissingSettingError
from .keys import ApiKey


def endpoints(
    given: Endpoint | str | Iterable[Endpoint | str] | None, environ: Mapping[str, str] | None = None
) -> tuple[Endpoint, ...]:
    """The endpoints given, or those of the environment; at least one. Raises `MissingSettingError` for none."""
    found = as_endpoints(given) if given is not None else _endpoints_of(os.environ if environ is None else environ)
    del environ
    if not found:
        raise MissingSettingError(
            "there is no endpoint to call",
            "pass endpoints=['https://host:port/v1;gonka1…'], or set GONKA_ENDPOINT and GONKA_PROVIDER_ADDRESS "
            "(for a broker: GONKA_BROKER_URL and GONKA_BROKER_API_KEY)",
        )
    return found


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
