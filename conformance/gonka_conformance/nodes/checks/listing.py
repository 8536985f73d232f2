"""The list that the modules of this room add to."""

from __future__ import annotations

from typing import Final

from gonka_conformance.checks import CheckList
from gonka_conformance.nodes.subject import NodeSubject

NODE_CHECKS: Final[CheckList[NodeSubject]] = CheckList("node")
