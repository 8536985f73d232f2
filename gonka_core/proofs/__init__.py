"""Proofs of who takes part, verified to the last bit: an optional room (`protocol.md` §7, `docs/proofs.md`).

`verifying` is its face and can always be imported; the rest needs the extra `proofs` (protobuf, cryptography).
"""

from __future__ import annotations

from .verifying import (
    AHEAD_S,
    MAINNET,
    MAX_AGE_S,
    REASONS,
    Proven,
    anchored,
    consistent,
    header_of_epoch,
    linked,
    recent,
    sealed,
)

__all__ = [
    "AHEAD_S",
    "MAINNET",
    "MAX_AGE_S",
    "REASONS",
    "Proven",
    "anchored",
    "consistent",
    "header_of_epoch",
    "linked",
    "recent",
    "sealed",
]
