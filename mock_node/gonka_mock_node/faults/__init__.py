"""Faults on demand: what goes wrong between a client and a node, by name.

`Faults` holds what is active and says which faults strike a request; `before`, `on_chain`, `told`, `instead` and
`after` say what those do to it. Nothing here waits or opens a socket: a reply says when to pause and where to break
off, and its writer does so. The catalogue for readers is docs/faults.md.
"""

from .active import MOST, Faults
from .catalogue import CATALOGUE
from .dispatch import after, before, instead, on_chain, told
from .memory import Memory
from .records import Effect, Fault, FaultError, Match, Parameter, Seen, Stage

__all__ = [
    "CATALOGUE",
    "MOST",
    "Effect",
    "Fault",
    "FaultError",
    "Faults",
    "Match",
    "Memory",
    "Parameter",
    "Seen",
    "Stage",
    "after",
    "before",
    "instead",
    "on_chain",
    "told",
]
