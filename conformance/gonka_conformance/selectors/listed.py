"""The list that the modules of checks add to."""

from __future__ import annotations

from typing import Final

from gonka_conformance.checks import CheckList

from .subject import SelectorSubject

SELECTOR_CHECKS: Final = CheckList[SelectorSubject]("selector")
