"""What is examined: a way of making a selector, its name, and what it claims to do."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from gonka_conformance.signers.subject import claimed
from gonka_core.errors import BrokenPluginError, MissingLibraryError
from gonka_core.hookspecs import SelectorFactory, SelectorPlugin
from gonka_core.interfaces import Selector
from gonka_core.plugins import Entry, load, registry

SELECTOR_CLAIMS: Final = frozenset({"fair", "round-robin", "weighted", "sticky", "learns"})
"""What a selector may claim; `SelectorPlugin` says what each means."""

SeededFactory: TypeAlias = Callable[[random.Random], Selector]


@dataclass(frozen=True, slots=True)
class SelectorSubject:
    """A selector under test. `factory` makes a fresh one, without arguments, as a client does.

    `seeded`, where there is one, makes a selector that draws its chance from the generator it is given: what the
    checks of chance see is then the same in every run. Without it they judge real chance, and blame a selector that
    is right in less than one of 10⁹ runs.

    Raises ValueError for a claim that does not exist: a misspelt one would skip its checks in silence.
    """

    name: str
    factory: SelectorFactory = field(repr=False)
    claims: frozenset[str] = frozenset()
    seeded: SeededFactory | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        unknown = sorted(self.claims - SELECTOR_CLAIMS)
        if unknown:
            raise ValueError(f"no selector can claim {unknown[0]!r}; claims are: {', '.join(sorted(SELECTOR_CLAIMS))}")

    def drawing(self, seed: int) -> Selector:
        """A new selector for a check of chance: with that seed where it can be given one."""
        return self.factory() if self.seeded is None else self.seeded(random.Random(seed))  # noqa: S311


def installed_selector(name: str) -> SelectorSubject:
    """The plug-in of that name.

    Raises `UnknownPluginError`, `MissingLibraryError` or `BrokenPluginError`, each ending in the next step.
    """
    return _subject(registry().find("selector", name))


def installed_selectors() -> tuple[tuple[SelectorSubject, ...], tuple[str, ...]]:
    """Every selector that can be loaded, and one line for each that cannot."""
    found = registry()
    subjects: list[SelectorSubject] = []
    left_out = [f"{broken.name} is left out: {broken.reason}" for broken in found.broken]
    for name, entry in found.of_kind("selector").items():
        try:
            subjects.append(_subject(entry))
        except (MissingLibraryError, BrokenPluginError) as error:
            left_out.append(f"{name} is left out: {error}")
    return tuple(subjects), tuple(left_out)


def _subject(entry: Entry) -> SelectorSubject:
    plugin = entry.plugin
    assert isinstance(plugin, SelectorPlugin)
    return SelectorSubject(entry.name, load(entry, plugin.load), claimed(plugin.capabilities))
