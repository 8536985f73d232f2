"""Closing what was forgotten, without a word, as the SDK does with its own HTTP clients."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from typing import Protocol
from weakref import finalize


class Closing(Protocol):
    """What can be closed."""

    def close(self) -> None: ...


class AsyncClosing(Protocol):
    """What can be closed, awaited."""

    async def aclose(self) -> None: ...


def when_forgotten(owner: object, closes: Iterable[Closing]) -> finalize[[tuple[Closing, ...]], object]:
    """Close these when nobody has `owner` any more, unless what is returned is detached before."""
    return finalize(owner, _close, tuple(closes))


def when_forgotten_async(owner: object, closes: Iterable[AsyncClosing]) -> finalize[[tuple[AsyncClosing, ...]], object]:
    """`when_forgotten` for what is awaited: by a task of the loop that runs then, or without one."""
    # Held from here, they are not garbage together with their owner: their own finalizers would complain first.
    return finalize(owner, _close_async, tuple(closes))


def _close(closes: tuple[Closing, ...]) -> None:
    for each in closes:
        with suppress(Exception):
            each.close()


def _close_async(closes: tuple[AsyncClosing, ...]) -> None:
    closing = _closed(closes)
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        # Their loop is over. Whatever can be closed without waiting is closed by the first step.
        with suppress(StopIteration):
            closing.send(None)
        closing.close()
    else:
        loop.create_task(closing)  # noqa: RUF006 - the loop keeps it until it is done


async def _closed(closes: tuple[AsyncClosing, ...]) -> None:
    for each in closes:
        with suppress(Exception):
            await each.aclose()
