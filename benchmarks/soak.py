"""Many calls over three nodes of which a fifth of the requests go wrong: `python -m benchmarks.soak --calls 100000`.

Each call has words of its own, and every fourth is a stream. A call ends in its answer, which has to repeat its words,
or in a typed error; the nodes count how often each payload was accepted. What must hold is checked, not just shown: the
exit status is 1 where a call is lost, answered with another's words, or accepted twice.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from typing import Any, Final

from gonka_core import AsyncClient, CallError, PrivateKey
from gonka_core.hookspecs import TransportOptions
from gonka_core.retry import RetryPolicy
from gonka_mock_node import MockNetwork
from gonka_mock_node.journal import Verdict

TASKS: Final = 64
FAULTS: Final[Mapping[str, float]] = {
    "reset": 0.03,
    "rate-limited": 0.04,
    "bad-gateway": 0.02,
    "capacity": 0.04,
    "no-executor": 0.02,
    "reset-after": 0.02,
    "garbage-json": 0.02,
    "cut-stream": 0.04,
}
"""Name -> chance for a request that it can strike; together about a fifth."""


@dataclass
class Tally:
    """What became of the calls. Memory in KiB, and descriptors, after a fifth of the calls and at their end."""

    calls: int
    answered: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    untyped: Counter[str] = field(default_factory=Counter)
    wrong_words: int = 0
    requests: int = 0
    struck: int = 0
    accepted_twice: int = 0
    seconds: float = 0.0
    memory_kib: list[int] = field(default_factory=list)
    descriptors: list[int] = field(default_factory=list)

    @property
    def ended(self) -> int:
        return self.answered + self.wrong_words + sum(self.errors.values()) + sum(self.untyped.values())

    @property
    def holds(self) -> bool:
        """Every call ended in its own answer or a typed error, and no node accepted a payload for the second time."""
        return self.ended == self.calls and not (self.untyped or self.wrong_words or self.accepted_twice)

    def look(self) -> None:
        """Note memory and descriptors, where /proc tells them."""
        gc.collect()
        status = Path("/proc/self/statm")
        if status.exists():
            self.memory_kib.append(int(status.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") // 1024)
            self.descriptors.append(len(os.listdir("/proc/self/fd")))


class Accepted:
    """Counts the payloads that were accepted: one byte a call, however long the journal."""

    def __init__(self, tally: Tally) -> None:
        self._tally = tally
        self._seen: set[str] = set()

    def hear(self, verdict: Verdict) -> None:
        self._tally.requests += 1
        self._tally.struck += bool(verdict.faults)
        if verdict.accepted and verdict.body_sha256:
            short = verdict.body_sha256[:16]
            self._tally.accepted_twice += short in self._seen
            self._seen.add(short)


def payload(number: int) -> dict[str, Any]:
    return {"model": "test", "messages": [{"role": "user", "content": f"call {number} of the soak"}]}


async def one(client: AsyncClient, number: int, tally: Tally) -> None:
    """One call, and what became of it."""
    try:
        if number % 4:
            text = (await client.chat(payload(number))).text
        else:
            text = (await client.stream(payload(number)).collect()).text
    except CallError as error:
        tally.errors[type(error).__name__] += 1
    except Exception as error:  # noqa: BLE001 - an error without a type of ours is what a soak looks for
        tally.untyped[type(error).__name__] += 1
    else:
        right = f"call {number} of the soak" in text
        tally.answered += right
        tally.wrong_words += not right


async def work(client: AsyncClient, numbers: Iterator[int], tally: Tally) -> None:
    for number in numbers:
        if number >= tally.calls:
            return
        if number == tally.calls // 5:
            tally.look()
        await one(client, number, tally)


def soak(calls: int, *, tasks: int = TASKS) -> Tally:
    """Make so many calls, `tasks` at a time, over three nodes that are at fault by chance (the same each time)."""
    tally = Tally(calls)
    with MockNetwork(3, profile="v0.2.13", explain=False) as network:
        for seed, (name, chance) in enumerate(FAULTS.items()):
            network.faults.add(name, probability=chance, seed=seed)
        network.journal.listen(Accepted(tally).hear)
        began = time.perf_counter()
        asyncio.run(_calls(network, tally, tasks))
        tally.seconds = time.perf_counter() - began
    return tally


async def _calls(network: MockNetwork, tally: Tally, tasks: int) -> None:
    client = AsyncClient(
        [f"{node.url};{node.provider_address}" for node in network.nodes],
        private_key=PrivateKey((4).to_bytes(32, "big")),
        scheme="hash",
        transport="aiohttp",
        retry=RetryPolicy(attempts=6, deadline=60, backoff=0.01, longest_backoff=0.1),
        options=TransportOptions(connect_timeout=5, first_byte_timeout=20, read_timeout=20),
    )
    async with client:
        numbers = count()
        await asyncio.gather(*(work(client, numbers, tally) for _ in range(tasks)))
        tally.look()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, default=100_000)
    tally = soak(parser.parse_args().calls)
    print(json.dumps({**vars(tally), "ended": tally.ended, "holds": tally.holds}, indent=2))
    return 0 if tally.holds else 1


if __name__ == "__main__":
    sys.exit(main())
