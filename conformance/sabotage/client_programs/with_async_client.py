"""The exam's program for `gonka_core.AsyncClient`, which prints a line of JSON for each call."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from gonka_core import AsyncClient, GonkaError, TransportOptions


async def main() -> int:
    told = {name: os.environ[f"GONKA_EXAM_{name}"] for name in ("PAYLOAD", "STREAM", "COUNT", "PARALLEL", "TIMEOUT")}
    payload = Path(told["PAYLOAD"]).read_bytes()
    room = asyncio.Semaphore(int(told["PARALLEL"]))
    async with AsyncClient(options=TransportOptions(read_timeout=float(told["TIMEOUT"]))) as client:

        async def call() -> bool:
            try:
                async with room:
                    if told["STREAM"] == "true":
                        text = (await client.stream(payload).collect()).text
                    else:
                        text = (await client.chat(payload)).text
            except GonkaError as error:
                print(json.dumps({"ok": False, "error": str(error)}))
                return False
            print(json.dumps({"ok": True, "text": text}))
            return True

        worked = await asyncio.gather(*(call() for _ in range(int(told["COUNT"]))))
    return 0 if all(worked) else 1


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
