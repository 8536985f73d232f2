"""Finding plug-ins: once for a process, by entry points, without importing what they wrap.

Every entry point of the group `gonka` is asked for its records. One that cannot be imported, returns something
else or takes a name that is taken stops nobody: what went wrong is kept, listed, and raised when somebody asks
for that name.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache, lru_cache
from importlib.metadata import Distribution, EntryPoint, entry_points
from typing import Literal, TypeAlias, TypeVar

import pluggy

from .errors import BrokenPluginError, GonkaError, MissingLibraryError, UnknownPluginError
from .hookspecs import PROJECT, Hooks, Plugin, SelectorPlugin, SignerPlugin, TransportPlugin

Kind: TypeAlias = Literal["signer", "transport", "selector"]

_RECORDS: dict[Kind, type[Plugin]] = {
    "signer": SignerPlugin,
    "transport": TransportPlugin,
    "selector": SelectorPlugin,
}
_OURS = "gonka-core"

Loaded = TypeVar("Loaded")


@dataclass(frozen=True, slots=True)
class Entry:
    """A plug-in that described itself: its kind, its record and the distribution that it came with."""

    kind: Kind
    plugin: Plugin
    distribution: str

    @property
    def name(self) -> str:
        return self.plugin.name

    @property
    def missing(self) -> tuple[str, ...]:
        """The modules that the plug-in needs and that are not installed."""
        return tuple(module for module in self.plugin.requires if importlib.util.find_spec(module) is None)


@dataclass(frozen=True, slots=True)
class Broken:
    """An entry point, or a record of one, that cannot be used; `name` is what somebody would ask for."""

    name: str
    distribution: str
    error: Exception

    @property
    def reason(self) -> str:
        return f"{type(self.error).__name__}: {self.error}"


@dataclass(frozen=True, slots=True)
class Registry:
    """Everything that was found."""

    entries: tuple[Entry, ...]
    broken: tuple[Broken, ...]

    def of_kind(self, kind: Kind) -> dict[str, Entry]:
        return {entry.name: entry for entry in self.entries if entry.kind == kind}

    def find(self, kind: Kind, name: str) -> Entry:
        """The entry of that name. Raises `UnknownPluginError`, or `BrokenPluginError` where it once was."""
        known = self.of_kind(kind)
        if name in known:
            return known[name]
        for broken in self.broken:
            if broken.name == name:
                raise BrokenPluginError(
                    f"the plug-in {name!r} of {broken.distribution} cannot be used ({broken.reason})",
                    "mend or uninstall that distribution; `gonka plugins` lists what works",
                ) from broken.error
        raise _unknown(kind, name, known)


def load(entry: Entry, loader: Callable[[], Loaded]) -> Loaded:
    """What the loader of an entry returns, after its library was found.

    Raises `MissingLibraryError` with the line that installs it, `BrokenPluginError` for whatever else goes wrong.
    """
    if entry.missing:
        raise MissingLibraryError(
            f"the {entry.kind} {entry.name!r} needs {', '.join(entry.missing)}, which is not installed",
            _install_line(entry),
        )
    try:
        return loader()
    except GonkaError:
        raise
    except Exception as error:
        raise BrokenPluginError(
            f"the {entry.kind} {entry.name!r} of {entry.distribution} cannot be loaded "
            f"({type(error).__name__}: {error})",
            "reinstall its library, or choose another; `gonka plugins` lists what works",
        ) from error


def install_line(extra: str) -> str:
    """How to install an extra of this distribution."""
    return f"run: pip install '{_OURS}[{extra}]' (from a checkout: pip install '.[{extra}]')"


@cache
def registry() -> Registry:
    """What is installed, found once for the process."""
    return discover(entry_points(group=PROJECT))


def discover(points: Iterable[EntryPoint]) -> Registry:
    """Ask each entry point for its records, ours first, the others by name."""
    manager = pluggy.PluginManager(PROJECT)
    manager.add_hookspecs(Hooks)
    entries: list[Entry] = []
    broken: list[Broken] = []
    for point in sorted(points, key=lambda point: (_distribution_name(point) != _OURS, point.name)):
        try:
            found = list(_described(manager, point))
        except Exception as error:  # noqa: BLE001 - whatever a plug-in does, the others go on
            broken.append(Broken(point.name, _distribution(point), error))
            continue
        for entry in found:
            _admit(entry, entries, broken)
    return Registry(tuple(entries), tuple(broken))


def _described(manager: pluggy.PluginManager, point: EntryPoint) -> Iterator[Entry]:
    plugin = point.load()
    manager.register(plugin, name=f"{_distribution(point)}:{point.name}")
    try:
        manager.check_pending()
    except pluggy.PluginValidationError:
        manager.unregister(plugin)
        raise
    for kind, record in _RECORDS.items():
        caller = getattr(manager.hook, f"{PROJECT}_{kind}")
        for implementation in caller.get_hookimpls():
            if implementation.plugin is plugin:
                answer = implementation.function()
                for item in answer if isinstance(answer, list | tuple) else (answer,):
                    yield Entry(kind, _checked(item, record), _distribution(point))


def _checked(item: object, record: type[Plugin]) -> Plugin:
    if not isinstance(item, record):
        raise TypeError(f"its hook returned {type(item).__name__} where a {record.__name__} belongs")
    return item


def _admit(entry: Entry, entries: list[Entry], broken: list[Broken]) -> None:
    for other in entries:
        if (other.kind, other.name) == (entry.kind, entry.name):
            taken = ValueError(f"the {entry.kind} name {entry.name!r} is taken by {other.distribution}")
            broken.append(Broken(entry.name, entry.distribution, taken))
            return
    entries.append(entry)


def _unknown(kind: Kind, name: str, known: Iterable[str]) -> UnknownPluginError:
    names = sorted(known)
    near = get_close_matches(name, names, n=1)
    guess = f"did you mean {near[0]!r}? There are" if near else "there are"
    listed = ", ".join(["auto", *names] if kind != "selector" else names)
    return UnknownPluginError(f"there is no {kind} named {name!r}", f"{guess}: {listed}")


def _install_line(entry: Entry) -> str:
    if entry.distribution.partition(" ")[0] == _OURS and entry.plugin.extra:
        return install_line(entry.plugin.extra)
    return f"run: pip install {entry.plugin.extra or ' '.join(entry.missing)}"


def _distribution_name(point: EntryPoint) -> str:
    return _named(point.dist)[0] if point.dist else "unknown"


def _distribution(point: EntryPoint) -> str:
    return " ".join(_named(point.dist)) if point.dist else "unknown"


@lru_cache(maxsize=64)
def _named(distribution: Distribution) -> tuple[str, str]:
    # Each look at the metadata reads and parses the file anew, which used to be three quarters of a discovery.
    metadata = distribution.metadata
    return metadata["Name"], metadata["Version"]
