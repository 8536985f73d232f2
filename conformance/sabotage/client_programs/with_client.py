"""The exam's program for `gonka_core.Client`: most of it reads what the exam asks for."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from gonka_core import Client, GonkaError, TransportOptions


def main() -> int:
    told = {name: os.environ[f"GONKA_EXAM_{name}"] for name in ("PAYLOAD", "STREAM", "COUNT", "PARALLEL", "TIMEOUT")}
    payload = Path(told["PAYLOAD"]).read_bytes()
    with Client(options=TransportOptions(read_timeout=float(told["TIMEOUT"]))) as client:

        def call(number: int) -> str:
            if told["STREAM"] == "true":
                return client.stream(payload).collect().text or ""
            return client.chat(payload).text or ""

        with ThreadPoolExecutor(int(told["PARALLEL"])) as pool:
            try:
                for text in pool.map(call, range(int(told["COUNT"]))):
                    print(text)
            except GonkaError as error:
                print(error, file=sys.stderr)
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
