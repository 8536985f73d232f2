"""What the proxy adds to the median answer of a mock node on loopback, in milliseconds."""

from __future__ import annotations

from functools import partial

from benchmarks.proxy_load import added
from benchmarks.rows.row import Measured, Row, Rows, Target


def measured(*, streamed: bool) -> Measured:
    """Wall clock, since that is what a program waits for; both sides of it in one run, asked in turn."""
    found = added(streamed=streamed)
    what = "to the first event of a stream" if streamed else "to the last byte of an answer"
    return Measured(
        found.added_s * 1000,
        f"{found.direct_s * 1000:.2f} ms {what} of `gonka mock-node`, {found.proxied_s * 1000:.2f} ms through "
        "`gonka proxy`; three processes, one connection each, kept open; the calmer half of "
        "1,000 pairs",
    )


ROWS: Rows = (
    Row(
        Target("proxy", "median time that `gonka proxy` adds to a whole answer", "at most", 1, " ms"),
        partial(measured, streamed=False),
    ),
    Row(
        Target("proxy-stream", "median time that `gonka proxy` adds before a stream begins", "at most", 1, " ms"),
        partial(measured, streamed=True),
    ),
)
