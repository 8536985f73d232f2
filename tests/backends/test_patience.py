"""Timeouts of many tasks by one timer: each in its own time, and nobody else's cancellation is swallowed.

The loop's own clock runs; work that never ends is a future that nobody sets, so nothing here waits longer than the
milliseconds of its timeouts.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from gonka_aiohttp.patience import Patience

pytestmark = pytest.mark.asyncio


def forever() -> asyncio.Future[None]:
    return asyncio.get_running_loop().create_future()


async def value(given: int) -> int:
    return given


async def test_what_ends_in_time_is_returned_and_leaves_no_note() -> None:
    waiting = Patience()
    for seconds in (None, 60.0, 0.001):
        assert await waiting.within(seconds, value(7)) == 7
    assert not waiting._notes
    waiting.close()


async def test_an_error_of_the_work_is_its_own() -> None:
    async def failing() -> None:
        raise KeyError("mine")

    waiting = Patience()
    with pytest.raises(KeyError, match="mine"):
        await waiting.within(60.0, failing())
    assert not waiting._notes
    waiting.close()


@pytest.mark.parametrize("seconds", [-1.0, 0.0, 0.01])
async def test_what_is_late_is_cancelled(seconds: float) -> None:
    waiting, work = Patience(), forever()
    with pytest.raises(TimeoutError):
        await waiting.within(seconds, work)
    assert work.cancelled()
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0, "the task itself goes on as if nobody had cancelled it"
    assert not waiting._notes
    assert waiting._timer is None


async def test_each_has_its_own_time_and_the_shorter_does_not_wait_for_the_longer() -> None:
    waiting = Patience()
    ended: list[str] = []

    async def wait(name: str, seconds: float) -> None:
        with pytest.raises(TimeoutError):
            await waiting.within(seconds, forever())
        ended.append(name)

    long = asyncio.create_task(waiting.within(3600.0, forever()))
    await asyncio.gather(wait("third", 0.03), wait("first", 0.01), wait("second", 0.02))
    assert ended == ["first", "second", "third"]
    assert waiting._timer is not None
    assert not long.done()
    long.cancel()
    with pytest.raises(asyncio.CancelledError):
        await long
    assert not waiting._notes
    waiting.close()


async def test_a_cancellation_from_outside_goes_on() -> None:
    waiting = Patience()
    task = asyncio.create_task(waiting.within(3600.0, forever()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    waiting.close()


async def test_a_cancellation_from_outside_counts_more_than_the_timeout() -> None:
    waiting = Patience()
    task = asyncio.create_task(waiting.within(0.001, forever()))
    await asyncio.sleep(0)
    (note,) = waiting._notes
    note.ends = 0.0
    waiting._look()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    waiting.close()


async def test_within_a_timeout_of_asyncio_the_outer_one_holds() -> None:
    waiting = Patience()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.01):
            await waiting.within(3600.0, forever())
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3600.0):
            await waiting.within(0.01, forever())
    waiting.close()


async def test_one_timer_serves_all_and_is_set_anew_only_for_an_earlier_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """The point of it: a thousand requests set one timer."""
    waiting = Patience()
    set_anew: list[float] = []
    once: Callable[[float], None] = waiting._look_at

    def counted(when: float) -> None:
        set_anew.append(when)
        once(when)

    monkeypatch.setattr(waiting, "_look_at", counted)
    for _ in range(1000):
        await waiting.within(60.0, value(1))
    assert len(set_anew) == 1
    await waiting.within(5.0, value(1))
    assert len(set_anew) == 2
    waiting.close()


async def refused(work: Awaitable[Any]) -> type[BaseException]:
    try:
        await work
    except BaseException as error:
        return type(error)
    raise AssertionError("it ended")


@pytest.mark.parametrize("seconds", [0.0, 0.005])
async def test_it_ends_as_asyncio_does(seconds: float) -> None:
    async def by_asyncio() -> None:
        async with asyncio.timeout(seconds):
            await forever()

    waiting = Patience()
    assert await refused(by_asyncio()) is await refused(waiting.within(seconds, forever()))
    waiting.close()
