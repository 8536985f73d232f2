"""What the benchmarks share: how time is taken, how a subject is named, and how one that is not there is left out."""

from __future__ import annotations

import asyncio
import importlib
import time
from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, Final, Literal, TypeAlias, TypeVar

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from gonka_core.plugins import install_line

Role: TypeAlias = Literal["subject", "baseline", "limit"]
"""The baseline of a group is what the others are divided by; a limit is what nothing of ours can be faster than."""

Entered = TypeVar("Entered")

CPU: Final = pytest.mark.benchmark(
    timer=time.process_time, min_time=0.001, disable_gc=True, warmup=True, warmup_iterations=20
)
"""CPU of this process, so that neither a server nor a neighbour is counted. A round lasts a millisecond or more, beside
which reading the clock is nothing.
"""


def describe(
    benchmark: BenchmarkFixture,
    group: str,
    subject: str,
    *,
    variant: str = "",
    role: Role = "subject",
    operations: int = 1,
) -> None:
    """Say what is measured, before it is: `benchmarks.ratios` reads it. A round does so many `operations`."""
    benchmark.group = group
    benchmark.extra_info |= {"subject": subject, "variant": variant, "role": role, "operations": operations}


def library(module: str, extra: str) -> Any:
    """The module; the benchmark is skipped, with the line that installs it, where it or what it needs is missing."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        pytest.skip(f"{error.name} is not installed; {install_line(extra)}")


@contextmanager
def entered(runner: asyncio.Runner, manager: AbstractAsyncContextManager[Entered]) -> Iterator[Entered]:
    """`async with`, for a benchmark that is no coroutine itself: what it measures are runs of the loop."""
    opened = runner.run(_entered(manager))
    try:
        yield opened
    finally:
        runner.run(_left(manager))


async def _entered(manager: AbstractAsyncContextManager[Entered]) -> Entered:
    return await manager.__aenter__()


async def _left(manager: AbstractAsyncContextManager[Any]) -> None:
    await manager.__aexit__(None, None, None)
