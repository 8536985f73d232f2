"""Several subjects measured side by side, so that their ratio holds on a machine that is busy with other things too.

Each round takes one sample of every subject, in an order that moves on from round to round. A subject's figure is its
fastest sample: what disturbs a run makes it slower, never faster.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median
from typing import Final, TypeAlias

Run: TypeAlias = Callable[[int], object]
"""Does its work so many times."""

ROUNDS: Final = 15
SAMPLE_S: Final = 0.05
_MOST: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds for each time: the fastest sample, and the median of all."""

    best_s: float
    median_s: float

    def per_second(self) -> float:
        return 1 / self.best_s


def repeated(work: Callable[[], object]) -> Run:
    """The loop around a function without arguments."""

    def run(times: int) -> None:
        for _ in range(times):
            work()

    return run


def measure(
    subjects: Mapping[str, Run],
    *,
    rounds: int = ROUNDS,
    sample_s: float = SAMPLE_S,
    clock: Callable[[], float] = time.process_time,
    told: Callable[[], object] = lambda: None,
) -> dict[str, Timing]:
    """The subjects by name. `clock` gives seconds; by default the CPU of this process, all threads together.

    A sample is as many times as last about `sample_s` seconds. `told` is called after every sample.
    """
    with _without_collector():
        times = {name: calibrated(run, sample_s, clock) for name, run in subjects.items()}
        samples: dict[str, list[float]] = {name: [] for name in subjects}
        for order in _orders(list(subjects), rounds):
            for name in order:
                started = clock()
                subjects[name](times[name])
                samples[name].append((clock() - started) / times[name])
                told()
    return {name: Timing(min(taken), median(taken)) for name, taken in samples.items()}


def ratio(timings: Mapping[str, Timing], of: str, to: str) -> float:
    """How much longer one takes than the other, by their fastest samples."""
    return timings[of].best_s / timings[to].best_s


def calibrated(run: Run, sample_s: float, clock: Callable[[], float] = time.process_time) -> int:
    """How many times last about so many seconds. Warms up what it runs."""
    run(1)  # what is done once only, such as a connection, must not decide
    times = 1
    while True:
        started = clock()
        run(times)
        took = clock() - started
        if took >= sample_s / 2 or times >= _MOST:
            return max(1, min(_MOST, round(times * sample_s / took))) if took else times
        times = min(_MOST, times * 2 if took < sample_s / 20 else max(times + 1, int(times * sample_s / took)))


def _orders(names: Sequence[str], rounds: int) -> Iterator[list[str]]:
    for turn in range(rounds):
        start = turn % len(names)
        yield [*names[start:], *names[:start]]


@contextmanager
def _without_collector() -> Iterator[None]:
    """No garbage collection within a sample; what was there before is collected first."""
    was_on = gc.isenabled()
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()
