"""What was measured, in records that hold no key: what tables, advice and JSON are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from gonka_core.canonical import Scheme

from .paired import Timing

Role: TypeAlias = Literal["signer", "documented program", "C limit"]
Mode: TypeAlias = Literal["sync", "async"]
State: TypeAlias = Literal["wrong", "failed", "broken", "cut short", "missing"]
"""What matters most first. `wrong`: it signs what does not verify. `failed`: it raised when it was used. `broken`: it
cannot be loaded. `cut short`: not measured with everything, because it takes so long. `missing`: its library is not
installed.
"""


@dataclass(frozen=True, slots=True)
class SignerFigure:
    """A payload to a signed request. `waits`: measured by wall clock, because it waits for something elsewhere.

    `faster_than_documented`: how many times as fast as the documented program, which knows the scheme raw only, with
    a payload of the same size. `slower_than_limit`: how many times as long as C; None where that is unknown.
    `claims` are the capabilities of its plug-in.
    """

    name: str
    role: Role
    scheme: Scheme
    payload_bytes: int
    timing: Timing
    waits: bool = False
    faster_than_documented: float | None = None
    slower_than_limit: float | None = None
    claims: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TransportFigure:
    """A signed request and its answer, `in_flight` of them at once. `timing` is CPU of the client for one request.

    `wall_s`: seconds for one request by wall clock, of the fastest sample. `loop`: what runs the event loop.
    `times_fastest`: how many times the CPU of the fastest transport.
    """

    name: str
    mode: Mode
    in_flight: int
    loop: Literal["", "asyncio", "uvloop"]
    timing: Timing
    wall_s: float
    times_fastest: float = 1.0


@dataclass(frozen=True, slots=True)
class JsonFigure:
    """Writing a payload of 4 KB and reading an answer of 4 KB; `orjson_s` is None where orjson is not installed."""

    standard_s: float
    orjson_s: float | None


@dataclass(frozen=True, slots=True)
class Complaint:
    """What was not measured, or must not be used, and why; `reason` ends in the next step."""

    kind: Literal["signer", "transport", "plug-in"]
    name: str
    state: State
    reason: str


@dataclass(frozen=True, slots=True)
class Advice:
    """`about` is a word or two, such as `signer` or `orjson`; `text` what to do about it, and why."""

    about: str
    text: str


@dataclass(frozen=True, slots=True)
class Results:
    """One run. `unknown` says why a baseline or a table is not there: what -> reason.

    `default_signer` is what `auto` takes here. `crowding`: seconds that passed for each second of CPU, at the start.
    `complete` is False where the run was interrupted.
    """

    machine: Mapping[str, object]
    signers: tuple[SignerFigure, ...] = ()
    transports: tuple[TransportFigure, ...] = ()
    json: JsonFigure | None = None
    complaints: tuple[Complaint, ...] = ()
    unknown: Mapping[str, str] = field(default_factory=dict)
    default_signer: str | None = None
    crowding: float = 1.0
    complete: bool = True

    def named(self, state: State) -> tuple[Complaint, ...]:
        return tuple(complaint for complaint in self.complaints if complaint.state == state)

    @property
    def versions(self) -> Mapping[str, str]:
        """Distribution -> version, of what is installed and changes a figure."""
        found = self.machine.get("versions")
        return found if isinstance(found, dict) else {}


def scatter(timings: Iterable[Timing]) -> float:
    """How much longer the median sample took than the fastest one, in the middle of all subjects; 1.0 for none."""
    found = sorted(timing.median_s / timing.best_s for timing in timings if timing.best_s)
    return found[len(found) // 2] if found else 1.0
