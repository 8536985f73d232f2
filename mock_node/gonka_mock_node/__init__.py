"""A node of the Gonka network on loopback, for tests: strict as a real one, and it says what it saw.

`with MockNode() as node:` gives `node.url`, `node.provider_address` and `node.journal`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .access import Access
    from .answers import Said, ToolCall
    from .chain import Account, Bandwidth, BlockClock, Chain, Excluded, Model, Params, Participant
    from .faults import Fault, FaultError, Faults
    from .journal import Journal, Verdict
    from .limits import Limits
    from .listening import CannotListenError, NotLoopbackError
    from .profiles import PROFILES, Profile
    from .scenario import Scenario, ScenarioError
    from .server import MockNetwork, MockNode

_HOMES = {
    "PROFILES": "profiles",
    "Access": "access",
    "Account": "chain",
    "Bandwidth": "chain",
    "BlockClock": "chain",
    "CannotListenError": "listening",
    "Chain": "chain",
    "Excluded": "chain",
    "Fault": "faults",
    "FaultError": "faults",
    "Faults": "faults",
    "Journal": "journal",
    "Limits": "limits",
    "MockNetwork": "server",
    "MockNode": "server",
    "Model": "chain",
    "NotLoopbackError": "listening",
    "Params": "chain",
    "Participant": "chain",
    "Profile": "profiles",
    "Said": "answers",
    "Scenario": "scenario",
    "ScenarioError": "scenario",
    "ToolCall": "answers",
    "Verdict": "journal",
}

__all__ = [
    "PROFILES",
    "Access",
    "Account",
    "Bandwidth",
    "BlockClock",
    "CannotListenError",
    "Chain",
    "Excluded",
    "Fault",
    "FaultError",
    "Faults",
    "Journal",
    "Limits",
    "MockNetwork",
    "MockNode",
    "Model",
    "NotLoopbackError",
    "Params",
    "Participant",
    "Profile",
    "Said",
    "Scenario",
    "ScenarioError",
    "ToolCall",
    "Verdict",
]


def __getattr__(name: str) -> Any:
    """Load on first use: whoever only imports the package does not need aiohttp."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f".{_HOMES[name]}", __name__), name)
