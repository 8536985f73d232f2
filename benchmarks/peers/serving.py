"""The worker's side: requests are made when the parent says so, and what CPU they took is told.

Only the standard library is imported, because a peer's environment has nothing of ours. A line in, a line out:

    a `Task` as JSON, once      the names of the subjects, and versions: {"subjects": [...], "versions": {...}}
    run NAME N                  the seconds of CPU that N requests took
    anything else               error, and a sentence
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    AsyncExitStack,
    ExitStack,
    contextmanager,
    suppress,
)
from dataclasses import dataclass, field
from functools import cache
from importlib import metadata
from typing import Any, Final, TextIO, TypeAlias, TypeVar

IN_FLIGHT: Final = 16
"""Requests at a time of an asynchronous client. A synchronous one makes them one after the other."""

Run: TypeAlias = Callable[[int], object]
Subject: TypeAlias = Callable[["Task"], AbstractContextManager[Run]]
SyncClient = TypeVar("SyncClient")
AsyncClient = TypeVar("AsyncClient")


@dataclass(frozen=True, slots=True)
class Task:
    """What is asked, where, and by whom: the base URL with /v1, the secret in hex, and a question."""

    url: str
    provider_address: str
    private_key: str = field(repr=False)
    model: str
    content: str
    chunks: int
    """How many a stream must have."""

    @property
    def payload(self) -> dict[str, Any]:
        return {"model": self.model, "messages": [{"role": "user", "content": self.content}]}

    def check_answer(self, words: str | None) -> None:
        """Raises ValueError for an answer without words."""
        if not words:
            raise ValueError("the answer has no words")

    def check_stream(self, words: Sequence[str | None]) -> None:
        """Raises ValueError unless every chunk came."""
        if len(words) != self.chunks:
            raise ValueError(f"the stream had {len(words)} chunks, not {self.chunks}")


@contextmanager
def in_turn(opened: AbstractContextManager[SyncClient], request: Callable[[SyncClient], object]) -> Iterator[Run]:
    """Requests with one client, one after the other."""
    with opened as client:

        def run(times: int) -> None:
            for _ in range(times):
                request(client)

        yield run


@contextmanager
def together(
    opened: AbstractAsyncContextManager[AsyncClient], request: Callable[[AsyncClient], Awaitable[object]]
) -> Iterator[Run]:
    """Requests with one client, on an event loop that stays, `IN_FLIGHT` at a time."""
    with asyncio.Runner() as runner:
        stack = AsyncExitStack()
        client = runner.run(stack.enter_async_context(opened))
        yield lambda times: runner.run(_together(lambda: request(client), times))
        runner.run(stack.aclose())


async def _together(request: Callable[[], Awaitable[object]], times: int) -> None:
    left = iter(range(times))

    async def work() -> None:
        for _ in left:
            await request()

    await asyncio.gather(*(work() for _ in range(min(IN_FLIGHT, times))))


def serve(subjects: Mapping[str, Subject], packages: Sequence[str]) -> None:
    """Follow the lines until stdin is closed. `packages` are those whose versions matter.

    A subject is made when it is first asked for, and warmed up before its first figure. What a
    request raises ends the process, with its traceback on stderr.
    """
    out = _kept_from_prints()
    task = Task(**json.loads(sys.stdin.readline()))
    with ExitStack() as stack:

        @cache
        def run(name: str) -> Run:
            return stack.enter_context(_warm(subjects[name], task))

        print(json.dumps({"subjects": list(subjects), "versions": _versions(packages)}), file=out, flush=True)
        for line in sys.stdin:
            print(_answer(line.strip(), list(subjects), run), file=out, flush=True)


@contextmanager
def _warm(subject: Subject, task: Task) -> Iterator[Run]:
    """A subject that has made requests: its connections are open, and what it makes once has been made."""
    with subject(task) as run:
        run(IN_FLIGHT)
        yield run


def _kept_from_prints() -> TextIO:
    """The stdout that the parent reads. What a library prints goes to stderr: the official SDK does print."""
    out = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    return out


def _versions(packages: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name in packages:
        with suppress(metadata.PackageNotFoundError):
            found[name] = metadata.version(name)
    return found


def _answer(line: str, names: Sequence[str], run: Callable[[str], Run]) -> str:
    match line.split():
        case ["run", name, times] if name in names and times.isdecimal():
            return repr(_cpu_s(run(name), int(times)))
    return f"error unknown command {line!r}; say: run NAME N, where NAME is one of {', '.join(names)}"


def _cpu_s(run: Run, times: int) -> float:
    """Seconds of CPU of this process, without garbage collection: what was there before is collected first."""
    gc.collect()
    gc.disable()
    started = time.process_time()
    run(times)
    took = time.process_time() - started
    gc.enable()
    return took
