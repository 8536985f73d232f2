"""Asking over a transport: routes, each once, and the flows of other rooms, within one time."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from gonka_core.clock import SHARED, Clock
from gonka_core.driving import run_flow
from gonka_core.endpoints import Endpoint
from gonka_core.interfaces import Transport
from gonka_core.limits import Limits
from gonka_core.request import reading
from gonka_core.steps import Steps
from gonka_core.types import Request

from .heard import Heard, hear
from .timed import keyed

Result = TypeVar("Result")

_LIMITS: Final = Limits(response_bytes=16 * 1024 * 1024, decompressed_bytes=16 * 1024 * 1024)


class Asker:
    """Reads routes, each once, and drives flows; `timeout_s` is for one question. `ends` is by `seconds`.

    `clock` tells when an answer was heard.
    """

    def __init__(
        self,
        transport: Transport,
        timeout_s: float,
        ends: float,
        *,
        clock: Clock = SHARED,
        seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        self.transport = transport
        self.timeout_s = timeout_s
        self._ends = ends
        self.seconds = seconds
        self._clock = clock
        self._heard: dict[tuple[Endpoint, str, bool], Heard] = {}

    @property
    def over(self) -> bool:
        """Whether nothing more is to be looked at."""
        return self.seconds() >= self._ends

    def read(self, endpoint: Endpoint, path: str, *, with_key: bool = False) -> Heard:
        """What a route answers; asked once. `with_key` sends the endpoint's API key along."""
        place = (endpoint, path, with_key)
        if place not in self._heard:
            self._heard[place] = self._read((keyed if with_key else reading)(endpoint, path))
        return self._heard[place]

    def run(self, flow: Steps[Result]) -> Result:
        """Drive a flow to its end. Raises what it raises."""
        return run_flow(flow, self.transport, _LIMITS, self.seconds)

    def _read(self, request: Request) -> Heard:
        asked = self._clock.now_ns()
        heard = self.run(hear(request, self.timeout_s))
        return replace(heard, local_ns=(asked + self._clock.now_ns()) // 2)
