"""Whether a process stays as small as it was: samples of its memory and its descriptors, and what to say of them.

The first calls fill caches, so memory is compared between the second to fourth step and the last three, by medians; a
client of 45 MB that loses fifty bytes in each of 100,000 calls is found out. Pools fill at a pace of their own, up to a
bound that is known, and have to be empty once the client is closed: those are the two rules for descriptors.
"""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Final

STEPS: Final = 10
MEMORY_SHARE: Final = 0.02
MEMORY_KIB: Final = 1024
"""Memory may grow by this share and by so many KiB on top of it."""


@dataclass(frozen=True)
class Sample:
    """This process after so many calls: resident memory in KiB, and open descriptors."""

    calls: int
    memory_kib: int
    descriptors: int


def sample(calls: int) -> Sample | None:
    """This process now, once its garbage is collected; None where there is no /proc to tell."""
    status = Path("/proc/self/statm")
    if not status.exists():
        return None
    gc.collect()
    pages = int(status.read_text().split()[1])
    return Sample(calls, pages * os.sysconf("SC_PAGE_SIZE") // 1024, len(os.listdir("/proc/self/fd")))


def growth(samples: Sequence[Sample], connections: int) -> tuple[str, ...]:
    """What grew, a sentence each; nothing where the process stayed flat.

    `samples`: one before the first call, one after each of `STEPS` steps, taken while no call is under way, and one
    once the client is closed. `connections`: how many may be open in its pools at a step.
    """
    start, *steps, closed = samples
    return (*_of_memory(steps), *_of_descriptors(start, steps, closed, connections))


def _of_memory(steps: Sequence[Sample]) -> Iterator[str]:
    early, late = (median(one.memory_kib for one in some) for some in (steps[1:4], steps[-3:]))
    if late > early * (1 + MEMORY_SHARE) + MEMORY_KIB:
        yield f"memory grew from {early:,} KiB in steps 2 to 4 to {late:,} KiB in the last three"


def _of_descriptors(start: Sample, steps: Sequence[Sample], closed: Sample, connections: int) -> Iterator[str]:
    allowed, most = start.descriptors + connections, max(step.descriptors for step in steps)
    if most > allowed:
        yield f"{most} descriptors were open after a step; the start and the pools account for {allowed}"
    if closed.descriptors > start.descriptors:
        yield f"{closed.descriptors} descriptors are left of a closed client; there were {start.descriptors} before it"
