"""The kinds of subjects that there are sabotaged ones of; what one kind needs is imported when it is asked for."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from types import MappingProxyType
from typing import Any, Final

from .record import Correct, Sabotaged


@dataclass(frozen=True, slots=True)
class Roster:
    """The subjects of one kind. `only_meant`: the whole list of checks would take each of them half a minute."""

    name: str
    sabotaged: tuple[Sabotaged[Any], ...] = field(repr=False)
    correct: tuple[Correct[Any], ...] = field(repr=False)
    only_meant: bool = False


FEWEST: Final[Mapping[str, int]] = MappingProxyType(
    {"signers": 25, "transports": 20, "selectors": 10, "clients": 20, "nodes": 20}
)
"""The kinds, in the order of the table, and how many sabotaged subjects each has at least."""

_ONLY_MEANT: Final = frozenset({"clients", "nodes"})


def kinds() -> tuple[str, ...]:
    """The kinds that are there."""
    return tuple(name for name in FEWEST if find_spec(f"sabotage.{name}") is not None)


def roster(name: str) -> Roster:
    """The subjects of a kind. Raises ModuleNotFoundError where its module, or a library that it needs, is missing."""
    module = import_module(f"sabotage.{name}")
    return Roster(name, tuple(module.SABOTAGED), tuple(module.CORRECT), name in _ONLY_MEANT)


def rosters(names: Sequence[str]) -> tuple[Roster, ...]:
    """Those of several kinds; of all for none."""
    return tuple(roster(name) for name in names or kinds())
