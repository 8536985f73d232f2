"""Learning who takes part in the network, and how far that is proven (`protocol.md` §6.6, §7).

Records first: `Network` says where to ask and how much to believe, `Discovered` what came of it. `learn` is the flow in
between, which `gonka_core.driving` carries out over a transport; `Directory` keeps its result fresh.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .records import LEVELS, Discovered, Level, Network, Participant

if TYPE_CHECKING:
    from .directory import Directory
    from .learning import learn
    from .shelf import Shelf

_HOMES = {
    "Directory": "directory",
    "Shelf": "shelf",
    "learn": "learning",
}

__all__ = [
    "LEVELS",
    "Directory",
    "Discovered",
    "Level",
    "Network",
    "Participant",
    "Shelf",
    "learn",
]


def __getattr__(name: str) -> Any:
    """Load on first use: the settings of every client need the records, and nothing else of this."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
