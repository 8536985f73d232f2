"""A second request for an answer that is late. Events decide who comes first, not the clock."""

from __future__ import annotations

import asyncio
import threading

import pytest

from gonka_core import ConnectError, Endpoint
from gonka_core.hedging import race, race_async

ONE = Endpoint("http://one", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")
TWO = Endpoint("http://two", "gonka1kx9mca3xm8u8ypzfuhmxey66u0ufxhs7nm6wc5")


def failure(name: str) -> ConnectError:
    return ConnectError(name, "try again")


def test_an_answer_in_time_needs_no_second_request() -> None:
    seen: list[list[Endpoint]] = []

    def run(tried: list[Endpoint]) -> str:
        seen.append(list(tried))
        return "first"

    assert race(run, 60) == "first"
    assert seen == [[]]


def test_the_second_goes_elsewhere_and_wins() -> None:
    second_done = threading.Event()

    def run(tried: list[Endpoint]) -> str:
        if not tried:
            tried.append(ONE)
            second_done.wait(timeout=20)
            return "first"
        assert tried == [ONE]
        return "second"

    assert race(run, 0.001) == "second"
    second_done.set()


def test_where_the_first_fails_late_the_second_counts_and_the_other_way_round() -> None:
    for failing in (0, 1):
        turns = iter(range(2))
        both = threading.Barrier(2, timeout=20)

        def run(tried: list[Endpoint]) -> str:
            turn = next(turns)  # noqa: B023
            tried.append(ONE)
            both.wait()  # noqa: B023
            if turn == failing:  # noqa: B023
                raise failure("late")
            return f"turn {turn}"

        assert race(run, 0.001) == f"turn {1 - failing}"


def test_where_both_fail_an_error_comes_and_nobody_waits_for_ever() -> None:
    both = threading.Barrier(2, timeout=20)

    def run(_tried: list[Endpoint]) -> str:
        both.wait()
        raise failure("both")

    with pytest.raises(ConnectError, match="both"):
        race(run, 0.001)


def test_an_unexpected_error_is_not_lost_in_a_thread() -> None:
    def run(_tried: list[Endpoint]) -> str:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        race(run, 60)


@pytest.mark.anyio
async def test_awaited_the_loser_is_cancelled() -> None:
    cancelled = asyncio.Event()

    async def run(tried: list[Endpoint]) -> str:
        if tried:
            return "second"
        tried.append(TWO)
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.set()
            raise
        return "never"

    assert await race_async(run, 0.001) == "second"
    assert cancelled.is_set()


@pytest.mark.anyio
async def test_awaited_failures() -> None:
    async def fails(_tried: list[Endpoint]) -> str:
        raise failure("both")

    with pytest.raises(ConnectError, match="both"):
        await race_async(fails, 60)
    turns = iter(range(2))
    second = asyncio.Event()

    async def first_fails_late(_tried: list[Endpoint]) -> str:
        if next(turns) == 0:
            await second.wait()
            raise failure("first")
        second.set()
        await asyncio.sleep(0)
        return "second"

    assert await race_async(first_fails_late, 0.001) == "second"
