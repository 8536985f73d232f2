"""Calls to a node, counted: a client of one transport, sync or async, as something to be measured."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from gonka_core import AsyncClient, Client, RetryPolicy
from gonka_core.errors import MissingLibraryError
from gonka_core.interfaces import Signer
from gonka_core.request import requester_address

from .node import Place
from .results import Complaint, Mode, State
from .wording import reason
from .workload import SIZES, chat_payload

Loop = Literal["", "asyncio", "uvloop"]
_PAYLOAD: Final = chat_payload(SIZES["200 B"])
_ONCE: Final = RetryPolicy(attempts=1, deadline=30)


@dataclass(frozen=True, slots=True)
class Way:
    """How calls are made: over which transport, in which kind of client, so many at once, on which event loop."""

    transport: str
    mode: Mode
    in_flight: int = 1
    loop: Loop = ""

    @property
    def key(self) -> str:
        return f"{self.transport}/{self.mode}/{self.in_flight}/{self.loop}"


class Calls:
    """Makes calls; `run(times)` makes `times * way.in_flight`. `wall_s` is the best time of one call so far.

    A call that fails is kept as `complaint`, and from then on nothing is called. Close it.
    """

    wall_s: float

    def __init__(self, way: Way, place: Place, signer: Signer, wall: Callable[[], float] = time.perf_counter) -> None:
        self.way = way
        self.complaint: Complaint | None = None
        self.wall_s = float("inf")
        self._wall = wall
        self._driver = (_Sync if way.mode == "sync" else _Async)(way, place, signer)

    def run(self, times: int) -> None:
        if self.complaint is not None:
            return
        began = self._wall()
        try:
            self._driver.run(times)
        except Exception as error:  # noqa: BLE001 - whatever a plug-in does, the others go on
            self.complaint = complaint(self.way.transport, error)
        self.wall_s = min(self.wall_s, (self._wall() - began) / (times * self.way.in_flight))

    def close(self) -> None:
        with contextlib.suppress(Exception):  # it has done its work
            self._driver.close()


def complaint(transport: str, error: Exception) -> Complaint:
    """That it cannot be used, and why."""
    state: State = "missing" if isinstance(error, MissingLibraryError) else "failed"
    return Complaint(
        "transport", transport, state, reason(error, f"run: gonka conformance transport --transport {transport}")
    )


class _Sync:
    def __init__(self, way: Way, place: Place, signer: Signer) -> None:
        self._client = Client(
            place.endpoint,
            signer=signer,
            address=requester_address(signer),
            scheme=place.scheme,
            transport=way.transport,
            retry=_ONCE,
        )

    def run(self, times: int) -> None:
        for _ in range(times):
            self._client.chat(_PAYLOAD)

    def close(self) -> None:
        self._client.close()


class _Async:
    def __init__(self, way: Way, place: Place, signer: Signer) -> None:
        self._in_flight = way.in_flight
        self._client = AsyncClient(
            place.endpoint,
            signer=signer,
            address=requester_address(signer),
            scheme=place.scheme,
            transport=way.transport,
            retry=_ONCE,
        )
        self._runner = asyncio.Runner(loop_factory=_new_loop if way.loop == "uvloop" else None)

    def run(self, times: int) -> None:
        self._runner.run(self._calls(times))

    async def _calls(self, times: int) -> None:
        for _ in range(times):
            if self._in_flight == 1:
                await self._client.chat(_PAYLOAD)
            else:
                await asyncio.gather(*(self._client.chat(_PAYLOAD) for _ in range(self._in_flight)))

    def close(self) -> None:
        self._runner.run(self._client.aclose())
        self._runner.close()


def _new_loop() -> asyncio.AbstractEventLoop:
    made: asyncio.AbstractEventLoop = importlib.import_module("uvloop").new_event_loop()
    return made
