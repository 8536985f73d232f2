"""A target, and what was measured for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on a ratio (or on a count). `name` is its word on the command line."""

    name: str
    what: str
    sense: Literal["at most", "at least"]
    bound: float
    unit: str = "×"

    def holds(self, figure: float) -> bool:
        return figure <= self.bound if self.sense == "at most" else figure >= self.bound

    def shown(self, figure: float) -> str:
        return f"{figure:.3g}{self.unit}"

    def told(self) -> str:
        return f"{'≤' if self.sense == 'at most' else '≥'} {self.bound:g}{self.unit}"


@dataclass(frozen=True, slots=True)
class Measured:
    """A figure, and in words what went into it, such as both sides of the ratio. `figure` is None where it cannot be
    measured here; then `detail` says what is missing.
    """

    figure: float | None
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A target and the function that measures it, in one run with its baseline."""

    target: Target
    measure: Callable[[], Measured]


Rows: TypeAlias = tuple[Row, ...]
