"""Scenario files: one file sets up everything that a network can be told (docs/scenario.md).

`load("net.toml").network()` is a network that does not listen yet; `with` starts it.
"""

from __future__ import annotations

from .answers import AnswerRule, When, answering
from .reading import MOST_BYTES, from_object, load, parse
from .records import AccountPlan, ClockPlan, Exclusion, Gateway, NodePlan, Scenario
from .schema import ScenarioError

__all__ = [
    "MOST_BYTES",
    "AccountPlan",
    "AnswerRule",
    "ClockPlan",
    "Exclusion",
    "Gateway",
    "NodePlan",
    "Scenario",
    "ScenarioError",
    "When",
    "answering",
    "from_object",
    "load",
    "parse",
]
