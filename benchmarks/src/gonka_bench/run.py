"""One run: which stages there are, and what has been found so far, which is kept when it is interrupted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, get_args

from gonka_core.errors import GonkaError

from .climit import CLimit, CLimitUnavailableError, load
from .json_cost import json_figure
from .machine import machine
from .progress import Stage
from .results import Complaint, JsonFigure, Results, SignerFigure, State, TransportFigure
from .sampling import REAL, crowding
from .signers import Held, default, held
from .signing import Signing
from .sizes import told
from .transports import Carrying, ways

_FOR_TRANSPORTS: Final = 0.4
"""Of the time, where signers are measured as well."""
_FOR_JSON: Final = 0.02


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the user asked for: `signers` is empty for all of them."""

    sizes: Sequence[int]
    seconds: float
    signers: Sequence[str] = ()
    with_signers: bool = True
    with_transports: bool = True

    @property
    def stages(self) -> int:
        return len(self.sizes) * self.with_signers + self.with_transports


@dataclass(slots=True)
class Bench:
    """Runs what is wanted. Raises the `PluginError` of a signer that was asked for and cannot be used, at once."""

    wanted: Wanted
    complete: bool = False
    crowding: float = 1.0
    _held: list[Held] = field(default_factory=list)
    _signers: list[SignerFigure] = field(default_factory=list)
    _transports: list[TransportFigure] = field(default_factory=list)
    _json: JsonFigure | None = None
    _complaints: list[Complaint] = field(default_factory=list)
    _unknown: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.wanted.with_signers:
            self._held, self._complaints = held(self.wanted.signers)

    def run(self, stage: Stage) -> None:
        """Measure everything. KeyboardInterrupt may end it: `results` has then what was finished."""
        self.crowding = crowding(REAL)
        if self.wanted.with_signers:
            self._sign(stage)
        if self.wanted.with_transports:
            self._carry(stage)
        self.complete = True

    def results(self) -> Results:
        """What was found so far; no figure of a signer that was wrong or failed, however early it came."""
        out = {complaint.name for complaint in self._complaints if complaint.state in ("wrong", "failed")}
        return Results(
            machine=machine(),
            signers=tuple(figure for figure in self._signers if figure.role != "signer" or figure.name not in out),
            transports=tuple(self._transports),
            json=self._json,
            complaints=_told_once(self._complaints),
            unknown=dict(self._unknown),
            default_signer=default(),
            crowding=self.crowding,
            complete=self.complete,
        )

    @property
    def _seconds(self) -> float:
        """Seconds of CPU: fewer where others take their part, so that the user waits no longer than was asked for."""
        return self.wanted.seconds / self.crowding

    def _sign(self, stage: Stage) -> None:
        seconds = self._seconds * (1 - _FOR_TRANSPORTS * self.wanted.with_transports)
        signing = Signing(self._held, self.wanted.sizes, self._c_limit(), seconds)
        for size in self.wanted.sizes:
            signing.told = stage(f"signing {told(size)}", signing.samples_of_a_size)
            figures, complaints = signing.of_size(size)
            self._signers += figures
            self._complaints += complaints
            dropped = {complaint.name for complaint in complaints if complaint.state in ("wrong", "failed")}
            signing.held = [one for one in signing.held if one.name not in dropped]

    def _c_limit(self) -> CLimit | None:
        try:
            return load()
        except CLimitUnavailableError as error:
            self._unknown["C limit"] = str(error)
            return None

    def _carry(self, stage: Stage) -> None:
        seconds = self._seconds * (_FOR_TRANSPORTS if self.wanted.with_signers else 1)
        carrying = Carrying(ways(), seconds * (1 - _FOR_JSON))
        try:
            told = stage("transports", carrying.samples)
            self._transports, complaints = replace(carrying, told=told).figures()
        except GonkaError as error:
            self._unknown["transports"] = str(error)
            return
        self._complaints += complaints
        self._json = json_figure(seconds * _FOR_JSON)


def _told_once(complaints: Iterable[Complaint]) -> tuple[Complaint, ...]:
    """Not again for every scheme and size; the worst first."""
    once = {(complaint.kind, complaint.name, complaint.state): complaint for complaint in complaints}
    return tuple(sorted(once.values(), key=lambda complaint: get_args(State).index(complaint.state)))
