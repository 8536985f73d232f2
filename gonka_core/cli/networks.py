"""Where commands find nodes: options for a network, and the `Network` that follows from them and the environment."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

import click

from gonka_core import settings
from gonka_core.discovery.records import LEVELS, MAINNET, Network
from gonka_core.endpoints import Endpoint
from gonka_core.settings import GivenEndpoints

from . import given

Command = TypeVar("Command", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class NetworkChoice:
    """What the options say."""

    sources: tuple[str, ...] = ()
    verify: str | None = None
    trust: tuple[str, ...] = ()
    private: bool | None = None
    chain_id: str | None = None

    def places(self, endpoints: GivenEndpoints = None) -> tuple[tuple[Endpoint, ...], Network | None]:
        """The endpoints to call and the network in which more are found; see `settings.places`.

        Raises `ConfigurationError` for options about a network where there is none.
        """
        found, network = settings.places(endpoints, self.sources or None)
        return found, self._told(network)

    def _told(self, network: Network | None) -> Network | None:
        if network is None:
            if any(told is not None for told in (self.verify, self.private, self.chain_id)) or self.trust:
                raise given.wrong(
                    "--verify, --trust, --chain-id, --private and --public are about a network, and none is asked",
                    "give --source URL, or set GONKA_SOURCE_URL and no endpoint",
                )
            return None
        hashes = (found for text in self.trust for found in settings.hashes(text, "--trust"))
        return replace(
            network,
            verify=network.verify if self.verify is None else settings.level(self.verify, "--verify"),
            trusted=(*network.trusted, *hashes),
            private=self.private,
            chain_id=network.chain_id if self.chain_id is None else self.chain_id,
        )


def options(command: Command) -> Command:
    """Give a command the options for a network, and the argument `network`: a `NetworkChoice`."""

    @functools.wraps(command)
    def choosing(*args: Any, **given: Any) -> Any:
        return command(*args, network=NetworkChoice(**{name: given.pop(name) for name in _NAMES}), **given)

    decorated: Any = choosing
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated  # type: ignore[no-any-return]


chain_id: Final = click.option(
    "--chain-id", metavar="ID", help=f"Chain that the proof has to be of. Default: {MAINNET}."
)
"""The option, for commands with other options for a network."""
_NAMES = ("sources", "verify", "trust", "chain_id", "private")
_OPTIONS = (
    click.option(
        "--source",
        "sources",
        multiple=True,
        metavar="URL",
        help="A node that tells who takes part; may be given several times. Default: GONKA_SOURCE_URL.",
    ),
    click.option(
        "--verify", type=click.Choice(LEVELS), help="How far that has to be proven. Default: GONKA_VERIFY, or none."
    ),
    click.option("--trust", multiple=True, metavar="HASH", help="validators_hash (hex) that you vouch for."),
    chain_id,
    click.option(
        "--private/--public", default=None, help="Nodes at private addresses too, or not. Default: by the source."
    ),
)
