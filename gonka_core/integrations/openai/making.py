"""From the names that users have to the arguments of `Client`. Key material is let go of before anything is raised."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any, Final, NamedTuple

import openai

from gonka_core.errors import ConfigurationError, InvalidKeyError
from gonka_core.hookspecs import TransportOptions
from gonka_core.keys import PrivateKey

from .generation import BASE_URL, CONNECT_S
from .official import GivenEndpoints, Strategy, StrategySelector, endpoints_of

_DECIDED: Final = ("base_url", "provider", "workload_identity", "data_residency")
"""Arguments of the SDK that say where requests go and who answers for them: here endpoints and a signature do."""


class Named(NamedTuple):
    """What the official SDK's arguments say."""

    private_key: PrivateKey | None
    address: str | None
    endpoints: GivenEndpoints
    strategy: Strategy | None
    source_url: str | None

    @property
    def given(self) -> str:
        """The names of those that are not None, as in a message."""
        told = {
            "gonka_private_key": self.private_key,
            "gonka_address": self.address,
            "endpoints": self.endpoints,
            "endpoint_selection_strategy": self.strategy,
            "source_url": self.source_url,
        }
        return ", ".join(name for name, value in told.items() if value is not None)

    def client_options(self, timeout: object) -> dict[str, Any]:
        """The same as arguments of `Client`. Raises `InvalidEndpointError`, `InvalidAddressError`."""
        endpoints = endpoints_of(self.endpoints)
        options: dict[str, Any] = {
            "endpoints": endpoints,
            "network": None if endpoints else self.source_url or None,
            "private_key": self.private_key,
            "address": self.address or None,
            "options": waits(timeout),
        }
        if self.strategy is not None:
            options["selector"] = StrategySelector(self.strategy)
        return options


def require_ours(options: MutableMapping[str, Any]) -> None:
    """Take out what the SDK passes on to a copy. Raises `ConfigurationError` for another destination or credential."""
    for name in _DECIDED:
        value = options.pop(name, None)
        if value in (None, openai.NOT_GIVEN, openai.not_given) or (
            name == "base_url" and str(value).startswith(BASE_URL)
        ):
            continue
        raise ConfigurationError(
            f"{name} says where requests go or who answers for them, which endpoints and a signature do here",
            "leave it out, and give endpoints=['https://host:port/v1;gonka1…'] or source_url='https://…'",
        )


def ready(options: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Options of `Client` with the key read, and with no timeouts but those that the SDK sends along.

    Raises `InvalidKeyError`.
    """
    key, flaw = read_key(options.pop("private_key", None), "private_key")
    if flaw is not None:
        raise flaw
    options["private_key"] = key
    options.setdefault("options", waits())
    return options


def require_none(options: Mapping[str, Any]) -> None:
    """Raises `ConfigurationError` where a client is given and options of one as well."""
    names = ", ".join(sorted(options))
    del options
    if names:
        raise ConfigurationError(
            f"{names} cannot be changed of a client that is made already", "give these where the Client is made"
        )


def read_key(given: str | PrivateKey | None, where: str) -> tuple[PrivateKey | None, InvalidKeyError | None]:
    """The key, or why it is none; never raises, so that no frame with its text is kept. Of empty text it is None.

    `where` names the argument in the message.
    """
    if isinstance(given, PrivateKey):
        return given, None
    if given is None or given == "":
        return None, None
    if not isinstance(given, str):
        flaw = InvalidKeyError(f"{where} is a {type(given).__name__}", "give 64 hex digits, or a PrivateKey")
        return None, flaw
    try:
        return PrivateKey.from_hex(given, where=where), None
    except InvalidKeyError as error:
        return None, error.with_traceback(None)


def waits(timeout: object = openai.NOT_GIVEN) -> TransportOptions:
    """The connect timeout of the SDK's `timeout` (seconds, `Timeout`, None for none); the others come per request."""
    if timeout is None:
        return TransportOptions(None, None, None)
    if isinstance(timeout, int | float):
        return TransportOptions(float(timeout), None, None)
    return TransportOptions(getattr(timeout, "connect", CONNECT_S), None, None)
