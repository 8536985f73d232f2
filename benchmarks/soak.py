"""Many calls over three nodes of which a fifth of the requests go wrong: `python -m benchmarks.soak --calls 100000`.

Each call has words of its own, and every fourth is a stream. A call ends in its answer, which has to repeat its words,
or in a typed error; the nodes, in a process of their own, count how often each payload was accepted. Between ten equal
steps, while no call is under way, this process looks at its own memory and descriptors. What must hold is checked, not
just shown: the exit status is 1 where a call is lost, answered with another's words, or accepted twice, and where
memory or descriptors grow.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from benchmarks.flatness import STEPS, Sample, growth, sample
from benchmarks.soak_process import NodeCounts, nodes_process
from gonka_core import AsyncClient, CallError, Endpoint, PrivateKey
from gonka_core.hookspecs import TransportOptions
from gonka_core.retry import RetryPolicy

TASKS: Final = 64
RETRY: Final = RetryPolicy(attempts=6, deadline=60, backoff=0.01, longest_backoff=0.1)


@dataclass
class Tally:
    """What became of the calls. `growth` are sentences, one for what grew; None where samples cannot be taken."""

    calls: int
    answered: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    untyped: Counter[str] = field(default_factory=Counter)
    wrong_words: int = 0
    nodes: NodeCounts = field(default_factory=NodeCounts)
    seconds: float = 0.0
    samples: list[Sample] = field(default_factory=list)
    growth: tuple[str, ...] | None = None

    @property
    def ended(self) -> int:
        return self.answered + self.wrong_words + sum(self.errors.values()) + sum(self.untyped.values())

    @property
    def holds(self) -> bool:
        """Every call ended once, in its own answer or a typed error; none was accepted twice; nothing grew."""
        each_ended = self.ended == self.calls and not (self.untyped or self.wrong_words)
        as_accepted = self.answered <= self.nodes.payloads_accepted and not self.nodes.accepted_again
        return each_ended and as_accepted and not self.growth

    def look(self, told: Callable[[Sample], None]) -> None:
        """Take a sample, where one can be taken."""
        if seen := sample(self.ended):
            self.samples.append(seen)
            told(seen)


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


def soak(
    calls: int, *, tasks: int = TASKS, retry: RetryPolicy = RETRY, told: Callable[[Sample], None] = lambda _: None
) -> Tally:
    """Make so many calls, `tasks` at a time; `told` is called with each sample.

    Raises RuntimeError for nodes that did not start, or ended before they were asked to.
    """
    tally = Tally(calls)
    with nodes_process() as nodes:
        began = time.perf_counter()
        asyncio.run(_calls(nodes.endpoints, tally, tasks, retry, told))
        tally.look(told)
        tally.seconds = time.perf_counter() - began
        tally.nodes = nodes.end()
    if tally.samples:
        tally.growth = growth(tally.samples, connections=tasks * len(nodes.endpoints))
    return tally


async def _calls(
    endpoints: Sequence[Endpoint], tally: Tally, tasks: int, retry: RetryPolicy, told: Callable[[Sample], None]
) -> None:
    client = AsyncClient(
        endpoints,
        private_key=PrivateKey((4).to_bytes(32, "big")),
        scheme="hash",
        transport="aiohttp",
        retry=retry,
        options=TransportOptions(connect_timeout=5, first_byte_timeout=20, read_timeout=20),
    )
    async with client:
        for begin, end in _steps(tally.calls):
            numbers = iter(range(begin, end))
            await asyncio.gather(*(_work(client, numbers, tally) for _ in range(tasks)))
            tally.look(told)


def _steps(calls: int) -> Iterator[tuple[int, int]]:
    """The numbers of the calls before each sample, begin and end: none before the first, equal parts after that."""
    bounds = [calls * step // STEPS for step in range(STEPS + 1)]
    return zip([0, *bounds], bounds, strict=False)


async def _work(client: AsyncClient, numbers: Iterator[int], tally: Tally) -> None:
    for number in numbers:
        await one(client, number, tally)


def _progress(seen: Sample) -> None:
    print(f"{seen.calls:,} calls: {seen.memory_kib:,} KiB, {seen.descriptors} descriptors", file=sys.stderr, flush=True)


def main() -> int:
    """The exit status: 0 where everything holds, 1 where something does not, 2 where there was nothing to judge."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--calls", type=int, default=100_000)
    calls = parser.parse_args().calls
    if calls < 1:
        parser.error("--calls: give one or more")
    try:
        tally = soak(calls, told=_progress)
    except RuntimeError as error:
        print(f"soak: {error}", file=sys.stderr)
        return 2
    print(json.dumps({**vars(tally), "ended": tally.ended, "holds": tally.holds}, default=asdict, indent=2))
    return 0 if tally.holds else 1


if __name__ == "__main__":
    sys.exit(main())
