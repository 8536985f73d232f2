"""Signers that are programs, in any language: asked over JSON lines, as `docs/signer-exam.md` says."""

from __future__ import annotations

from .program import SignerProgram

__all__ = ["SignerProgram"]
