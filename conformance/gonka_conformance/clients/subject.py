"""What is examined: a command, what its client claims to do, and the scenarios that it has been through."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Self

from gonka_conformance.checks import NotApplicable

from . import material
from .driver import CommandDriver, Driver, command_words, environment
from .scenario import CLIENT_CLAIMS, Scenario
from .scenarios import SCENARIOS, require_scenarios
from .transcript import Task, Transcript

ALL_CLAIMS: Final = frozenset(CLIENT_CLAIMS) - {"json-lines"}
"""What is asked of a client that claims nothing in particular; how it prints is its own affair."""
DEFAULT_PROFILE: Final = "v0.2.13"


@dataclass(frozen=True, slots=True)
class ExamLimits:
    """How much is asked: seconds for a run, seconds of silence, and the calls of the scenarios `many` and `burst`.

    Raises ValueError for numbers with which there is no exam.
    """

    seconds: float = 30.0
    timeout: float = 3.0
    many: int = 1000
    burst: int = 32
    parallel: int = 8

    def __post_init__(self) -> None:
        if min(self.seconds, self.timeout, self.many, self.burst, self.parallel) <= 0 or self.timeout >= self.seconds:
            raise ValueError("the limits of an exam are above zero, and a run has more time than a silence")


@dataclass(frozen=True, eq=False)
class ClientSubject:
    """A client under test, which goes through each scenario at most once, when a check first asks for it.

    `driver` lets it meet a network; `running` makes one from a command. `claims` are keys of `CLIENT_CLAIMS`, `only`
    the scenarios that are wanted (all where empty), `profile` the generation of the nodes. With `same_ports` places
    listen where they did in the scenario before. Raises ValueError for a claim, a scenario or a profile that is none.
    """

    name: str
    driver: Driver = field(repr=False)
    claims: frozenset[str] = ALL_CLAIMS
    profile: str = DEFAULT_PROFILE
    limits: ExamLimits = field(default_factory=ExamLimits)
    only: frozenset[str] = frozenset()
    same_ports: bool = False
    _seen: dict[str, Transcript] = field(default_factory=dict, init=False, repr=False)
    _ports: dict[str, int] = field(default_factory=dict, init=False, repr=False)

    def __post_init__(self) -> None:
        unknown = sorted(self.claims - set(CLIENT_CLAIMS))
        if unknown:
            raise ValueError(f"no client can claim {unknown[0]!r}; claims are: {', '.join(CLIENT_CLAIMS)}")
        require_scenarios(self.only)
        # Here and not above, so that the package can be imported without mock nodes, and say what is missing.
        from .stage import exam_profile

        exam_profile(self.profile)

    @classmethod
    def running(
        cls,
        command: str | Sequence[str],
        *,
        name: str = "",
        claims: Iterable[str] = ALL_CLAIMS,
        profile: str = DEFAULT_PROFILE,
        limits: ExamLimits | None = None,
        only: Iterable[str] = (),
        environment: Mapping[str, str] | None = None,
    ) -> Self:
        """A client that is a command, with placeholders (see `driver`). Raises ValueError as the class does."""
        words = command_words(command)
        bounds = limits or ExamLimits()
        driver = CommandDriver(words, bounds.seconds, environment or {})
        return cls(name or " ".join(words), driver, frozenset(claims), profile, bounds, frozenset(only))

    def transcript(self, name: str) -> Transcript:
        """What the client did in a scenario. Raises `NotApplicable` where it is left out."""
        scenario = SCENARIOS[name]
        if self.only and name not in self.only:
            raise NotApplicable(f"the scenario {name!r} was not asked for")
        unclaimed = sorted(scenario.needs - self.claims)
        if unclaimed:
            raise NotApplicable(f"the scenario {name!r} is for clients that claim {', '.join(unclaimed)}")
        if name not in self._seen:
            self._seen[name] = self._held(scenario)
        if not self._seen[name].runs and not self._seen[name].requests:
            raise NotApplicable(f"nothing arrived in the scenario {name!r}")
        return self._seen[name]

    def transcripts(self) -> Iterator[Transcript]:
        """Every scenario that is not left out. Raises `NotApplicable` where that is none."""
        found = 0
        for name in SCENARIOS:
            try:
                transcript = self.transcript(name)
            except NotApplicable:
                continue
            found += 1
            yield transcript
        if not found:
            raise NotApplicable("there is no scenario to judge")

    @property
    def was_called(self) -> bool:
        """Whether a request arrived in any scenario so far."""
        return any(transcript.requests for transcript in self._seen.values())

    def task(self, scenario: Scenario) -> Task:
        """What is asked of this client: it is run several times where it does not claim to count."""
        limits = self.limits
        amounts = {"one": 1, "two": 2, "few": 4, "many": limits.many, "burst": limits.burst}
        task = Task(
            scenario=scenario,
            payload=material.payload(scenario.payload, scenario.stream),
            answer=material.answer(scenario),
            count=amounts[scenario.amount],
            parallel=limits.parallel if scenario.parallel else 1,
            runs=1,
            timeout=limits.timeout,
        )
        return task if "count" in self.claims else replace(task, count=1, runs=task.count)

    def _held(self, scenario: Scenario) -> Transcript:
        from .stage import Stage, exam_profile

        ports = self._ports if self.same_ports else None
        with Stage(self.task(scenario), exam_profile(self.profile), ports) as stage:
            runs = self.driver(stage)
            return stage.transcript(runs, environment(stage))
