"""What `paired` needs to know of strangers before it measures them: how long they take, and whether they wait.

A plug-in may sign in a tenth of a second, somewhere else. The CPU clock of this process does not see that, and fifteen
rounds of it are not what a user came for.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from .paired import Run, Timing, measure

ROUNDS: Final = 11
_PROBES: Final = 5
_WAITING: Final = 1.5
"""Wall clock to CPU from which on a subject counts as waiting."""
_LOOK_S: Final = 0.15
_BEFORE: Final = 2
"""Runs before the first round: one to warm up, one to see how long a sample is."""
_SETTLING: Final = 3
"""Samples' worth of time that calibration takes."""


@dataclass(frozen=True, slots=True)
class Clocks:
    """Seconds that pass, and seconds of CPU of this process."""

    wall: Callable[[], float] = time.perf_counter
    cpu: Callable[[], float] = time.process_time


REAL: Final = Clocks()


@dataclass(frozen=True, slots=True)
class Cost:
    """One operation, by the fastest of a few. `waits`: most of it was not spent computing here."""

    wall_s: float
    waits: bool


def probe(work: Callable[[], object], clocks: Clocks, patience_s: float) -> Cost:
    """Do it a few times, and not again once that took `patience_s` together."""
    walls: list[float] = []
    cpus: list[float] = []
    while len(walls) < _PROBES and (not walls or sum(walls) < patience_s):
        wall, cpu = clocks.wall(), clocks.cpu()
        work()
        cpus.append(clocks.cpu() - cpu)
        walls.append(clocks.wall() - wall)
    return Cost(min(walls), min(walls) > _WAITING * min(cpus))


def crowding(clocks: Clocks) -> float:
    """Seconds that pass for a second of CPU that is asked for: 1.0 where nothing else runs, 2.0 where half is taken."""
    wall, cpu = clocks.wall(), clocks.cpu()
    while clocks.wall() - wall < _LOOK_S:
        pass
    got = clocks.cpu() - cpu
    return max(1.0, (clocks.wall() - wall) / got) if got else 1.0


def sample_s(seconds: float, subjects: int) -> float:
    """How long a sample is when so many subjects share so many seconds."""
    return seconds / (max(subjects, 1) * (ROUNDS + _SETTLING))


def alone(run: Run, cost: Cost, seconds: float, clocks: Clocks) -> Timing:
    """One that is slow or waits, for about so many seconds; where that is not enough, its cost has to do."""
    rounds = min(ROUNDS, int(seconds / cost.wall_s) - _BEFORE) if cost.wall_s else ROUNDS
    if rounds < 1:
        return Timing(cost.wall_s, cost.wall_s)
    clock = clocks.wall if cost.waits else clocks.cpu
    return measure({"": run}, rounds=rounds, sample_s=sample_s(seconds, 1), clock=clock)[""]
