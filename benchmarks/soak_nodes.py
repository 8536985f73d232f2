"""The soak's three nodes and their faults: `python -m benchmarks.soak_nodes`, which `soak_process` starts.

The first line on stdout says where the nodes are. They serve until stdin is closed, and then say in a second line what
they counted.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict
from typing import Final

from benchmarks.soak_process import NodeCounts
from gonka_mock_node import MockNetwork
from gonka_mock_node.journal import Verdict

CHANCES: Final[Mapping[str, float]] = {
    "reset": 0.035,
    "rate-limited": 0.045,
    "bad-gateway": 0.025,
    "capacity": 0.045,
    "no-executor": 0.025,
    "reset-after": 0.025,
    "garbage-json": 0.025,
    "cut-stream": 0.05,
}
"""Fault -> chance for a request that comes to where the fault takes hold. Some never meet the requests that an earlier
one has answered, one meets streams only: together they strike a fifth of all requests and a little more."""


class Counts:
    """Counts what the nodes' journal tells, on the nodes' thread."""

    def __init__(self) -> None:
        self._requests: Counter[str] = Counter()
        self._struck = 0
        self._faults: Counter[str] = Counter()
        self._accepted: set[int] = set()
        self._again = 0

    def hear(self, verdict: Verdict) -> None:
        self._requests[verdict.node] += 1
        self._struck += bool(verdict.faults)
        self._faults.update(verdict.faults)
        if verdict.accepted:
            payload = int(verdict.body_sha256[:15], 16)
            self._again += payload in self._accepted
            self._accepted.add(payload)

    def counted(self) -> NodeCounts:
        return NodeCounts(
            requests=self._requests.total(),
            requests_by_node=tuple(self._requests.values()),
            struck=self._struck,
            faults=dict(self._faults),
            payloads_accepted=len(self._accepted),
            accepted_again=self._again,
        )


def main() -> None:
    counts = Counts()
    with MockNetwork(3, profile="v0.2.13", explain=False) as network:
        for seed, (name, chance) in enumerate(CHANCES.items()):
            network.faults.add(name, probability=chance, seed=seed)
        network.journal.listen(counts.hear)
        _tell([{"url": node.url, "provider_address": node.provider_address} for node in network.nodes])
        sys.stdin.buffer.read()
    _tell(asdict(counts.counted()))


def _tell(what: object) -> None:
    # Not print: what it could not write to somebody who is gone, it would try again when the interpreter ends.
    with contextlib.suppress(BrokenPipeError):
        os.write(sys.stdout.fileno(), json.dumps(what).encode() + b"\n")


if __name__ == "__main__":
    main()
