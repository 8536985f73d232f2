"""Clients that go wrong about the network: whom to call, when to repeat, when to stop."""

from __future__ import annotations

import http.client
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any

from .honest import NS, CallFailed, Endpoint, Program


class IgnoresExclusions(Program):
    def excluded(self, listed: Any) -> set[str]:
        return set()


class IgnoresAllowList(Program):
    def allowed(self, source: str) -> set[str] | None:
        return None


class EmptyMeansNobody(Program):
    """An empty allow-list is read as one that allows none (`protocol.md` §10)."""

    def allowed(self, source: str) -> set[str] | None:
        return super().allowed(source) or set()


class OneAtATime(Program):
    def parallel(self) -> int:
        return 1


class MakesFewer(Program):
    def count(self) -> int:
        return max(super().count() - 1, 1)


class NeverMovesOn(Program):
    def moves_on(self, error: CallFailed) -> bool:
        return False


class GivesUpUnreachable(Program):
    def may_repeat(self, error: CallFailed, endpoint: Endpoint) -> bool:
        return error.status is not None and super().may_repeat(error, endpoint)


class TrustsItsClock(Program):
    def learn_time(self, endpoint: Endpoint) -> bool:
        return False


class CorrectsForward(Program):
    """Block time ahead of the clock is believed, block time behind it is not."""

    def learn_time(self, endpoint: Endpoint) -> bool:
        worth_it = super().learn_time(endpoint)
        self.offset_ns = max(self.offset_ns, 0)
        return worth_it


class BelievesDates(Program):
    """Learns the time from `Date`, and never asks for that of the latest block."""

    def learn_time(self, endpoint: Endpoint) -> bool:
        moment = parsedate_to_datetime(self.date).timestamp()
        before, self.offset_ns, self.last_ns = self.offset_ns, int(moment * NS) - time.time_ns(), 0
        return abs(before - self.offset_ns) > 2 * NS


class RepeatsEverything(Program):
    def may_repeat(self, error: CallFailed, endpoint: Endpoint) -> bool:
        return super().may_repeat(error, endpoint) or error.status == 402


class WaitsForever(Program):
    def patience(self) -> float | None:
        return None


class TakesCutStreams(Program):
    """Whatever arrived is the answer."""

    def exchanged(self, method: str, url: str, headers: Mapping[str, str], body: bytes) -> tuple[int, bytes]:
        try:
            return super().exchanged(method, url, headers, body)
        except http.client.IncompleteRead as error:
            return 200, error.partial

    def finished(self, events: list[str]) -> bool:
        return True

    def streamed(self, answer: bytes) -> str:
        return super().streamed(answer[: answer.rfind(b"\n\n") + 2])


class TakesEndForDone(Program):
    def finished(self, events: list[str]) -> bool:
        return True


class LastEventOnly(Program):
    def joined(self, events: Any) -> str:
        return super().joined(list(events)[-4:])
