"""Errors of batches (`gonka_core.batch`), which end a job rather than a call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from gonka_core.batch.files import NotWrittenError
from gonka_core.batch.ledger import StartedBeforeError
from gonka_core.batch.ray_engine import RayError
from gonka_core.errors import GonkaError

from .entry import Entry

BATCHES: Final[Mapping[type[GonkaError], Entry]] = {
    NotWrittenError: Entry(
        ("the disk is full, or was taken away", "a quota of the user is used up"),
        ("make room, and give the same command again: it goes on where it was",),
        billed="maybe: what was under way, and the next run tells of it",
    ),
    RayError: Entry(
        ("a worker could not start: other files or another environment than the driver's", "the cluster went away"),
        ("look at Ray's logs; `__cause__` is its own error", "give the same command again: it goes on where it was"),
        billed="maybe: what was under way, and the next run tells of it",
    ),
    StartedBeforeError: Entry(
        ("the process was killed between sending a line and writing down its answer",),
        ("send it again where paying twice is acceptable: `--retry-failed --may-bill-twice`",),
        billed="maybe",
    ),
}
