"""What a check is, and the list that every front reads.

A check has an id, one sentence that states its requirement, the source of that sentence, and a function that is
given the subject and nothing else. It raises `CheckFailed` with its evidence where the requirement is not met; what
a subject raises on its own fails the check as well. `NotApplicable` skips it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Generic, Literal, NoReturn, TypeAlias, TypeVar

Kind: TypeAlias = Literal["signer", "transport", "selector", "client", "node"]

SubjectT = TypeVar("SubjectT")

PATIENCE_S: Final = 120.0
"""Seconds for a check that does not say how long it may take."""


class CheckFailed(Exception):
    """The subject does not meet the requirement; `str()` is the evidence, which never quotes a key.

    `details` are longer pieces of it by name, such as the bytes of a request and what is wrong with them.
    """

    def __init__(self, evidence: str, details: Mapping[str, str] | None = None) -> None:
        super().__init__(evidence)
        self.details: Mapping[str, str] = details or {}


class NotApplicable(Exception):
    """The check cannot be made on this subject, or was not asked for; `str()` says why. It counts as skipped."""


@dataclass(frozen=True, slots=True)
class Check(Generic[SubjectT]):
    """One requirement. `claim` names the capability without which the check does not apply.

    `patience` is how long it may take, in seconds: a subject that hangs has failed it.
    """

    id: str
    requirement: str
    source: str
    kind: Kind
    run: Callable[[SubjectT], None] = field(repr=False)
    claim: str | None = None
    patience: float = PATIENCE_S


class CheckList(Generic[SubjectT]):
    """The checks for one kind of subject, in the order in which they are written.

    `patience`: seconds for each check that does not say otherwise.
    """

    def __init__(self, kind: Kind, patience: float = PATIENCE_S) -> None:
        self.kind: Kind = kind
        self._patience = patience
        self._checks: dict[str, Check[SubjectT]] = {}

    def add(
        self, name: str, requirement: str, *, source: str, claim: str | None = None, patience: float | None = None
    ) -> Callable[[Callable[[SubjectT], None]], Callable[[SubjectT], None]]:
        """Decorate the function that judges; its id is `kind.name`. Raises ValueError for an id that is taken."""
        identity = f"{self.kind}.{name}"
        seconds = self._patience if patience is None else patience
        if identity in self._checks:
            raise ValueError(f"there is a check {identity!r} already")

        def register(run: Callable[[SubjectT], None]) -> Callable[[SubjectT], None]:
            self._checks[identity] = Check(identity, requirement, source, self.kind, run, claim, seconds)
            return run

        return register

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(self._checks)

    def __iter__(self) -> Iterator[Check[SubjectT]]:
        return iter(self._checks.values())

    def __len__(self) -> int:
        return len(self._checks)

    def require_known(self, ids: Iterable[str]) -> None:
        """Raise ValueError for an id that no check has, naming those that exist."""
        unknown = sorted(set(ids) - set(self._checks))
        if unknown:
            raise ValueError(f"there is no check {unknown[0]!r}; there are: {', '.join(self._checks)}")


def fail(evidence: str, **details: str) -> NoReturn:
    """Raise `CheckFailed`."""
    raise CheckFailed(evidence, details)
