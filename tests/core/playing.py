"""Flows, carried out over sockets, or played: then what is asked is answered by a function of the test."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from gonka_core.answers import Answer
from gonka_core.driving import run
from gonka_core.errors import CallError
from gonka_core.hookspecs import TransportOptions
from gonka_core.limits import DEFAULT
from gonka_core.resolve import transport
from gonka_core.steps import Send, Steps
from gonka_core.types import Request

Result = TypeVar("Result")


def said(value: Any, status: int = 200) -> Answer:
    """An answer with that JSON."""
    return Answer(status, {}, json.dumps(value).encode())


def over_sockets(flow: Steps[Result]) -> Result:
    """What a flow returns whose requests are really sent."""
    carrier = transport("httpx", TransportOptions())
    try:
        return run(flow, carrier, DEFAULT, time.monotonic)[0]
    finally:
        carrier.close()


@dataclass
class Player(Generic[Result]):
    """Plays a flow. `answer` is asked for each request; a `CallError` is what became of it instead.

    `asked` are the requests in order, and `timeouts` what each may take.
    """

    answer: Callable[[Request], Answer | CallError]
    asked: list[Request] = field(default_factory=list)
    timeouts: list[float | None] = field(default_factory=list)

    def play(self, flow: Steps[Result]) -> Result:
        try:
            step = next(flow)
            while True:
                assert isinstance(step, Send)
                self.asked.append(step.request)
                self.timeouts.append(step.timeout)
                answer = self.answer(step.request)
                step = flow.throw(answer) if isinstance(answer, CallError) else flow.send(answer)
        except StopIteration as finished:
            result: Result = finished.value
            return result

    @property
    def urls(self) -> list[str]:
        return [request.url for request in self.asked]
