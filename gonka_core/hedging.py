"""A second request for an answer that is late: the first of the two that succeeds counts.

Off unless asked for, because the other one may be computed and billed as well (`protocol.md` §14). The second goes to
another endpoint where there is one.
"""

from __future__ import annotations

import asyncio
import queue
import threading
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from typing import TypeVar

from .endpoints import Endpoint

Result = TypeVar("Result")


def race(run: Callable[[list[Endpoint]], Result], after: float) -> Result:
    """The result of `run`, or of a second run that begins `after` seconds later; the first error where both fail.

    `run` gets the endpoints to avoid, and adds those that it asks. The loser goes on in its thread; nobody waits for
    it.
    """
    ended: queue.SimpleQueue[Future[Result]] = queue.SimpleQueue()
    tried: list[Endpoint] = []
    _start(run, tried, ended)
    try:
        return ended.get(timeout=after).result()
    except queue.Empty:
        _start(run, list(tried), ended)
    first = ended.get()
    return first.result() if first.exception() is None else _other(first, ended.get()).result()


def _start(
    run: Callable[[list[Endpoint]], Result], avoid: list[Endpoint], ended: queue.SimpleQueue[Future[Result]]
) -> None:
    def one() -> None:
        future: Future[Result] = Future()
        try:
            future.set_result(run(avoid))
        except BaseException as error:  # noqa: BLE001 - whatever it is, the one who waits raises it
            future.set_exception(error)
        ended.put(future)

    threading.Thread(target=one, name="gonka-hedge", daemon=True).start()


def _other(failed: Future[Result], second: Future[Result]) -> Future[Result]:
    return second if second.exception() is None else failed


async def race_async(run: Callable[[list[Endpoint]], Awaitable[Result]], after: float) -> Result:
    """`race`, awaited; the loser is cancelled, which closes its connection."""
    tried: list[Endpoint] = []
    first = asyncio.ensure_future(run(tried))
    tasks = [first]
    try:
        await asyncio.wait(tasks, timeout=after)
        if not first.done():
            tasks.append(asyncio.ensure_future(run(list(tried))))
        return await _first_good(tasks)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def _first_good(tasks: Sequence[asyncio.Future[Result]]) -> Result:
    waiting = set(tasks)
    while waiting:
        done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        good = next((task for task in done if task.exception() is None), None)
        if good is not None or not waiting:
            return (good or tasks[0]).result()
    raise AssertionError("there is always a task")
