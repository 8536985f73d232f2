"""Instructions of one signature of 200 bytes, against the same in C and against the documented program.

The three are counted by `benchmarks.instructions`, which also guards them against growth.
"""

from __future__ import annotations

from functools import cache, partial
from typing import Final

from benchmarks.instructions.counting import CountingError, counted
from benchmarks.instructions.subjects import BY_NAME
from benchmarks.rows.row import Measured, Row, Rows, Target

OURS: Final = "sign-coincurve"
LIMIT: Final = "c-limit"
DOCUMENTED: Final = "documented"


def measured(of: str, to: str) -> Measured:
    """How many times as many instructions one subject takes as the other."""
    found = _counted()
    if isinstance(found, str):
        return Measured(None, found)
    return Measured(found[of] / found[to], f"{found[of]:,} instructions against {found[to]:,}")


@cache
def _counted() -> dict[str, int] | str:
    """The three, counted once for both rows; or why they cannot be."""
    try:
        return {subject.name: found for subject, found in counted(BY_NAME[name] for name in (OURS, LIMIT, DOCUMENTED))}
    except CountingError as error:
        return str(error)


ROWS: Rows = (
    Row(
        Target("sign-200-limit", "instructions of sign_request with coincurve over C, 200 bytes", "at most", 1.15),
        partial(measured, OURS, LIMIT),
    ),
    Row(
        Target("sign-200-documented", "instructions of the documented program over sign_request", "at least", 25),
        partial(measured, DOCUMENTED, OURS),
    ),
)
