"""The catalogue of errors: of each class what it means, its usual causes, what to do, what the client does by itself.

`docs/errors.md` is made from it, and `gonka explain` prints it.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Final

from gonka_core import errors

from .batches import BATCHES
from .before import BEFORE
from .calls import CALLS
from .entry import Entry
from .promises import billed_by_class, retried
from .refused import REFUSED

__all__ = ["ENTRIES", "Entry", "billed", "meaning", "named", "retried"]

ENTRIES: Final[Mapping[type[errors.GonkaError], Entry]] = {**BEFORE, **CALLS, **REFUSED, **BATCHES}
"""Every class of errors with its entry, in the order of the catalogue."""


def meaning(kind: type[errors.GonkaError]) -> str:
    """What the class says of itself, paragraphs apart by a blank line; empty in a Python without docstrings (`-OO`)."""
    told = inspect.cleandoc(kind.__doc__ or "")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in told.split("\n\n"))


def billed(kind: type[errors.GonkaError]) -> str:
    """Whether a request that ended so may have been billed, as half a sentence."""
    return ENTRIES[kind].billed or billed_by_class(kind)


def named(name: str) -> type[errors.GonkaError] | None:
    """The class of that name, whatever its case, and with or without `Error` at its end; None for none."""
    folded = name.strip().rpartition(".")[2].casefold()
    by_name = {kind.__name__.casefold(): kind for kind in ENTRIES}
    return by_name.get(folded) or by_name.get(f"{folded}error")
