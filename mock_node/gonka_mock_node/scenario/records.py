"""A scenario: everything that a network can be told before it starts, as frozen records."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from gonka_mock_node.chain import DEFAULT_BALANCE, DEFAULT_PRICE, Model, Params, Participant
from gonka_mock_node.chain.epochs import FIRST_EPOCH
from gonka_mock_node.limits import Limits
from gonka_mock_node.server import MockNetwork

from . import building
from .answers import AnswerRule


@dataclass(frozen=True, slots=True)
class NodePlan:
    """One node. `provider` None is an address that belongs to nobody, the same at every start.

    `port` 0 is the next one, or a free one. `delegates`: URL to address. `answers` None are those of the scenario.
    """

    provider: str | None = None
    port: int = 0
    switched_off: frozenset[str] = frozenset()
    delegates: Mapping[str, str] = field(default_factory=dict)
    answers: tuple[AnswerRule, ...] | None = None


@dataclass(frozen=True, slots=True)
class AccountPlan:
    """An account. `public_key` (33 bytes) None is not published yet; `balance` None is the default one, in ngonka."""

    address: str
    public_key: bytes | None = None
    balance: int | None = None


@dataclass(frozen=True, slots=True)
class Exclusion:
    """A participant that the epoch has thrown out, and why."""

    address: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class ClockPlan:
    """The clock of the blocks at the start: see `BlockClock`. `freeze_at` in nanoseconds; `frozen` stops it at once."""

    freeze_at: int | None = None
    frozen: bool = False
    lag_s: float = 0.0
    granular: bool = False
    interval_s: int = 5
    height: int = 4_300_000


@dataclass(frozen=True, slots=True)
class Gateway:
    """Who may call a gateway: nobody but these keys, or every key where there are none; and where it has moved to."""

    api_keys: tuple[str, ...] = field(default=(), repr=False)
    moved_to: str = ""


@dataclass(frozen=True, slots=True)
class Scenario:
    """What a network is told. Every field has the default of a network that is told nothing, with one node.

    `port` is that of the first node, 0 for free ones. `price` and `unit_of_compute_price` in ngonka. `faults` are JSON
    objects as `Faults.add_object` takes them. `participants` are those beside the nodes.
    """

    profile: str = "seed"
    nodes: tuple[NodePlan, ...] = (NodePlan(),)
    host: str = "127.0.0.1"
    port: int = 0
    accounts_mode: Literal["open", "listed"] = "open"
    accounts: tuple[AccountPlan, ...] = ()
    default_balance: int = DEFAULT_BALANCE
    models: tuple[str | Model, ...] | None = None
    price: int = DEFAULT_PRICE
    unit_of_compute_price: int = 100
    params: Params = field(default_factory=Params)
    participants: tuple[Participant, ...] = ()
    excluded: tuple[Exclusion, ...] = ()
    epoch: int = FIRST_EPOCH
    clock: ClockPlan = field(default_factory=ClockPlan)
    outages: frozenset[str] = frozenset()
    faults: tuple[Mapping[str, Any], ...] = ()
    answers: tuple[AnswerRule, ...] = ()
    gateway: Gateway = field(default_factory=Gateway)
    control: bool = True
    limits: Limits = field(default_factory=Limits)

    def network(self, *, allow_remote: bool = False, advertise: str | None = None, **overrides: Any) -> MockNetwork:
        """A network that is set up like this and does not listen yet. `overrides` replace fields of the scenario.

        `allow_remote` and `advertise` are for whoever starts it, not for a file: see `MockNetwork`. Its `reset()` goes
        back to the chain and the faults of the scenario.
        """
        return building.network_of(replace(self, **overrides), allow_remote=allow_remote, advertise=advertise)
