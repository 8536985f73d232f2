"""What is known of a broken subject: its bug in a sentence, and which check is meant to find it, with which words."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from gonka_conformance.checks import Check, CheckList
from gonka_conformance.runner import Subject

SubjectT = TypeVar("SubjectT", bound=Subject)


@dataclass(frozen=True, slots=True)
class Sabotaged(Generic[SubjectT]):
    """A subject with a bug. `make` builds it; `caught_by` is the id of the check that is meant to fail on it.

    `words` is a regular expression that the evidence has to match: the check must fail for the reason meant. `alone`
    says that no other check may fail on it.
    """

    name: str
    bug: str
    caught_by: str
    words: str
    checks: CheckList[SubjectT] = field(repr=False)
    make: Callable[[], SubjectT] = field(repr=False)
    alone: bool = False

    @property
    def check(self) -> Check[SubjectT]:
        """The check that is meant. Raises StopIteration for an id that no check has."""
        return next(check for check in self.checks if check.id == self.caught_by)


@dataclass(frozen=True, slots=True)
class Correct(Generic[SubjectT]):
    """A subject without a bug, which no check may blame."""

    name: str
    checks: CheckList[SubjectT] = field(repr=False)
    make: Callable[[], SubjectT] = field(repr=False)
