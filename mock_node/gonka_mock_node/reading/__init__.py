"""The routes of a node that are read: what each generation answers beside chat (`protocol.md` §6, §7.3, §11.4).

`routes` says which a generation has; `read` gives the answer to a request on one of them. All of it is pure: a node's
state goes in with an `Ask`, a `Reply` comes out, and nothing changes.
"""

from __future__ import annotations

from .routing import GROUPS, Ask, Group, Route, read
from .table import routes

__all__ = ["GROUPS", "Ask", "Group", "Route", "read", "routes"]
