"""A bare aiohttp server that verifies signatures and does nothing else: what the mock node's cost is compared with.

It is a process of its own, `python -m benchmarks.verifying_server`, that reads the public key and the provider address
from stdin, says on stdout where it is, and serves until its stdin is closed. Its answer is as long as the mock node's.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import coincurve
from aiohttp import web
from coincurve.ecdsa import cdata_to_der, deserialize_compact

from benchmarks.child import child
from gonka_core import Endpoint

ANSWER: Final = json.dumps({"choices": [{"message": {"role": "assistant", "content": "x" * 4300}}]}).encode()


@dataclass(frozen=True, slots=True)
class VerifyingServer:
    """Where it is, and its process id."""

    endpoint: Endpoint
    pid: int


@contextmanager
def verifying_server(public_key: bytes, provider_address: str) -> Iterator[VerifyingServer]:
    """The server in a process of its own: 200 for what the key (33 bytes) signed for the provider, else 401."""
    with child("benchmarks.verifying_server") as process:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(f"{public_key.hex()} {provider_address}\n")
        process.stdin.flush()
        yield VerifyingServer(Endpoint(process.stdout.readline().strip(), provider_address), process.pid)


def application(public_key: bytes, provider_address: str) -> web.Application:
    key, provider = coincurve.PublicKey(public_key), provider_address.encode()

    async def handler(request: web.Request) -> web.Response:
        message = await request.read() + request.headers["X-Timestamp"].encode() + provider
        signature = base64.b64decode(request.headers["Authorization"])
        verified = key.verify(cdata_to_der(deserialize_compact(signature)), message)
        body = ANSWER if verified else b'{"error":"invalid signature"}'
        return web.Response(status=200 if verified else 401, body=body, content_type="application/json")

    app = web.Application()
    app.router.add_post("/v1/chat/completions", handler)
    return app


async def _serve(public_key: str, provider_address: str) -> None:
    runner = web.AppRunner(application(bytes.fromhex(public_key), provider_address), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}/v1", flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve(*sys.stdin.readline().split()))
