"""Many requests from a file, their answers into another, in OpenAI's batch format: `gonka batch` and its parts.

    ledger = open_ledger("in.jsonl", "out.jsonl")
    async with AsyncClient() as client:
        summary = await Batch(client, ledger).run()
    ledger.close()

A job that was killed goes on where it was, with the same three lines; see docs/batch.md.
"""

from __future__ import annotations

from .engine import Batch
from .files import NotWrittenError
from .ledger import Ledger, StartedBeforeError
from .lines import Line, read_line
from .opening import open_ledger
from .records import BatchOptions, End, Progress, Summary
from .survey import Survey, survey

__all__ = [
    "Batch",
    "BatchOptions",
    "End",
    "Ledger",
    "Line",
    "NotWrittenError",
    "Progress",
    "StartedBeforeError",
    "Summary",
    "Survey",
    "open_ledger",
    "read_line",
    "survey",
]
