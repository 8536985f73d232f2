"""What is prepared in each scenario, beyond a network that is well."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from . import material

if TYPE_CHECKING:
    from gonka_mock_node import Verdict

    from .stage import Stage

_OFF_S: Final = 120
_LAG_S: Final = 45.0
_SILENCE_S: Final = 600.0
_EXCLUDED: Final = range(101, 106)


def _nothing(stage: Stage) -> None:
    """The network is well."""


@dataclass(frozen=True, slots=True)
class Staging:
    """`down` and `traps` are numbers of nodes; `clock_s` is how far the nodes' clocks are ahead."""

    prepare: Callable[[Stage], None] = _nothing
    down: Collection[int] = ()
    traps: Collection[int] = ()
    clock_s: int = 0


def _fault(name: str, **fields: int | float | str | bool) -> Callable[[Stage], None]:
    def prepare(stage: Stage) -> None:
        stage.network.faults.add_object({"name": name, **fields})

    return prepare


def _first_one_fails(stage: Stage) -> None:
    """Whichever node is asked first is the one that is out of order."""
    faults = stage.network.faults
    faults.add("rate-limited", route="/v1/chat/*", nth=1)

    def stay_so(verdict: Verdict) -> None:
        leave()
        faults.add("rate-limited", route="/v1/chat/*", node=verdict.node)

    leave = stage.network.journal.listen(stay_so)


def _clock(stage: Stage) -> None:
    stage.network.chain.clock.advance(STAGINGS[stage.task.scenario.stage].clock_s)


def _blocks_lag(stage: Stage) -> None:
    stage.network.chain.clock.lag(_LAG_S)


def _redirect(stage: Stage) -> None:
    target = f"{stage.stranger().url}/chat/completions"
    stage.network.faults.add("redirect", code=307, location=target, route="/v1/chat/*")


def _poor(stage: Stage) -> None:
    stage.network.fund(material.PUBLIC_KEY, 0)


def _with_others(stage: Stage) -> list[str]:
    """More participants at the trap's URL, so that whoever does not look walks into it; their addresses."""
    chain, trap = stage.network.chain, stage.network.nodes[1]
    addresses = [material.provider_address(number) for number in _EXCLUDED]
    for address in addresses:
        chain.enter(address, trap.public_url)
    return [trap.provider_address, *addresses]


def _excluded(stage: Stage) -> None:
    for address in _with_others(stage):
        stage.network.chain.exclude(address, "invalid")


def _allow_list(stage: Stage) -> None:
    _with_others(stage)
    stage.network.chain.allow(stage.network.nodes[0].provider_address)


STAGINGS: Final[Mapping[str, Staging]] = {
    "": Staging(),
    "slowly": Staging(_fault("latency", seconds=0.2, route="/v1/chat/*")),
    "very slowly": Staging(_fault("latency", seconds=1.5, nth=1, route="/v1/chat/*")),
    "first one fails": Staging(_first_one_fails),
    "two are down": Staging(down=(1, 2)),
    "busy once": Staging(_fault("capacity", times=1)),
    "two minutes ahead": Staging(_clock, clock_s=_OFF_S),
    "two minutes behind": Staging(_clock, clock_s=-_OFF_S),
    "blocks lag": Staging(_blocks_lag),
    "redirect": Staging(_redirect),
    "poor": Staging(_poor),
    "excluded participants": Staging(_excluded, traps=(2,)),
    "allow-list": Staging(_allow_list, traps=(2,)),
    "stall": Staging(_fault("stall", after=1, seconds=_SILENCE_S)),
    "cut": Staging(_fault("cut-stream", after=3, inside=True)),
    "no [DONE]": Staging(_fault("no-done")),
}
