"""Which client a command makes: the options that choose its nodes, plug-ins and key."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import click

from gonka_core.endpoints import Endpoint

from . import given, networks

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class ClientChoice:
    """What the options say."""

    endpoint: str | None
    provider_address: str | None
    network: networks.NetworkChoice
    scheme: str
    signer: str
    transport: str
    selector: str
    key: given.KeyChoice

    def settings(self) -> dict[str, Any]:
        """Arguments of `Client` and `AsyncClient`. Raises `ConfigurationError`."""
        endpoints, found_in = self.network.places(self._endpoint())
        return {
            "endpoints": endpoints,
            "network": found_in,
            # Without an option the client looks for a key itself, and only where a node wants a signature.
            "private_key": None if self.key.option is None else self.key.read(),
            "signer": self.signer,
            "transport": self.transport,
            "selector": self.selector,
            "scheme": self.scheme,
        }

    def _endpoint(self) -> Endpoint | None:
        if self.endpoint is None and self.provider_address is not None:
            raise given.wrong("--provider-address is given without --endpoint", "give both, or neither")
        return None if self.endpoint is None else Endpoint(self.endpoint, self.provider_address or "")


def options(command: Command) -> Command:
    """Give a command the options for a client, and the argument `choice`: a `ClientChoice`."""

    @functools.wraps(command)
    def choosing(*args: Any, **told: Any) -> Any:
        return command(*args, choice=ClientChoice(**{name: told.pop(name) for name in _NAMES}), **told)

    decorated: Any = choosing
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


_NAMES = ("endpoint", "provider_address", "network", "scheme", "signer", "transport", "selector", "key")
_OPTIONS: tuple[Callable[..., Any], ...] = (
    click.option("--endpoint", metavar="URL", help="Default: GONKA_ENDPOINTS or GONKA_ENDPOINT, and GONKA_BROKER_URL."),
    click.option("--provider-address", metavar="ADDRESS", help="Of that endpoint."),
    networks.options,
    given.scheme_or_auto,
    given.signer,
    given.transport,
    click.option("--selector", default="random", show_default=True, metavar="NAME", help="See `gonka plugins`."),
    given.key,
)
