"""A signature written out by hand, and work shared by tasks: with `bare_clients` the yardstick of our clients.

It is what somebody would write who needs one request, one node and no errors.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import time
from collections.abc import Awaitable, Callable
from typing import Final

import coincurve

from gonka_bench.paired import Run
from gonka_bench.workload import ENDPOINT, SECRET

_PROVIDER: Final = ENDPOINT.provider_address.encode()
_KEY: Final = coincurve.PrivateKey(SECRET)
_ADDRESS: Final = ENDPOINT.provider_address
"""Any address: the answering server reads no headers."""


def signed_headers(body: bytes) -> dict[str, str]:
    """The four headers of a request, scheme raw."""
    stamp = time.time_ns()
    hashed = hashlib.sha256(body)
    hashed.update(str(stamp).encode() + _PROVIDER)
    signature = _KEY.sign_recoverable(hashed.digest(), hasher=None)[:64]
    return {
        "Content-Type": "application/json",
        "Authorization": base64.b64encode(signature).decode(),
        "X-Requester-Address": _ADDRESS,
        "X-Timestamp": str(stamp),
    }


def spread(one: Callable[[], Awaitable[object]], in_flight: int, runner: asyncio.Runner) -> Run:
    """The coroutine function called so many times, by `in_flight` tasks that share the work."""

    async def several(times: int) -> None:
        for _ in range(times):
            await one()

    async def all_of(times: int) -> None:
        share, more = divmod(times, in_flight)
        await asyncio.gather(*(several(share + (task < more)) for task in range(min(in_flight, times))))

    return lambda times: runner.run(all_of(times))
