"""What is written of an error in the catalogue."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entry:
    """Of one class of errors: `causes`, the most usual first, and `steps` that help, the first to try first.

    Sentences without a full stop, which may hold `code`. What the class means stands in its docstring. Whether it is
    tried again and may have been billed follows from the class; `billed` says the latter where it does not.
    """

    causes: tuple[str, ...]
    steps: tuple[str, ...]
    billed: str | None = None
