"""The list that the modules of checks add to, in the order in which `checks` imports them."""

from __future__ import annotations

from typing import Final

from gonka_conformance.checks import CheckList

from .subject import ClientSubject

PATIENCE_S: Final = 3600.0
"""For a check of an exam: its runs are bounded themselves, and this is more than all of them take together."""

CLIENT_CHECKS: Final = CheckList[ClientSubject]("client", PATIENCE_S)
