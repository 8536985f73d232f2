"""What a node saw and said, kept in a bounded list and told to whoever listens. No prompt, no key."""

from __future__ import annotations

import hashlib
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

from .case import Case
from .rules import Judgement

KEPT: Final = 10_000
"""Verdicts that a journal keeps before it forgets the oldest."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One request: the answer's status, the rules passed, the one that refused, and the values on the way.

    Timestamps in nanoseconds; `digest` and `body_sha256` in hex; `authorization` as it was sent.
    """

    node: str
    route: str
    status: int
    verdict: Literal["accepted", "refused"]
    rule: str | None
    error: str | None
    checks: tuple[str, ...]
    requester: str
    provider_address: str
    scheme: str
    timestamp_ns: int
    block_time_ns: int
    body_bytes: int
    body_sha256: str
    digest: str
    authorization: str = field(repr=False)

    @property
    def accepted(self) -> bool:
        return self.verdict == "accepted"

    def as_event(self) -> dict[str, Any]:
        """The JSON form: one object, its kind under `event`."""
        return {"event": "verdict", **asdict(self)}


def verdict_of(node: str, case: Case, judgement: Judgement) -> Verdict:
    refusal = judgement.refusal
    return Verdict(
        node=node,
        route=case.arrived.route,
        status=refusal.status if refusal else 200,
        verdict="refused" if refusal else "accepted",
        rule=refusal.rule if refusal else None,
        error=refusal.error if refusal else None,
        checks=judgement.passed,
        requester=case.arrived.requester,
        provider_address=case.provider_address,
        scheme=case.profile.scheme,
        timestamp_ns=case.timestamp_ns,
        block_time_ns=case.block_time_ns,
        body_bytes=len(case.arrived.body),
        body_sha256=hashlib.sha256(case.arrived.body).hexdigest(),
        digest=case.digest.hex(),
        authorization=case.arrived.authorization,
    )


class Journal:
    """Verdicts in order, oldest first. May be read from any thread."""

    def __init__(self, kept: int = KEPT) -> None:
        self._verdicts: deque[Verdict] = deque(maxlen=kept)
        self._listeners: list[Callable[[Verdict], None]] = []
        self._lock = threading.Lock()

    def add(self, verdict: Verdict) -> None:
        with self._lock:
            self._verdicts.append(verdict)
        for listener in self._listeners:
            listener(verdict)

    def listen(self, listener: Callable[[Verdict], None]) -> None:
        """Call it with each verdict from now on, on the server's thread."""
        self._listeners.append(listener)

    def clear(self) -> None:
        with self._lock:
            self._verdicts.clear()

    def __iter__(self) -> Iterator[Verdict]:
        with self._lock:
            return iter(tuple(self._verdicts))

    def __len__(self) -> int:
        return len(self._verdicts)

    def __getitem__(self, index: int) -> Verdict:
        with self._lock:
            return self._verdicts[index]
