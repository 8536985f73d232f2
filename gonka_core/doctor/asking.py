"""Asking with patience: routes of nodes, and the flows of other rooms, over a transport, within the doctor's time."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final, TypeVar

from gonka_core.answers import Answer
from gonka_core.clock import SHARED, Clock
from gonka_core.driving import run_flow
from gonka_core.endpoints import Endpoint
from gonka_core.errors import CallError
from gonka_core.interfaces import Transport
from gonka_core.limits import Limits
from gonka_core.nodetext import fields
from gonka_core.request import reading
from gonka_core.steps import Send, Steps
from gonka_core.types import Request

Result = TypeVar("Result")

_LIMITS: Final = Limits(response_bytes=16 * 1024 * 1024, decompressed_bytes=16 * 1024 * 1024)


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of asking a route: an answer, or the error in its place.

    `local_ns`: nanoseconds since the epoch halfway through the asking, by the clock that would stamp a request.
    """

    answer: Answer | None = None
    error: CallError | None = None
    local_ns: int = 0

    @property
    def status(self) -> int:
        """0 where nobody answered."""
        return self.answer.status if self.answer else 0

    @property
    def headers(self) -> Mapping[str, str]:
        return self.answer.headers if self.answer else {}

    @property
    def body(self) -> bytes:
        return (self.answer.body if self.answer else None) or b""

    @property
    def told(self) -> Mapping[str, Any]:
        """The JSON object of a success; empty for anything else."""
        return fields(self.body) if self.answer and self.answer.ok else {}


class Asker:
    """Reads routes, each once, and drives flows; `timeout_s` is for one question. `ends` is by `seconds`."""

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
            self._heard[place] = self._read(_keyed(reading(endpoint, path)) if with_key else reading(endpoint, path))
        return self._heard[place]

    def run(self, flow: Steps[Result]) -> Result:
        """Drive a flow to its end. Raises what it raises."""
        return run_flow(flow, self.transport, _LIMITS, self.seconds)

    def _read(self, request: Request) -> Heard:
        asked = self._clock.now_ns()
        try:
            answer = self.run(_once(request, self.timeout_s))
        except CallError as error:
            return Heard(error=error)
        return Heard(answer, local_ns=(asked + self._clock.now_ns()) // 2)


def _once(request: Request, patience: float) -> Steps[Answer | None]:
    return (yield Send(request, patience))


def _keyed(request: Request) -> Request:
    key = request.endpoint.api_key
    return request if key is None else replace(request, headers={"Authorization": f"Bearer {key.reveal()}"})
