"""Sabotaged nodes, with the checks that must say so, and correct ones that no check may blame.

`make` starts a mock node; `close` it. One at a time: a change may reach all mock nodes of the process.
"""

from __future__ import annotations

from functools import partial
from typing import Final

from gonka_conformance.nodes import NodeSubject
from gonka_conformance.nodes.checks import NODE_CHECKS
from gonka_mock_node import PROFILES
from sabotage.record import Correct, Sabotaged

from .answer_table import ANSWERS, GATEWAYS, GONE, ROUGHLY
from .judging_table import ORDER, REPLAYS, TIME
from .reading_table import ACCOUNTS, BODIES, READING
from .signature_table import SIGNATURES
from .stage import staged

SABOTAGED: Final[tuple[Sabotaged[NodeSubject], ...]] = (
    *READING,
    *BODIES,
    *ACCOUNTS,
    *SIGNATURES,
    *ORDER,
    *TIME,
    *REPLAYS,
    *ANSWERS,
    *GONE,
    *GATEWAYS,
    *ROUGHLY,
)

CORRECT: Final[tuple[Correct[NodeSubject], ...]] = tuple(
    Correct(name, NODE_CHECKS, partial(staged, name)) for name in PROFILES
)
