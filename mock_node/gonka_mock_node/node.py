"""One node: what it is, what it shares, and what it remembers. No HTTP."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from gonka_core.address import encode_address, parse_address

from .access import Access
from .answers import Answer, echo
from .chain import Chain
from .curve import KeyPair
from .diagnosis import Diagnoser
from .faults import Faults, Memory
from .journal import Journal
from .limits import Limits
from .profiles import Profile
from .replay import ReplayMemory
from .throughput import Throughput

_NAMING: Final = "gonka mock node"


@dataclass
class Node:
    """A node of a network. `url` ends in `/v1` and is set when it listens.

    `warm_key` signs `/v1/identity`, as a host's signer key does (`protocol.md` §13); it belongs to nobody.
    `delegates` (URL to address) are what `/v1/identity` names in its second shape, which it takes when there are any
    (`protocol.md` §6.2). `access` matters to a gateway only. `switched_off` are groups of routes that the operator does
    not serve: see `reading.GROUPS`. `number` counts the nodes of a network from 1. `explains`: refusals are diagnosed,
    which takes up to a third of a second for one that no known mistake fits.
    """

    provider_address: str
    profile: Profile
    chain: Chain
    journal: Journal
    faults: Faults
    answer: Answer = echo
    url: str = ""
    number: int = 1
    explains: bool = True
    delegates: Mapping[str, str] = field(default_factory=dict)
    switched_off: frozenset[str] = frozenset()
    access: Access = field(default_factory=Access)
    limits: Limits = field(default_factory=Limits)
    replay: ReplayMemory = field(default_factory=ReplayMemory)
    executor_replay: ReplayMemory = field(default_factory=ReplayMemory)
    throughput: Throughput = field(default_factory=Throughput)
    remembered: Memory = field(default_factory=Memory, repr=False)
    diagnoser: Diagnoser = field(default_factory=Diagnoser)
    warm_key: KeyPair = field(default_factory=KeyPair, repr=False)

    def __post_init__(self) -> None:
        parse_address(self.provider_address, what="provider address")

    @property
    def public_url(self) -> str:
        """What the node calls itself: the base URL without `/v1`."""
        return self.url.removesuffix("/v1")

    def neighbours(self) -> tuple[str, ...]:
        """The provider addresses of the other nodes of this network."""
        others = (participant.address for participant in self.chain.participants())
        return tuple(address for address in others if address and address != self.provider_address)

    def reset(self) -> None:
        """Forget every request. What the node is stays as it is."""
        self.replay.clear()
        self.executor_replay.clear()
        self.throughput.clear()
        self.remembered = Memory()
        self.diagnoser = Diagnoser()


def provider_address(seed: str | None = None) -> str:
    """An account address that belongs to nobody; the same for the same seed, a random one without."""
    account = secrets.token_bytes(20) if seed is None else hashlib.sha256(f"{_NAMING} {seed}".encode()).digest()[:20]
    return encode_address(account)
