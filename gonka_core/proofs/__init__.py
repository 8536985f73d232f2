"""Proofs of who takes part, verified to the last bit: an optional room (`protocol.md` §7, `docs/proofs.md`).

`verifying` is its face and can always be imported; the rest needs the extra `proofs` (protobuf, cryptography).
"""

from __future__ import annotations

from .verifying import MAINNET, REASONS, Proven, anchored, consistent, sealed

__all__ = ["MAINNET", "REASONS", "Proven", "anchored", "consistent", "sealed"]
