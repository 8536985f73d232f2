"""What is examined: a way of making it, its name, its mode, and what it claims."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias, cast

from gonka_conformance.signers.subject import claimed
from gonka_core.errors import BrokenPluginError, MissingLibraryError, UnsupportedModeError
from gonka_core.hookspecs import AsyncTransportFactory, TransportFactory, TransportOptions, TransportPlugin
from gonka_core.plugins import Entry, load, registry

from .bridge import Bridged
from .direct import Direct
from .environment import environment

Mode: TypeAlias = Literal["sync", "async"]
MODES: Final[tuple[Mode, ...]] = ("sync", "async")

TRUSTS_ENVIRONMENT: Final = "trusts-environment"
TRANSPORT_CLAIMS: Final = frozenset({*MODES, TRUSTS_ENVIRONMENT})
"""What a transport may claim. Its mode is a claim; `trusts-environment` says that proxy variables are obeyed."""

Carrier: TypeAlias = Direct | Bridged
"""A transport of either mode behind one interface."""

_PATIENT: Final = TransportOptions(connect_timeout=30.0, first_byte_timeout=30.0, read_timeout=30.0)


@dataclass(frozen=True, slots=True)
class TransportSubject:
    """A transport under test. `factory` makes one for its options; outside of any event loop, as a client does.

    Raises ValueError for a claim that does not exist, or for the other mode: a misspelt one would change what is
    checked in silence.
    """

    name: str
    factory: TransportFactory | AsyncTransportFactory = field(repr=False)
    mode: Mode = "sync"
    claims: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        object.__setattr__(self, "claims", claimed(self.claims) | {self.mode})
        unknown = sorted(self.claims - TRANSPORT_CLAIMS)
        if unknown:
            known = ", ".join(sorted(TRANSPORT_CLAIMS))
            raise ValueError(f"no transport can claim {unknown[0]!r}; claims are: {known}")
        if set(MODES) <= self.claims:
            raise ValueError(f"{self.name} claims both modes; a subject has one, sync or async")

    @contextmanager
    def opened(self, options: TransportOptions = _PATIENT, **variables: str) -> Iterator[Carrier]:
        """A new transport, closed at the end. Of proxies and credentials the environment has `variables` only."""
        with environment(**variables):
            carrier = self._made(options)
            try:
                yield carrier
            finally:
                carrier.shut()

    def _made(self, options: TransportOptions) -> Carrier:
        if self.mode == "sync":
            return Direct(cast(TransportFactory, self.factory), options)
        return Bridged(cast(AsyncTransportFactory, self.factory), options)


def installed_transport(name: str, mode: Mode) -> TransportSubject:
    """The plug-in of that name, in that mode.

    Raises `UnknownPluginError`, `MissingLibraryError`, `BrokenPluginError` or `UnsupportedModeError`, each ending in
    the next step.
    """
    entry = registry().find("transport", name)
    if mode not in modes(entry):
        raise UnsupportedModeError(
            f"the transport {name!r} is {' and '.join(modes(entry))} only", "examine it in that mode"
        )
    return _subject(entry, mode)


def installed_modes(name: str) -> tuple[Mode, ...]:
    """The modes that the plug-in of that name has. Raises `UnknownPluginError` or `BrokenPluginError`."""
    return modes(registry().find("transport", name))


def installed_transports() -> tuple[tuple[TransportSubject, ...], tuple[str, ...]]:
    """Every transport that can be loaded, in each of its modes, and one line for each that cannot."""
    found = registry()
    subjects: list[TransportSubject] = []
    left_out = [f"{broken.name} is left out: {broken.reason}" for broken in found.broken]
    for name, entry in found.of_kind("transport").items():
        try:
            subjects.extend([_subject(entry, mode) for mode in modes(entry)])
        except (MissingLibraryError, BrokenPluginError) as error:
            left_out.append(f"{name} is left out: {error}")
    return tuple(subjects), tuple(left_out)


def modes(entry: Entry) -> tuple[Mode, ...]:
    """The modes of a plug-in."""
    return tuple(mode for mode in MODES if mode in entry.plugin.capabilities)


def _subject(entry: Entry, mode: Mode) -> TransportSubject:
    plugin = entry.plugin
    assert isinstance(plugin, TransportPlugin)
    loader = plugin.load_sync if mode == "sync" else plugin.load_async
    assert loader is not None
    factory = cast(TransportFactory | AsyncTransportFactory, load(entry, loader))
    claims = frozenset(plugin.capabilities) - set(MODES)
    return TransportSubject(f"{entry.name} ({mode})", factory, mode, claims)
