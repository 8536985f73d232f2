"""Servers under callgrind: what one verified request costs the mock node, and a server that only verifies.

The load comes from a process of its own, which is not counted.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable

Run = Callable[[int], None]


def verifying_server() -> Run:
    """A bare aiohttp server that verifies the signature, and does nothing else."""
    from aiohttp import web

    from benchmarks.verifying_server import application
    from gonka_bench.workload import ENDPOINT, KEY
    from gonka_core.resolve import signer

    public_key = signer("coincurve", lambda: KEY).public_key

    async def serve(times: int) -> None:
        runner = web.AppRunner(application(public_key, ENDPOINT.provider_address), access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        await _ask(f"http://127.0.0.1:{runner.addresses[0][1]}/v1", ENDPOINT.provider_address, times)
        await runner.cleanup()

    return lambda times: asyncio.run(serve(times))


def mock_node() -> Run:
    """The mock node, as tests run it."""
    from gonka_mock_node import MockNode

    async def serve(times: int) -> None:
        async with MockNode() as node:
            await _ask(node.url, node.provider_address, times)

    return lambda times: asyncio.run(serve(times))


async def _ask(url: str, provider_address: str, times: int) -> None:
    command = [sys.executable, "-m", "benchmarks.node_load", url, provider_address, str(times)]
    asking = await asyncio.create_subprocess_exec(*command)
    if await asking.wait():
        raise RuntimeError("the server refused a request of the benchmark")
