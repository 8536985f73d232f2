"""What discovery is told, and what it finds: the records that travel between its parts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

from gonka_core.endpoints import Endpoint

Level: TypeAlias = Literal["none", "consistent", "validators"]
"""How far it is proven who takes part.

    none         a source says so
    consistent   a proof leads from the participants to the root of a state, and that root to a block header that the
                 source shows; it may have made up both
    validators   validators with more than two thirds of the power signed that header, and a set that the user pinned,
                 or another source, vouches for these validators
"""
LEVELS: Final[tuple[Level, ...]] = ("none", "consistent", "validators")
"""The weakest first."""
MAINNET: Final = "gonka-mainnet"
"""Chain id of the network (`protocol.md` §8)."""
MAX_AGE_S: Final = 108_000.0
"""Seconds, 30 hours. An epoch of mainnet has 15391 blocks, which came every 5.0 to 5.5 s between the heights of
`protocol.md` §0.1: a list is 21 to 24 hours old when the next one takes its place. The rest is for a slow chain."""
TRUSTING_S: Final = 7 * 86_400.0
"""Seconds, a week. CometBFT wants it shorter than a validator's stake is bound, of which `protocol.md` says nothing;
three weeks are usual."""


@dataclass(frozen=True, slots=True)
class Network:
    """Where to learn who takes part, and how far it has to be proven.

    `sources`: nodes to ask, in turn, as base URLs without `/v1`. `verify`: the least level that is accepted; nothing
    weaker is ever used in its place. `trusted`: hashes of validator sets (32 bytes each, `validators_hash` of a header)
    that the user vouches for. `private`: whether nodes at loopback and private addresses may be asked; None: where a
    source has such an address itself. `refresh_s`: seconds after which the list is learned anew. `cache`: keep the last
    good list on disk, and use it where no source answers.

    `chain_id`: of the network; a proof from another chain is refused. `max_age_s`: seconds that a proven list may be
    old, by the time of the block that proves it; `math.inf` for any age. `trusting_s`: seconds for which trusted
    validators vouch for those who came after them, from a block that they signed; 0 for themselves alone.
    """

    sources: tuple[str, ...]
    verify: Level = "none"
    trusted: tuple[bytes, ...] = ()
    private: bool | None = None
    refresh_s: float = 600.0
    cache: bool = True
    chain_id: str = MAINNET
    max_age_s: float = MAX_AGE_S
    trusting_s: float = TRUSTING_S


@dataclass(frozen=True, slots=True)
class Participant:
    """Who takes part in an epoch: account address, URL as it is told, weight, models; None where they are not told."""

    address: str
    url: str
    weight: int = 0
    models: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Discovered:
    """Who takes part, as one source told it.

    `endpoints` may be asked: those that are excluded, not allowed or unusable are left out, each with its reason in
    `left_out` (URL or address to reason). `level` is how far the list is proven, `shortfall` why it is not proven
    further. `allow_list`: where the chain's list of allowed providers was read, None where nobody told.
    `learned_at`: seconds since the epoch, by the local clock. `height`: of the block in whose state they stand.
    `anchor`: who vouches for the validators, a source or the hash (hex) that the user trusts; None below that level.
    `header_time`: seconds since the epoch, of the block whose header proves the list; None below `consistent`.
    """

    epoch: int
    source: str
    endpoints: tuple[Endpoint, ...]
    level: Level
    learned_at: float
    height: int | None = None
    shortfall: str | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)
    allow_list: tuple[str, ...] | None = None
    anchor: str | None = None
    header_time: float | None = None
