"""Instructions of one signature of 200 bytes, against the same in C and against the documented program; and of one
request at the mock node, against a server that only verifies.

They are counted by `benchmarks.instructions`, which also guards them against growth.
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
NODE: Final = "mock-node"
BARE: Final = "verifying-server"
_SIGNING: Final = (OURS, LIMIT, DOCUMENTED)
_SERVING: Final = (NODE, BARE)


def measured(of: str, to: str, counted_with: tuple[str, ...] = _SIGNING) -> Measured:
    """How many times as many instructions one subject takes as the other."""
    found = _counted(counted_with)
    if isinstance(found, str):
        return Measured(None, found)
    return Measured(found[of] / found[to], f"{found[of]:,} instructions against {found[to]:,}")


@cache
def _counted(names: tuple[str, ...]) -> dict[str, int] | str:
    """The subjects, counted once for all rows; or why they cannot be."""
    try:
        return {subject.name: found for subject, found in counted(BY_NAME[name] for name in names)}
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
    Row(
        Target("node-instructions", "instructions of a verified request, bare aiohttp to mock node", "at least", 0.6),
        partial(measured, BARE, NODE, _SERVING),
    ),
)
