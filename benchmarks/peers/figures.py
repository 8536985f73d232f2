"""The figures: every subject of every environment that is installed, side by side in one run."""

from __future__ import annotations

import json
import sys
from collections.abc import Container, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.canned_server import CHUNKS, canned_server
from benchmarks.peers.serving import Task
from benchmarks.peers.worker import Worker, worker
from gonka_bench.paired import ROUNDS, Run, Timing, measure
from gonka_bench.workload import ENDPOINT, SECRET, chat_payload

PEERS: Final = Path(__file__).parents[2] / ".venv-peers"
"""Where `make bench-peers` installs them."""

SAMPLE_S: Final = 0.1


@dataclass(frozen=True, slots=True)
class Environment:
    """An interpreter, and the worker that it runs. `name` stands in front of its subjects."""

    name: str
    python: Path
    module: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Seconds of CPU for a request, by environment and subject (`openai-2 chat-sync`), and versions by environment."""

    timings: Mapping[str, Timing]
    versions: Mapping[str, Mapping[str, str]]

    def us(self, subject: str) -> float:
        """Microseconds for a request, at its fastest."""
        return self.timings[subject].best_s * 1e6

    def told(self, environment: str) -> str:
        """The versions of an environment in words."""
        return ", ".join(f"{name} {version}" for name, version in self.versions[environment].items())


def environments(peers: Path = PEERS) -> tuple[Environment, ...]:
    """Ours, and the peers': the official SDK does not import beside the OpenAI SDK 3, so there are two more."""
    second, third = (peers / name / "bin" / "python" for name in ("openai-2", "openai-3"))
    return (
        Environment("gonka-core", Path(sys.executable), "benchmarks.peers.ours"),
        Environment("gonka-openai", second, "benchmarks.peers.official"),
        Environment("openai-2", second, "benchmarks.peers.openai_sdk"),
        Environment("openai-3", third, "benchmarks.peers.openai_sdk"),
    )


def task(url: str) -> Task:
    """The question of 200 bytes, for a server at `url`."""
    payload = json.loads(chat_payload(200))
    return Task(
        url=url,
        provider_address=ENDPOINT.provider_address or "",
        private_key=SECRET.hex(),
        model=payload["model"],
        content=payload["messages"][0]["content"],
        chunks=CHUNKS,
    )


def installed(peers: Path = PEERS) -> tuple[Environment, ...]:
    """The environments that there are: ours, and none, one or both of the peers'."""
    return tuple(one for one in environments(peers) if one.python.exists())


def figures(
    chosen: Sequence[Environment],
    wanted: Container[str] | None = None,
    *,
    rounds: int = ROUNDS,
    sample_s: float = SAMPLE_S,
) -> Figures:
    """Measure the wanted subjects, or all that the environments offer. Raises WorkerError where one does not work."""
    with canned_server() as server, ExitStack() as stack:
        workers = {one.name: stack.enter_context(worker(one.python, one.module, task(server.url))) for one in chosen}
        spent = _Spent()
        runs = {
            f"{name} {subject}": spent.by(process, subject)
            for name, process in workers.items()
            for subject in process.subjects
            if wanted is None or f"{name} {subject}" in wanted
        }
        timings = measure(runs, rounds=rounds, sample_s=sample_s, clock=spent.seconds)
        return Figures(timings, {name: process.versions for name, process in workers.items()})


class _Spent:
    """A clock that goes on by the CPU seconds that workers tell."""

    def __init__(self) -> None:
        self._seconds = 0.0

    def seconds(self) -> float:
        return self._seconds

    def by(self, process: Worker, subject: str) -> Run:
        def run(times: int) -> None:
            self._seconds += process.run(subject, times)

        return run
