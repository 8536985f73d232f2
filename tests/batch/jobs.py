"""Inputs, outputs and processes of jobs, for the tests of `gonka batch`; it reads the files by itself."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from gonka_core import AsyncClient, PrivateKey, RetryPolicy
from gonka_core.batch import Batch, BatchOptions, Summary, open_ledger
from gonka_core.request import encode
from gonka_mock_node import MockNetwork

KEY: Final = PrivateKey((79).to_bytes(32, "big"))
ROOT: Final = Path(__file__).parents[2]
_ENTRY: Final = re.compile(r"([+=-])(\d+)")


def payload(number: int, **more: object) -> dict[str, Any]:
    words = f"this is request number {number}"
    return {"model": "test", "max_tokens": 20, "messages": [{"role": "user", "content": words}], **more}


def request(number: int, **more: object) -> dict[str, Any]:
    """The line of that number, from 1."""
    body = payload(number, **more)
    return {"custom_id": f"request-{number}", "method": "POST", "url": "/v1/chat/completions", "body": body}


def write(path: Path, requests: Sequence[Mapping[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in requests), encoding="utf-8")
    return path


def numbered(path: Path, count: int, **more: object) -> Path:
    return write(path, [request(number, **more) for number in range(1, count + 1)])


def read(path: Path) -> list[dict[str, Any]]:
    """The lines of an output. It has to end in a whole one."""
    content = path.read_bytes()
    assert content == b"" or content.endswith(b"\n")
    return [json.loads(line) for line in content.splitlines()]


def by_id(path: Path) -> dict[str, dict[str, Any]]:
    """The lines of an output; each `custom_id` has to be there once."""
    lines = read(path)
    found = {line["custom_id"]: line for line in lines}
    assert len(found) == len(lines)
    return found


def words(line: Mapping[str, Any]) -> str:
    """The assistant's words in a line of an output."""
    text = line["response"]["body"]["choices"][0]["message"]["content"]
    assert isinstance(text, str)
    return text


def settings(network: MockNetwork, **more: Any) -> dict[str, Any]:
    places = [f"{node.url};{node.provider_address}" for node in network.nodes]
    quick = RetryPolicy(attempts=2, backoff=0.001)
    return {"endpoints": places, "private_key": KEY, "scheme": "hash", "retry": quick, **more}


async def run(
    network: MockNetwork, source: Path, output: Path, options: BatchOptions | None = None, **more: Any
) -> Summary:
    """One run of a job, opened and closed. What `open_ledger` takes may be among the arguments of the client."""
    names = ("max_cost", "retry_failed", "may_bill_twice")
    ledger = open_ledger(source, output, **{name: more.pop(name) for name in names if name in more})
    try:
        async with AsyncClient(**settings(network, **more)) as client:
            return await Batch(client, ledger, options or BatchOptions(concurrency=4)).run()
    finally:
        ledger.close()


def under_way(output: Path) -> set[int]:
    """Lines that the journal says were begun, and neither it nor the output that they are over."""
    begun: set[int] = set()
    for line in output.with_name(f"{output.name}.journal").read_text().splitlines()[1:]:
        entry = _ENTRY.match(line)
        if entry is not None:
            (begun.add if entry[1] == "+" else begun.discard)(int(entry[2]))
    finished = {
        int(json.loads(line)["id"].rpartition("_")[2])
        for line in output.read_bytes().splitlines(keepends=True)
        if line.endswith(b"\n")
    }
    return begun - finished


def settled(output: Path) -> list[int]:
    """Lines that the journal says are finished."""
    lines = output.with_name(f"{output.name}.journal").read_text().splitlines()
    return [int(entry[2]) for entry in map(_ENTRY.match, lines) if entry is not None and entry[1] == "="]


def line_of(count: int, **more: object) -> dict[str, int]:
    """The SHA-256 of a body as it is sent, in hex, to the number of its line."""
    bodies = ((number, encode(payload(number, **more))) for number in range(1, count + 1))
    return {hashlib.sha256(body).hexdigest(): number for number, body in bodies}


def process(
    network: MockNetwork,
    *arguments: str,
    stderr: int = subprocess.PIPE,
    before: Callable[[], None] | None = None,
    **environ: str,
) -> subprocess.Popen[str]:
    """`gonka batch` as a process of its own; `before` is called in it, before it becomes Python."""
    places = ",".join(f"{node.url};{node.provider_address}" for node in network.nodes)
    return subprocess.Popen(
        [sys.executable, "-m", "gonka_core", "batch", *arguments],
        env={**os.environ, "GONKA_PRIVATE_KEY": KEY.reveal().hex(), "GONKA_ENDPOINTS": places, **environ},
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=stderr,
        preexec_fn=before,
        text=True,
    )
