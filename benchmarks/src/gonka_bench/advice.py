"""What to use here, and why: sentences that follow from the figures and from nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from .advice_packages import about_gmpy2, about_orjson, about_uvloop
from .advice_plugins import about_signers, about_transports
from .results import Advice, Results, scatter

_NOISY: Final = 1.3


def advice(results: Results) -> list[Advice]:
    """In the order in which somebody would act on it."""
    return [
        *_about_wrong(results),
        *about_signers(results),
        *about_transports(results, "sync"),
        *about_transports(results, "async"),
        *about_gmpy2(results),
        *about_uvloop(results),
        *about_orjson(results),
        *_about_noise(results),
    ]


def _about_wrong(results: Results) -> Iterator[Advice]:
    for complaint in results.named("wrong"):
        yield Advice(
            "warning", f"{complaint.name} signs wrongly, however fast it is: no node will accept its signatures"
        )


def _about_noise(results: Results) -> Iterator[Advice]:
    spread = scatter([f.timing for f in results.signers] + [f.timing for f in results.transports])
    signs = [
        f"only {1 / results.crowding:.0%} of a core was free for this" * (results.crowding > _NOISY),
        f"the median sample took {spread:.2f} times as long as the fastest" * (spread > _NOISY),
    ]
    if any(signs):
        told = " and ".join(filter(None, signs))
        yield Advice(
            "noise", f"{told}: this machine is busy; trust ratios rather than times, and close what runs beside it"
        )
