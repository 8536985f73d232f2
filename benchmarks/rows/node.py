"""What the mock node does beside verifying: its CPU for each request, against a server that only verifies."""

from __future__ import annotations

from functools import partial

from benchmarks import node_load
from benchmarks.node_load import signed_requests
from benchmarks.rows.row import Measured, Row, Rows, Target
from benchmarks.verifying_server import verifying_server
from gonka_bench.paired import Run, measure, ratio
from gonka_bench.workload import ENDPOINT, KEY
from gonka_core import Endpoint
from gonka_core.resolve import signer

OPTIONS = ("--quiet",)
"""The bare server writes no line for a request either."""


def _requests() -> Measured:
    public_key = signer("coincurve", lambda: KEY).public_key
    with verifying_server(public_key, ENDPOINT.provider_address) as bare, node_load.node_process(*OPTIONS) as node:
        if not node.cpu_s():
            return Measured(None, "there is no clock of another process here; measure on Linux")
        subjects: dict[str, Run] = {"bare": partial(_load, bare.endpoint), "node": partial(_load, node.endpoint)}
        timings = measure(subjects, sample_s=0.15, clock=lambda: node_load.cpu_s(bare.pid) + node.cpu_s())
    bare_us, node_us = (timings[name].best_s * 1e6 for name in ("bare", "node"))
    return Measured(
        ratio(timings, "bare", "node"),
        f"{node_us:.0f} µs for a request to `python -m gonka_mock_node {' '.join(OPTIONS)}`, {bare_us:.0f} bare; "
        "asyncio's loop, 16 connections, 200-byte bodies",
    )


def _load(endpoint: Endpoint, times: int) -> None:
    node_load.run(endpoint, signed_requests(endpoint, times))


ROWS: Rows = (
    Row(
        Target("node", "verified requests per CPU second of the server, mock node to bare aiohttp", "at least", 0.6),
        _requests,
    ),
)
