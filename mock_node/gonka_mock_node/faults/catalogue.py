"""All effects by name. What one does stands in the module of its kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from . import bodies, chains, executors, fronts, headers, sources, streams, timing
from .records import Effect

CATALOGUE: Final[Mapping[str, Effect]] = {
    effect.name: effect
    for module in (fronts, chains, sources, executors, timing, bodies, headers, streams)
    for effect in module.EFFECTS
}
