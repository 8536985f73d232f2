"""From a name or an object to the bound thing that a client uses. Runs when a client is made, never for a request."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Final, TypeVar

from .errors import BrokenPluginError, GonkaError, MissingLibraryError, PluginError, UnsupportedModeError
from .hookspecs import (
    AsyncTransportFactory,
    OwnKeySignerFactory,
    SelectorPlugin,
    SignerPlugin,
    TransportFactory,
    TransportOptions,
    TransportPlugin,
)
from .interfaces import AsyncTransport, Selector, Signer, Transport
from .keys import PrivateKey
from .plugins import Entry, Kind, Registry, load, registry

AUTO: Final = "auto"
AUTO_SIGNERS: Final = ("coincurve", "cryptography", "ecdsa")
"""Fastest first, but for `ecdsa`, which is faster than `cryptography` and not constant-time."""
AUTO_TRANSPORTS: Final = ("httpx2", "httpx")
"""Fastest first, for the sync client."""
AUTO_ASYNC_TRANSPORTS: Final = ("aiohttp", "httpx2", "httpx")
"""Fastest first, for the async client."""

Made = TypeVar("Made")


def signer(choice: str | Signer, key: Callable[[], PrivateKey]) -> Signer:
    """The signer itself, or the one of that name holding the key, which is asked for where it has none of its own."""
    if not isinstance(choice, str):
        return _having(choice, "signer", "public_key", "sign_digest")
    return _first(choice, AUTO_SIGNERS, "signer", _signer_maker)(key)


def transport(choice: str | Transport, options: TransportOptions) -> Transport:
    """The sync transport itself, or a new one of that name."""
    if not isinstance(choice, str):
        if inspect.iscoroutinefunction(getattr(choice, "send", None)):
            raise UnsupportedModeError(f"the transport {type(choice).__name__} is async", "use AsyncClient with it")
        return _having(choice, "transport", "send", "close")
    return _first(choice, AUTO_TRANSPORTS, "transport", _sync_factory)(options)


def async_transport(choice: str | AsyncTransport, options: TransportOptions) -> AsyncTransport:
    """The async transport itself, or a new one of that name."""
    if not isinstance(choice, str):
        return _having(choice, "async transport", "send", "aclose")
    return _first(choice, AUTO_ASYNC_TRANSPORTS, "transport", _async_factory)(options)


def selector(choice: str | Selector) -> Selector:
    """The selector itself, or a new one of that name."""
    if not isinstance(choice, str):
        return _having(choice, "selector", "select", "report")
    entry = registry().find("selector", choice)
    assert isinstance(entry.plugin, SelectorPlugin)
    return load(entry, entry.plugin.load)()


def _having(choice: Made, kind: str, *names: str) -> Made:
    lacking = [name for name in names if not hasattr(choice, name)]
    if lacking:
        raise PluginError(
            f"a {type(choice).__name__} is no {kind}: it has no {' and no '.join(lacking)}",
            "give a plug-in's name, or an object with what `gonka_core.interfaces` asks for",
        )
    return choice


def _first(choice: str, order: tuple[str, ...], kind: Kind, factory: Callable[[Entry], Made]) -> Made:
    """The factory of the named plug-in; for `auto`, of the first in order that loads."""
    found: Registry = registry()
    if choice != AUTO:
        return factory(found.find(kind, choice))
    reasons: list[str] = []
    for name in order:
        try:
            return factory(found.find(kind, name))
        except (MissingLibraryError, BrokenPluginError) as error:
            reasons.append(error.problem)
    raise PluginError(
        f"no {kind} can be used: {'; '.join(reasons)}",
        "reinstall gonka-core; `gonka plugins` lists what works",
    )


def _signer_maker(entry: Entry) -> Callable[[Callable[[], PrivateKey]], Signer]:
    assert isinstance(entry.plugin, SignerPlugin)
    if entry.plugin.load_own is not None:
        own = load(entry, entry.plugin.load_own)
        return lambda _key: _reached(entry.name, own)
    assert entry.plugin.load is not None
    factory = load(entry, entry.plugin.load)
    return lambda key: _hold(entry.name, factory, key())


def _reached(name: str, factory: OwnKeySignerFactory) -> Signer:
    try:
        return _having(factory(), "signer", "public_key", "sign_digest")
    except GonkaError:
        raise
    except Exception as error:  # noqa: BLE001 - a library's error may quote what it was told
        reason = type(error).__name__
    raise BrokenPluginError(
        f"the signer {name!r} cannot be reached ({reason}; its own words are withheld)",
        "look at the device or process that holds its key, or choose another signer",
    )


def _sync_factory(entry: Entry) -> TransportFactory:
    assert isinstance(entry.plugin, TransportPlugin)
    if entry.plugin.load_sync is None:
        raise UnsupportedModeError(
            f"the transport {entry.name!r} is async only",
            f"use AsyncClient, or one of: {_transports('sync')}",
        )
    return load(entry, entry.plugin.load_sync)


def _async_factory(entry: Entry) -> AsyncTransportFactory:
    assert isinstance(entry.plugin, TransportPlugin)
    if entry.plugin.load_async is None:
        raise UnsupportedModeError(
            f"the transport {entry.name!r} is sync only", f"use Client, or one of: {_transports('async')}"
        )
    return load(entry, entry.plugin.load_async)


def _transports(mode: str) -> str:
    known = registry().of_kind("transport")
    return ", ".join(name for name, entry in known.items() if mode in entry.plugin.capabilities)


def _hold(choice: str, factory: Callable[[PrivateKey], Signer], key: PrivateKey) -> Signer:
    try:
        return factory(key)
    except Exception as error:  # noqa: BLE001 - a library's error may quote the key it was given
        reason = type(error).__name__
    raise BrokenPluginError(
        f"the signer {choice!r} cannot hold the key ({reason}; its own words are withheld, they may quote the key)",
        "choose another signer; `gonka plugins` lists what works",
    )
