"""A small chain that nodes share: accounts, parameters, models, participants with proofs, and a block clock.

`state` is the chain that tests change; what it consists of are frozen records in `params`, `models`, `epochs` and
`inferences`. `clock` is time as blocks have it. `proofs` and what stands behind it (`ics23`, `merkle`, `protobuf`,
`active_participants`) prove participants as a real chain does; `blocks` makes the blocks that hold the roots out of
`headers` and `commits`, which `validators` sign with the keys of `validator_keys`. `ledger` is all that a node tells.
"""

from __future__ import annotations

from .clock import BlockClock
from .epochs import Epoch, Excluded, Participant
from .inferences import Inference
from .ledger import HeightError, Ledger, Signed, Statement
from .models import KNOWN_MODELS, Model
from .params import Bandwidth, EpochParams, Params
from .state import DEFAULT_BALANCE, DEFAULT_PRICE, FALLBACK_PRICE, OUTAGES, Account, Chain

__all__ = [
    "DEFAULT_BALANCE",
    "DEFAULT_PRICE",
    "FALLBACK_PRICE",
    "KNOWN_MODELS",
    "OUTAGES",
    "Account",
    "Bandwidth",
    "BlockClock",
    "Chain",
    "Epoch",
    "EpochParams",
    "Excluded",
    "HeightError",
    "Inference",
    "Ledger",
    "Model",
    "Params",
    "Participant",
    "Signed",
    "Statement",
]
