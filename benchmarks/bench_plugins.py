"""What is paid before the first request: finding the plug-ins, once for a process, and making a client."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from importlib.metadata import entry_points

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.measuring import CPU, describe, library
from gonka_bench.workload import ENDPOINT, KEY
from gonka_core import AsyncClient, Client
from gonka_core.hookspecs import PROJECT
from gonka_core.plugins import discover, registry

pytestmark = CPU
TOGETHER = ("name",)


def test_entry_points(benchmark: BenchmarkFixture) -> None:
    """The entry points of the group read from the metadata of what is installed, and none of them loaded."""
    describe(benchmark, "1. find the plug-ins", "entry points alone", role="baseline")
    assert benchmark(entry_points, group=PROJECT)


def test_discovery(benchmark: BenchmarkFixture) -> None:
    """A fresh registry: entry points read, hooks registered and asked. Their modules are imported already."""
    describe(benchmark, "1. find the plug-ins", "a fresh registry")
    assert benchmark(lambda: discover(entry_points(group=PROJECT))).entries


def test_registry(benchmark: BenchmarkFixture) -> None:
    """The registry of the process, once it was found: what each further client pays."""
    describe(benchmark, "1. find the plug-ins", "the registry of the process")
    registry()
    assert benchmark(registry).entries


@pytest.mark.parametrize("name", ["httpx", "httpx2"])
def test_bare_client(benchmark: BenchmarkFixture, name: str) -> None:
    """The library's own client, made and closed. Most of it is reading the CA bundle."""
    transport = library(name, name)
    describe(benchmark, f"2. make and close a client: {name}", "bare", role="baseline")
    benchmark(lambda: transport.Client().close())


@pytest.mark.parametrize("name", ["httpx", "httpx2"])
def test_client(benchmark: BenchmarkFixture, name: str) -> None:
    """`Client` with its signer, its transport and one endpoint, made and closed."""
    library(name, name)
    describe(benchmark, f"2. make and close a client: {name}", "ours")
    benchmark(lambda: Client(ENDPOINT, private_key=KEY, transport=name).close())


def test_bare_aiohttp(benchmark: BenchmarkFixture) -> None:
    """A `ClientSession`, made and closed within a running event loop, whose turn is part of it."""
    aiohttp = library("aiohttp", "aiohttp")

    async def made() -> None:
        await aiohttp.ClientSession().close()

    describe(benchmark, "2. make and close a client: aiohttp", "bare", role="baseline")
    _measured(benchmark, made)


def test_async_client(benchmark: BenchmarkFixture) -> None:
    """`AsyncClient` over aiohttp, made and closed; its session is opened by the first request, not here."""
    library("aiohttp", "aiohttp")

    async def made() -> None:
        await AsyncClient(ENDPOINT, private_key=KEY, transport="aiohttp").aclose()

    describe(benchmark, "2. make and close a client: aiohttp", "ours")
    _measured(benchmark, made)


def _measured(benchmark: BenchmarkFixture, made: Callable[[], Awaitable[None]]) -> None:
    with asyncio.Runner() as runner:
        benchmark(lambda: runner.run(_awaited(made)))


async def _awaited(made: Callable[[], Awaitable[None]]) -> None:
    await made()
