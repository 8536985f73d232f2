"""The soak's nodes as their client sees them: how they are started, where they are, what they counted when they end."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

from benchmarks.child import child
from gonka_core import Endpoint

_TO_END_S: Final = 20


@dataclass(frozen=True)
class NodeCounts:
    """What the nodes saw: `struck` requests met a fault or several, `faults` says which; payloads are told apart."""

    requests: int = 0
    requests_by_node: Sequence[int] = ()
    struck: int = 0
    faults: Mapping[str, int] = field(default_factory=dict)
    payloads_accepted: int = 0
    accepted_again: int = 0


class NodesProcess:
    """`python -m benchmarks.soak_nodes`, which ends when its stdin is closed: when it is asked to, or we are gone."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.pid = process.pid
        assert process.stdout is not None
        nodes = _told(process.stdout.readline(), "did not start")
        self.endpoints = tuple(Endpoint(node["url"], node["provider_address"]) for node in nodes)

    def end(self) -> NodeCounts:
        """Ask them to end, and for what they counted.

        Raises RuntimeError when they had ended before, or do not end.
        """
        try:
            line, _ = self._process.communicate(timeout=_TO_END_S)
        except subprocess.TimeoutExpired:
            raise RuntimeError(
                f"the nodes did not end within {_TO_END_S} s; run `python -m benchmarks.soak_nodes` and close its stdin"
            ) from None
        return NodeCounts(**_told(line, "ended before they were asked to"))


def _told(line: str, otherwise: str) -> Any:
    if not line:
        raise RuntimeError(f"the nodes {otherwise}; read above what they wrote about it")
    return json.loads(line)


@contextmanager
def nodes_process() -> Iterator[NodesProcess]:
    """Three nodes in a process of their own, which has ended when the block is left."""
    with child("benchmarks.soak_nodes") as process:
        yield NodesProcess(process)
