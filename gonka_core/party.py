"""Everything that a call needs, bound when a client is made."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from . import chaintime
from .canonical import SCHEMES, Scheme
from .clock import SHARED, Clock
from .endpoints import Endpoint
from .events import Emitter
from .interfaces import Signer
from .limits import Limits
from .pool import Pool
from .retry import RetryPolicy
from .types import SchemeChoice, SignedRequest

_ORDERS: Final[Mapping[Scheme, tuple[Scheme, ...]]] = {
    first: (first, *(scheme for scheme in SCHEMES if scheme != first)) for first in SCHEMES
}


class SchemeMemory:
    """Which schemes to try with a provider, in order: the pinned one, or what it accepted before and then the other."""

    def __init__(self, choice: SchemeChoice) -> None:
        self._pinned: Scheme | None = None if choice == "auto" else choice
        self._accepted: dict[str, Scheme] = {}

    def order(self, endpoint: Endpoint) -> tuple[Scheme, ...]:
        if self._pinned is not None:
            return (self._pinned,)
        return _ORDERS[self._accepted.get(endpoint.provider_address, "raw")]

    def accepted(self, request: SignedRequest) -> None:
        self._accepted[request.endpoint.provider_address] = request.scheme


@dataclass(frozen=True, slots=True)
class Party:
    """Everything that a call needs. `signer` is None where no endpoint needs one."""

    signer: Signer | None
    address: str | None
    pool: Pool
    schemes: SchemeMemory
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    limits: Limits = field(default_factory=Limits)
    emitter: Emitter = field(default_factory=Emitter)
    clock: Clock = field(default=SHARED)
    offsets: chaintime.Offsets = field(default_factory=chaintime.Offsets)
    seconds: Callable[[], float] = field(default=time.monotonic)
    chance: random.Random = field(default_factory=random.SystemRandom)
