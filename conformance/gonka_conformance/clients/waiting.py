"""An exam for a client that the kit does not start: told what to do, and watched until it has done it."""

from __future__ import annotations

import select
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from .driver import environment
from .scenarios import SCENARIOS
from .transcript import Run

if TYPE_CHECKING:
    from .stage import Stage

_LOOK_S: Final = 0.05
_NS: Final = 10**9


@dataclass
class WaitDriver:
    """Says what the client has to do in each scenario, and waits.

    A scenario is over when requests came and none has for `idle` seconds, when somebody presses Enter, or when
    `seconds` are over. Once nobody called for that long, nobody is waited for any more. `say` takes lines to read.
    """

    say: Callable[[str], None]
    seconds: float
    idle: float = 2.0
    interactive: bool = False
    _told: dict[str, str] = field(default_factory=dict, init=False)
    _gone: bool = field(default=False, init=False)

    def __call__(self, stage: Stage) -> tuple[Run, ...]:
        if not self._gone:
            self._announce(stage)
            self._wait(stage)
        return ()

    def _announce(self, stage: Stage) -> None:
        scenario = stage.task.scenario
        self.say(f"\nscenario {scenario.number} of {len(SCENARIOS)}, {scenario.name}: {scenario.asks}")
        self.say(f"  the network: {scenario.network}; the call has to be {_OUTCOMES[scenario.outcome]}")
        now = environment(stage)
        for name in sorted(set(self._told) - set(now)):
            self.say(f"  unset {name}")
        for name, value in now.items():
            if self._told.get(name) != value:
                self.say(f"  export {name}='{value}'")
        self._told = now
        self.say("  waiting for its requests" + (" (Enter goes on without more)" if self.interactive else ""))

    def _wait(self, stage: Stage) -> None:
        ends = time.monotonic() + self.seconds
        while time.monotonic() < ends:
            latest = _latest(stage)
            if latest is not None and time.time_ns() - latest > self.idle * _NS:
                return
            if self._entered():
                return
        self._gone = _latest(stage) is None
        if self._gone:
            self.say(f"  nobody called within {self.seconds:g} s; the rest is left out")

    def _entered(self) -> bool:
        """Wait a little; whether somebody pressed Enter meanwhile."""
        if not self.interactive:
            time.sleep(_LOOK_S)
            return False
        ready, _, _ = select.select([sys.stdin], [], [], _LOOK_S)
        return bool(ready) and bool(sys.stdin.readline())


_OUTCOMES: Final = {"answered": "answered", "failed": "failed", "either": "answered or failed"}


def _latest(stage: Stage) -> int | None:
    """When the latest byte went by, in nanoseconds of the wall clock; None where no call came yet."""
    recordings = [recording for _, recording in stage.recordings()]
    if not any(piece[:5] == b"POST " for recording in recordings for _, piece in tuple(recording.sent)):
        return None
    return max(pieces[-1][0] for each in recordings for pieces in (tuple(each.sent), tuple(each.answered)) if pieces)
