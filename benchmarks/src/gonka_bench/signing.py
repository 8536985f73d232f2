"""The signers measured: every one beside the documented program and the C limit, size by size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from gonka_core.canonical import SCHEMES

from .climit import CLimit
from .paired import Timing, measure
from .results import Complaint, SignerFigure
from .sampling import REAL, ROUNDS, Clocks, Cost, alone, probe, sample_s
from .signers import Held
from .subject import DOCUMENTED, LIMIT, Baseline, SignerSubject, Subject, documented, limit
from .workload import chat_payload

_SLOW: Final = 8
"""Samples that one operation may fill before it is measured by itself, in fewer rounds."""


@dataclass(slots=True)
class Signing:
    """What is compared, and for how many seconds: with payloads of these sizes, under both schemes."""

    held: Sequence[Held]
    sizes: Sequence[int]
    c: CLimit | None
    seconds: float
    clocks: Clocks = REAL
    told: Callable[[], object] = lambda: None
    spent: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    """Seconds that each signer had to itself: it gets no more than its share, and one signature."""

    @property
    def samples_of_a_size(self) -> int:
        """How often `told` is called for each size, or a little less."""
        return ROUNDS * self._subjects

    @property
    def _subjects(self) -> int:
        return len(SCHEMES) * (len(self.held) + (self.c is not None)) + 1

    @property
    def _sample_s(self) -> float:
        return sample_s(self.seconds / len(self.sizes), self._subjects)

    @property
    def _share_s(self) -> float:
        return self.seconds / max(len(self.held), 1)

    def of_size(self, size: int) -> tuple[list[SignerFigure], list[Complaint]]:
        """The figures for one size, and what went wrong in getting them."""
        payload = chat_payload(size)
        signers = [SignerSubject(held, payload, scheme) for scheme in SCHEMES for held in self.held]
        for subject in signers:
            self._probe(subject)
        sound = [subject for subject in signers if subject.complaint is None]
        slow = [subject for subject in sound if self._slow(subject.cost)]
        compared: list[Subject] = [*self._baselines(payload), *(subject for subject in sound if subject not in slow)]
        timings = self._together(compared) | {_key(subject): self._alone(subject) for subject in slow}
        for subject in sound:
            subject.check()
        measured = [subject for subject in [*compared, *slow] if subject.complaint is None]
        complaints = [subject.complaint for subject in signers if subject.complaint is not None]
        return [_figure(subject, size, timings) for subject in measured], complaints

    def _baselines(self, payload: bytes) -> list[Baseline]:
        limits = [] if self.c is None else [limit(self.c, payload, scheme) for scheme in SCHEMES]
        return [documented(payload), *limits]

    def _probe(self, subject: SignerSubject) -> None:
        """See what one signature takes, and judge it before anything is timed."""
        left = self._share_s - self.spent[subject.name]
        if left <= 0:
            taken = f"what it took, {self.spent[subject.name]:.1f} s, was its share of the time"
            subject.complain("cut short", f"{taken}; give it more with --seconds")
            return
        began = self.clocks.wall()
        subject.cost = probe(lambda: subject.run(1), self.clocks, left / 10)
        self.spent[subject.name] += self.clocks.wall() - began
        subject.check()

    def _slow(self, cost: Cost) -> bool:
        return cost.waits or cost.wall_s > _SLOW * self._sample_s

    def _together(self, subjects: Sequence[Subject]) -> dict[str, Timing]:
        runs = {_key(subject): subject.run for subject in subjects}
        return measure(runs, rounds=ROUNDS, sample_s=self._sample_s, clock=self.clocks.cpu, told=self.told)

    def _alone(self, subject: SignerSubject) -> Timing:
        began = self.clocks.wall()
        share = self._share_s / (len(self.sizes) * len(SCHEMES))
        timing = alone(subject.run, subject.cost, share, self.clocks)
        self.spent[subject.name] += self.clocks.wall() - began
        return timing


def _key(subject: Subject) -> str:
    return f"{subject.role}/{subject.name}/{subject.scheme}"


def _figure(subject: Subject, size: int, timings: Mapping[str, Timing]) -> SignerFigure:
    timing = timings[_key(subject)]
    known = timings.get(f"{DOCUMENTED}/{DOCUMENTED}/raw")
    c = timings.get(f"{LIMIT}/{LIMIT}/{subject.scheme}")
    return SignerFigure(
        name=subject.name,
        role=subject.role,
        scheme=subject.scheme,
        payload_bytes=size,
        timing=timing,
        waits=subject.cost.waits,
        faster_than_documented=known.best_s / timing.best_s if known else None,
        slower_than_limit=timing.best_s / c.best_s if c else None,
        claims=subject.claims,
    )
