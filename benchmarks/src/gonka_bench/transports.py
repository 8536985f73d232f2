"""The transports measured: each one against the same node, by the CPU that a call takes of this process."""

from __future__ import annotations

import contextlib
import importlib.util
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from gonka_core import resolve
from gonka_core.interfaces import Signer
from gonka_core.plugins import registry

from .calls import Calls, Way, complaint
from .node import Place, node_process, without_proxy
from .paired import Timing, measure
from .results import Complaint, TransportFigure
from .sampling import REAL, ROUNDS, Clocks, sample_s
from .workload import KEY

_AT_ONCE: Final = 16
_WALL_TO_CPU: Final = 2
"""About how much longer a call takes than its CPU, which is what samples are cut by."""


def ways() -> list[Way]:
    """Every transport in every kind it has; async with one call and with sixteen at once."""
    found: list[Way] = []
    for name, entry in registry().of_kind("transport").items():
        if "sync" in entry.plugin.capabilities:
            found.append(Way(name, "sync"))
        if "async" in entry.plugin.capabilities:
            found += [Way(name, "async", 1, "asyncio"), Way(name, "async", _AT_ONCE, "asyncio")]
    if importlib.util.find_spec("uvloop"):
        found += [replace(way, loop="uvloop") for way in found if way.in_flight == _AT_ONCE]
    return found


@dataclass(frozen=True, slots=True)
class Carrying:
    """What is compared, and for about how many seconds."""

    ways: Sequence[Way]
    seconds: float
    clocks: Clocks = REAL
    told: Callable[[], object] = lambda: None

    @property
    def samples(self) -> int:
        """How often `told` is called, or a little less."""
        return ROUNDS * len(self.ways)

    def figures(self) -> tuple[list[TransportFigure], list[Complaint]]:
        """The figures, and what went wrong in getting them. Raises `GonkaError` where there is no node to ask."""
        signer = resolve.signer(resolve.AUTO, lambda: KEY)
        with node_process() as place, without_proxy(), contextlib.ExitStack() as opened:
            subjects, complaints = self._opened(place, signer, opened)
            timings = self._measured(subjects)
        sound = [subject for subject in subjects if subject.complaint is None]
        complaints += [subject.complaint for subject in subjects if subject.complaint is not None]
        return _compared([_figure(subject, timings[subject.way.key]) for subject in sound]), complaints

    def _opened(
        self, place: Place, signer: Signer, opened: contextlib.ExitStack
    ) -> tuple[list[Calls], list[Complaint]]:
        subjects: list[Calls] = []
        complaints: list[Complaint] = []
        for way in self.ways:
            try:
                calls = Calls(way, place, signer, self.clocks.wall)
            except Exception as error:  # noqa: BLE001 - whatever a plug-in does, the others go on
                complaints.append(complaint(way.transport, error))
            else:
                opened.callback(calls.close)
                subjects.append(calls)
        return subjects, complaints

    def _measured(self, subjects: Sequence[Calls]) -> dict[str, Timing]:
        for subject in subjects:
            subject.run(1)  # opens the connections
        runs = {subject.way.key: subject.run for subject in subjects if subject.complaint is None}
        sample = sample_s(self.seconds / _WALL_TO_CPU, len(runs))
        return measure(runs, rounds=ROUNDS, sample_s=sample, clock=self.clocks.cpu, told=self.told) if runs else {}


def _figure(subject: Calls, timing: Timing) -> TransportFigure:
    way = subject.way
    one = Timing(timing.best_s / way.in_flight, timing.median_s / way.in_flight)
    return TransportFigure(way.transport, way.mode, way.in_flight, way.loop, one, subject.wall_s)


def _compared(figures: Sequence[TransportFigure]) -> list[TransportFigure]:
    fastest = min((figure.timing.best_s for figure in figures), default=1.0)
    return [replace(figure, times_fastest=figure.timing.best_s / fastest) for figure in figures]
