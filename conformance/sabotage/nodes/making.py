"""What an entry of the tables is made of."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

from gonka_conformance.nodes import NodeSubject
from gonka_conformance.nodes.checks import NODE_CHECKS
from gonka_mock_node import PROFILES
from gonka_mock_node.judgement import NamedRule, Rule
from sabotage.record import Sabotaged

from .stage import rows, staged


def sabotaged(name: str, caught_by: str, words: str, bug: str, **changes: Any) -> Sabotaged[NodeSubject]:
    """A node with changes, as `staged` takes them."""
    return Sabotaged(name, bug, f"node.{caught_by}", words, NODE_CHECKS, partial(staged, **changes))


def wrong_signature(name: str, caught_by: str, words: str, bug: str, rule: Rule) -> Sabotaged[NodeSubject]:
    """A node with another rule for signatures."""
    return sabotaged(name, caught_by, words, bug, rules={"signature": rule})


def wrong_order(name: str, caught_by: str, words: str, bug: str, **moved: str) -> Sabotaged[NodeSubject]:
    """A node without a rule, or with one in another place, as `rows` takes them."""
    return sabotaged(name, caught_by, words, bug, change={"rules": rows("v0.2.13", **moved)})


def routes(**changes: Any) -> dict[str, Any]:
    """A change of what the newest classic node has for routes."""
    return {"routes": replace(PROFILES["v0.2.13"].routes, **changes)}


def without(named: tuple[NamedRule, ...], rule: str) -> tuple[NamedRule, ...]:
    """Named rules without one of them."""
    return tuple(each for each in named if each[0] != rule)
