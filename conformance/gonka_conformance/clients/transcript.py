"""What was seen of a client in one scenario: what it was asked, how its runs ended, and every request that arrived."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from gonka_conformance.vectors import Scheme

from .scenario import Scenario

Role: TypeAlias = Literal["node", "broker", "stranger", "trap"]
"""`trap`: a participant that a client must not call. `stranger`: an origin that a client was never told of."""
Ending: TypeAlias = Literal["exited", "signal", "out of time", "not started"]


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere a client can send to. `url` is a base URL with `/v1`; `scheme` what a node verifies there."""

    name: str
    role: Role
    url: str
    provider_address: str = ""
    scheme: Scheme | None = None


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the program, at most so much of its output as is kept. `status` is None unless it exited."""

    argv: tuple[str, ...]
    ended: Ending
    status: int | None
    seconds: float
    stdout: bytes = field(default=b"", repr=False)
    stderr: bytes = field(default=b"", repr=False)
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it came over the wire; times in nanoseconds of the wall clock.

    `answered_ns` and `status` are None where no answer was complete. `answer` is the start of its body, `told` what
    the mock node says about a refusal. `complete` is False for a request that broke off or is no HTTP.
    """

    place: Place
    arrived_ns: int
    method: str
    target: str
    headers: tuple[tuple[str, str], ...] = field(repr=False)
    body: bytes = field(repr=False)
    head: bytes = field(repr=False)
    complete: bool = True
    answered_ns: int | None = None
    status: int | None = None
    answer: str = ""
    told: str = ""

    def values(self, name: str) -> tuple[str, ...]:
        """All values of a header, in order."""
        return tuple(value for key, value in self.headers if key.lower() == name)

    def first(self, name: str) -> str:
        """The value that a node takes: the first, empty where there is none (`protocol.md` §1.4)."""
        return next(iter(self.values(name)), "")

    @property
    def inference(self) -> bool:
        """Whether it asks a model, rather than reads something."""
        return self.method == "POST"

    @property
    def accepted(self) -> bool:
        return self.status is not None and 200 <= self.status < 300


@dataclass(frozen=True, slots=True)
class Task:
    """What the program is asked in a scenario: `count` calls with the payload, `parallel` at a time, `runs` runs."""

    scenario: Scenario
    payload: bytes = field(repr=False)
    answer: str
    count: int
    parallel: int
    runs: int
    timeout: float

    @property
    def calls(self) -> int:
        return self.count * self.runs


@dataclass(frozen=True, slots=True)
class Transcript:
    """One scenario, seen. `runs` is empty where a person or another test played the client.

    `received` is every byte that the client sent, a piece for each connection; `requests` are in order of arrival.
    """

    task: Task
    places: tuple[Place, ...]
    runs: tuple[Run, ...]
    requests: tuple[Sent, ...]
    received: tuple[bytes, ...] = field(repr=False)
    environment: Mapping[str, str] = field(repr=False)

    @property
    def calls(self) -> tuple[Sent, ...]:
        """The requests that ask a model."""
        return tuple(sent for sent in self.requests if sent.inference)

    @property
    def signed(self) -> tuple[Sent, ...]:
        """The requests at nodes that carry a signature, or would have to."""
        return tuple(
            sent
            for sent in self.requests
            if sent.place.role in ("node", "trap") and (sent.inference or sent.values("authorization"))
        )
