"""The three hooks, their marker, and the records they return.

A hook *describes*: it returns records and imports nothing heavy. The loader in a record imports the library,
once, when a client is made with that name. Nothing here runs for a request.

A plug-in package names itself in the entry-point group `gonka` and implements one or more of the hooks::

    from gonka_core.hookspecs import SignerPlugin, hookimpl

    @hookimpl
    def gonka_signer():
        return SignerPlugin(name="mine", summary="keys in my vault", load=lambda: ...)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

import pluggy

from .errors import PluginError
from .interfaces import AsyncTransport, Selector, Signer, Transport
from .keys import PrivateKey

PROJECT = "gonka"
"""The pluggy project name and the entry-point group."""

hookspec: Final = pluggy.HookspecMarker(PROJECT)
hookimpl: Final = pluggy.HookimplMarker(PROJECT)


@dataclass(frozen=True, slots=True)
class TransportOptions:
    """What a client asks of its transport; seconds, None for no limit.

    `connect_timeout` bounds reaching the endpoint, `first_byte_timeout` the silence before the answer begins, and
    `read_timeout` that between two of its pieces.
    """

    connect_timeout: float | None = 10.0
    first_byte_timeout: float | None = 300.0
    read_timeout: float | None = 60.0

    def within(self, timeout: float | None) -> TransportOptions:
        """The same with nothing longer than `timeout`: what is left of a call, in seconds, None for no limit."""
        if timeout is None:
            return self
        given = (self.connect_timeout, self.first_byte_timeout, self.read_timeout)
        return TransportOptions(*(timeout if seconds is None else min(seconds, timeout) for seconds in given))


SignerFactory: TypeAlias = Callable[[PrivateKey], Signer]
OwnKeySignerFactory: TypeAlias = Callable[[], Signer]
TransportFactory: TypeAlias = Callable[[TransportOptions], Transport]
AsyncTransportFactory: TypeAlias = Callable[[TransportOptions], AsyncTransport]
SelectorFactory: TypeAlias = Callable[[], Selector]


@dataclass(frozen=True, slots=True)
class SignerPlugin:
    """A way of signing. `load` imports the library and returns the factory, which is given the private key.

    A signer whose key is elsewhere, in a device or behind a socket, has `load_own` instead, whose factory is given
    nothing: then no private key is read here at all. Raises `PluginError` for both, and for neither.

    `requires` are the modules whose absence means that the library is not installed; `extra` is the extra of
    `gonka-core` (or the distribution) that brings it. `deterministic` claims RFC 6979 (the kit checks the claim),
    `constant_time` that the library hides the key from a timing observer.
    """

    name: str
    summary: str
    load: Callable[[], SignerFactory] | None = None
    requires: tuple[str, ...] = ()
    extra: str | None = None
    deterministic: bool = False
    constant_time: bool = False
    load_own: Callable[[], OwnKeySignerFactory] | None = None

    def __post_init__(self) -> None:
        if (self.load is None) == (self.load_own is None):
            raise PluginError(
                f"the signer {self.name!r} is described with both loaders, or with none",
                "give load for one that is handed a private key, load_own for one that has its own",
            )

    @property
    def capabilities(self) -> tuple[str, ...]:
        """The names of what it claims, as `gonka plugins` shows them."""
        claims = {
            "deterministic": self.deterministic,
            "constant-time": self.constant_time,
            "own-key": self.load_own is not None,
        }
        return tuple(name for name, claimed in claims.items() if claimed)


@dataclass(frozen=True, slots=True)
class TransportPlugin:
    """A way of carrying bytes, in one kind or both; an absent kind is None.

    `trusts_environment`: it obeys `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY` (the kit checks the claim).
    """

    name: str
    summary: str
    load_sync: Callable[[], TransportFactory] | None = None
    load_async: Callable[[], AsyncTransportFactory] | None = None
    requires: tuple[str, ...] = ()
    extra: str | None = None
    trusts_environment: bool = False

    @property
    def capabilities(self) -> tuple[str, ...]:
        """The kinds that it has and the names of what it claims, as `gonka plugins` shows them."""
        kinds = {
            "sync": self.load_sync,
            "async": self.load_async,
            "trusts-environment": self.trusts_environment or None,
        }
        return tuple(name for name, having in kinds.items() if having is not None)


@dataclass(frozen=True, slots=True)
class SelectorPlugin:
    """A way of choosing an endpoint; the factory makes a fresh selector for each client.

    What it claims the kit checks: `fair` is each endpoint equally often, by chance; `round_robin` in equal turns;
    `weighted` by chance in proportion to `Endpoint.weight`; `sticky` one endpoint for each affinity; `learns` that
    endpoints which answer, and answer sooner, are preferred.
    """

    name: str
    summary: str
    load: Callable[[], SelectorFactory]
    requires: tuple[str, ...] = ()
    extra: str | None = None
    fair: bool = False
    round_robin: bool = False
    weighted: bool = False
    sticky: bool = False
    learns: bool = False

    @property
    def capabilities(self) -> tuple[str, ...]:
        """The names of what it claims, as `gonka plugins` shows them."""
        claims = {
            "fair": self.fair,
            "round-robin": self.round_robin,
            "weighted": self.weighted,
            "sticky": self.sticky,
            "learns": self.learns,
        }
        return tuple(name for name, claimed in claims.items() if claimed)


Plugin: TypeAlias = SignerPlugin | TransportPlugin | SelectorPlugin


class Hooks:
    """The specification that implementations are checked against."""

    @hookspec
    def gonka_signer(self) -> SignerPlugin | Sequence[SignerPlugin]:  # type: ignore[empty-body]
        """Describe one signer or several. Called once, when a client or a listing first needs it."""

    @hookspec
    def gonka_transport(self) -> TransportPlugin | Sequence[TransportPlugin]:  # type: ignore[empty-body]
        """Describe one transport or several."""

    @hookspec
    def gonka_selector(self) -> SelectorPlugin | Sequence[SelectorPlugin]:  # type: ignore[empty-body]
        """Describe one way of choosing an endpoint or several."""
