"""A node of the Gonka network on loopback, for tests: strict as a real one, and it says what it saw.

`with MockNode() as node:` gives `node.url`, `node.provider_address` and `node.journal`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .chain import Account, BlockClock, Chain, Params
    from .journal import Journal, Verdict
    from .profiles import PROFILES, Profile
    from .server import CannotListenError, MockNetwork, MockNode

_HOMES = {
    "PROFILES": "profiles",
    "Account": "chain",
    "BlockClock": "chain",
    "CannotListenError": "server",
    "Chain": "chain",
    "Journal": "journal",
    "MockNetwork": "server",
    "MockNode": "server",
    "Params": "chain",
    "Profile": "profiles",
    "Verdict": "journal",
}

__all__ = [
    "PROFILES",
    "Account",
    "BlockClock",
    "CannotListenError",
    "Chain",
    "Journal",
    "MockNetwork",
    "MockNode",
    "Params",
    "Profile",
    "Verdict",
]


def __getattr__(name: str) -> Any:
    """Load on first use: whoever only imports the package needs neither aiohttp nor coincurve."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
