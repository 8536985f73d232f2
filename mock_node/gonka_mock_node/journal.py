"""What a node saw and said, kept in a bounded list and told to whoever listens.

A verdict holds no prompt and no key. The bodies are kept beside it, up to a budget, for whoever looks at one request
closely; they never go into a log line.
"""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, NamedTuple, TypeAlias

from .diagnosis import Diagnosis

KEPT: Final = 10_000
"""Verdicts that a journal keeps before it forgets the oldest."""
KEPT_BYTES: Final = 32 * 1024 * 1024
"""Bytes of bodies and signed messages that a journal keeps before it forgets the oldest."""

Outcome: TypeAlias = Literal["accepted", "refused", "fault"]
OUTCOMES: Final[tuple[Outcome, ...]] = ("accepted", "refused", "fault")
_SIGNATURE: Final = re.compile(r"[A-Za-z0-9+/=_\-]{80,200}", re.ASCII)
_SECRET: Final = re.compile(r"(0x)?[0-9a-fA-F]{64}", re.ASCII)


class Kept(NamedTuple):
    """The bytes beside a verdict: the body, and the message that the client signed, where a diagnosis found another."""

    body: bytes
    signed: bytes | None = None

    def __repr__(self) -> str:
        return f"Kept({self.size} bytes)"

    @property
    def size(self) -> int:
        return len(self.body) + len(self.signed or b"")


@dataclass(frozen=True, slots=True)
class Explained:
    """Why a request was refused, in plain words: see `diagnosis`. `mistakes` are stable names."""

    mistakes: tuple[str, ...]
    explanation: str
    next_step: str
    certain: bool


class Verdict(NamedTuple):
    """One request: the answer's status, the rules passed, the one that refused, and the values on the way.

    `number` counts from 1 in the order of arrival. `verdict` is `fault` where a fault answered before any rule was
    asked. `checks` are the rules passed and `pending` those not reached. Timestamps in nanoseconds; `digest` and
    `body_sha256` in hex; `authorization` and `requester` as they were sent, unless they look like something that must
    not be shown.
    """

    number: int
    node: str
    route: str
    status: int
    verdict: Outcome
    rule: str | None
    error: str | None
    checks: tuple[str, ...]
    pending: tuple[str, ...]
    faults: tuple[str, ...]
    diagnosis: Explained | None
    requester: str
    provider_address: str
    scheme: str
    model: str
    stream: bool
    timestamp: str
    timestamp_ns: int
    block_time_ns: int
    height: int
    body_bytes: int
    body_sha256: str
    digest: str
    authorization: str

    def __repr__(self) -> str:
        told = (f"{name}={getattr(self, name)!r}" for name in FIELDS if name != "authorization")
        return f"Verdict({', '.join(told)})"

    @property
    def accepted(self) -> bool:
        """Whether the node took the request."""
        return self.verdict == "accepted"

    def sentence(self) -> str:
        """The verdict in one line, for people: what was asked, by whom, what came of it, and why."""
        told = f"{self.status} {self.route} {self.requester or '(nobody)'}: {self.verdict}"
        if self.error is not None:
            told += f" ({self.rule}): {self.error}"
        if self.faults:
            told += f" [faults: {', '.join(self.faults)}]"
        if self.diagnosis is not None:
            told += f" — {self.diagnosis.explanation} {self.diagnosis.next_step}"
        return told

    def as_event(self) -> dict[str, Any]:
        """The JSON form: one object, its kind under `event`."""
        return {"event": "verdict", **self._asdict(), "diagnosis": self.diagnosis and asdict(self.diagnosis)}


FIELDS: Final = Verdict._fields


def explained(diagnosis: Diagnosis | None) -> Explained | None:
    """The part of a diagnosis that may be told everywhere."""
    if diagnosis is None:
        return None
    return Explained(diagnosis.mistakes, diagnosis.explanation, diagnosis.next_step, diagnosis.certain)


def shown_authorization(text: str) -> str:
    """The header's text where it may be shown: a client may have sent an API key in the place of a signature."""
    if _SIGNATURE.fullmatch(text):
        return text
    kind, space, rest = text.partition(" ")
    return f"{kind[:20]}{space}… ({len(text)} characters)" if space and rest else f"… ({len(text)} characters)"


def shown_requester(text: str) -> str:
    """The header's text where it may be shown: a client may have sent a private key in the place of an address."""
    if len(text) < 64:
        return text
    return f"… ({len(text)} characters)" if _SECRET.search(text) or len(text) > 200 else text


class Journal:
    """Verdicts in order, oldest first. May be read from any thread."""

    def __init__(self, kept: int = KEPT, kept_bytes: int = KEPT_BYTES) -> None:
        self._verdicts: deque[Verdict] = deque(maxlen=kept)
        self._bytes: deque[tuple[int, Kept]] = deque()
        self._budget = kept_bytes
        self._held = 0
        self._count = 0
        self._totals: dict[Outcome, int] = dict.fromkeys(OUTCOMES, 0)
        self._listeners: list[Callable[[Verdict], None]] = []
        self._lock = threading.Lock()

    def next_number(self) -> int:
        """The number of the request that is about to be entered."""
        with self._lock:
            self._count += 1
            return self._count

    @property
    def latest(self) -> int:
        """The number of the latest request, also after `clear`; 0 before the first."""
        return self._count

    def add(self, verdict: Verdict, body: bytes = b"", signed: bytes | None = None) -> None:
        """Enter a verdict; the body, and what the client signed where that was found, are kept while there is room."""
        with self._lock:
            self._verdicts.append(verdict)
            self._totals[verdict.verdict] += 1
            self._keep(verdict.number, body, signed)
        for listener in tuple(self._listeners):
            listener(verdict)

    def _keep(self, number: int, body: bytes, signed: bytes | None) -> None:
        kept = Kept(body, signed)
        size = len(body) if signed is None else kept.size
        if size > self._budget:
            return
        self._bytes.append((number, kept))
        self._held += size
        while self._held > self._budget or len(self._bytes) > len(self._verdicts):
            self._held -= self._bytes.popleft()[1].size

    def kept(self, number: int) -> Kept | None:
        """The body of a request and what was signed instead of the right bytes, while they are kept."""
        with self._lock:
            return next((kept for known, kept in self._bytes if known == number), None)

    def find(self, number: int) -> Verdict | None:
        """The verdict of that number, while it is kept."""
        return next((verdict for verdict in self if verdict.number == number), None)

    def totals(self) -> dict[Outcome, int]:
        """How many were accepted, refused, or answered by a fault since the journal was cleared, forgotten ones too."""
        with self._lock:
            return dict(self._totals)

    def listen(self, listener: Callable[[Verdict], None]) -> Callable[[], None]:
        """Call it with each verdict from now on, on the server's thread; what is returned ends that."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def clear(self) -> None:
        """Forget all verdicts."""
        with self._lock:
            self._verdicts.clear()
            self._bytes.clear()
            self._totals = dict.fromkeys(OUTCOMES, 0)
            self._held = 0

    def __iter__(self) -> Iterator[Verdict]:
        with self._lock:
            return iter(tuple(self._verdicts))

    def __len__(self) -> int:
        return len(self._verdicts)

    def __getitem__(self, index: int) -> Verdict:
        with self._lock:
            return self._verdicts[index]
