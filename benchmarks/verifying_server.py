"""A bare aiohttp server that verifies signatures and does nothing else: what the mock node's cost is compared with.

It is a process of its own, `python -m benchmarks.verifying_server PUBLIC_KEY_HEX PROVIDER_ADDRESS`. One handler reads
the body, verifies the header's signature over the raw scheme's message, and answers the same bytes each time. The first
line on stdout says where it is; it serves until its stdin is closed.
"""

from __future__ import annotations

import asyncio
import base64
import json
import sys
from typing import Final

import coincurve
from aiohttp import web
from coincurve.ecdsa import cdata_to_der, deserialize_compact

SCORES: Final = {"content": [{"bytes": list(b"token"), "logprob": -0.01, "token": "token"}] * 16}
ANSWER: Final = json.dumps({"choices": [{"logprobs": SCORES, "message": {"content": "token " * 16}}]}).encode()


def application(public_key: bytes, provider_address: str) -> web.Application:
    """Takes what the key (33 bytes) signed for the provider with 200, and anything else with 401."""
    key, provider = coincurve.PublicKey(public_key), provider_address.encode()

    async def handler(request: web.Request) -> web.Response:
        message = await request.read() + request.headers["X-Timestamp"].encode() + provider
        signature = base64.b64decode(request.headers["Authorization"])
        if not key.verify(cdata_to_der(deserialize_compact(signature)), message):
            return web.Response(status=401, body=b'{"error":"invalid signature"}', content_type="application/json")
        return web.Response(body=ANSWER, content_type="application/json")

    app = web.Application()
    app.router.add_post("/v1/chat/completions", handler)
    return app


async def _serve(public_key: str, provider_address: str) -> None:
    runner = web.AppRunner(application(bytes.fromhex(public_key), provider_address), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(json.dumps({"url": f"http://127.0.0.1:{runner.addresses[0][1]}/v1"}), flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.buffer.read)
    await runner.cleanup()


if __name__ == "__main__":
    asyncio.run(_serve(*sys.argv[1:]))
