"""One node: what it is, what it shares, and what it remembers. No HTTP."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Final

import coincurve

from gonka_core.address import encode_address, parse_address

from .answers import Answer, echo
from .case import Arrived, Case
from .chain import Chain
from .journal import Journal, Verdict, verdict_of
from .profiles import Profile
from .replay import ReplayMemory
from .rules import judge

_NAMING: Final = "gonka mock node"


@dataclass
class Node:
    """A node of a network. `url` ends in `/v1` and is set when it listens.

    `warm_key` signs `/v1/identity`, as a host's signer key does (`protocol.md` §13); it belongs to nobody.
    """

    provider_address: str
    profile: Profile
    chain: Chain
    journal: Journal
    answer: Answer = echo
    url: str = ""
    replay: ReplayMemory = field(default_factory=ReplayMemory)
    warm_key: coincurve.PrivateKey = field(default_factory=coincurve.PrivateKey, repr=False)

    def __post_init__(self) -> None:
        parse_address(self.provider_address, what="provider address")

    def consider(self, arrived: Arrived) -> tuple[Case, Verdict]:
        """Judge a request at this instant, and enter the verdict into the journal."""
        case = Case(
            arrived=arrived,
            profile=self.profile,
            own_address=self.provider_address,
            chain=self.chain,
            replay=self.replay,
            block_time_ns=self.chain.clock.time_ns,
            height=self.chain.clock.height,
        )
        verdict = verdict_of(self.url, case, judge(case))
        self.journal.add(verdict)
        return case, verdict


def provider_address(seed: str | None = None) -> str:
    """An account address that belongs to nobody; the same for the same seed, a random one without."""
    account = secrets.token_bytes(20) if seed is None else hashlib.sha256(f"{_NAMING} {seed}".encode()).digest()[:20]
    return encode_address(account)
