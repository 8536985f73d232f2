"""The list that every check for transports enters itself in."""

from __future__ import annotations

from typing import Final

from gonka_conformance.checks import CheckList

from .subject import TransportSubject

TRANSPORT_CHECKS: Final = CheckList[TransportSubject]("transport")

PROTOCOL: Final = "the Transport protocol"
"""The source of what `gonka_core/interfaces.py` demands."""
