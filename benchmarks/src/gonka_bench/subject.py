"""What signs in the comparison: a signer under one scheme, the documented program, the C limit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Final, TypeAlias

from gonka_core import SignedRequest, sign_request
from gonka_core.canonical import Scheme
from gonka_core.cli.verdict import Claim, judge

from .climit import CLimit
from .documented import sign_payload
from .paired import Run
from .results import Complaint, Role, State
from .sampling import Cost
from .signers import Held
from .wording import reason
from .workload import ENDPOINT, SECRET, TIMESTAMP_NS

DOCUMENTED: Final = "documented program"
LIMIT: Final = "C limit"
_HERE: Final = Cost(0.0, waits=False)


@dataclass(frozen=True, slots=True)
class Baseline:
    """What signers are compared with."""

    role: Role
    scheme: Scheme
    run: Run
    complaint: None = None
    cost: Cost = _HERE
    claims: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return self.role


def documented(payload: bytes) -> Baseline:
    """The documented program, which knows the scheme raw only and takes its key as text, for every request."""
    stamps, private_key = count(TIMESTAMP_NS), SECRET.hex()

    def run(times: int) -> None:
        for _ in range(times):
            sign_payload(payload, private_key, next(stamps), ENDPOINT.provider_address)

    return Baseline(DOCUMENTED, "raw", run)


def limit(c: CLimit, payload: bytes, scheme: Scheme) -> Baseline:
    """The same work in C."""
    return Baseline(LIMIT, scheme, lambda times: c.run(payload, scheme, times))


class SignerSubject:
    """One signer, one scheme, one payload; every time with another timestamp, so that remembering does not help.

    What goes wrong is kept as `complaint`, and from then on it does nothing: the others go on.
    """

    name: str
    claims: tuple[str, ...]

    role: Final = "signer"

    def __init__(self, held: Held, payload: bytes, scheme: Scheme) -> None:
        self.name = held.name
        self.claims = held.claims
        self.scheme: Scheme = scheme
        self.complaint: Complaint | None = None
        self.cost = _HERE
        self._signer = held.signer
        self._payload = payload
        self._stamps = count(TIMESTAMP_NS)
        self._last: SignedRequest | None = None

    def run(self, times: int) -> None:
        self._guarded(lambda: self._sign(times))

    def check(self) -> None:
        """Judge what was signed last, by code that shares nothing with the signer."""
        if self._last is not None:
            self._guarded(self._judge)

    def complain(self, state: State, why: str) -> None:
        self.complaint = Complaint("signer", self.name, state, why)

    def _sign(self, times: int) -> None:
        stamps, payload, signer, scheme = self._stamps, self._payload, self._signer, self.scheme
        for _ in range(times):
            self._last = sign_request(payload, ENDPOINT, signer, scheme=scheme, timestamp_ns=next(stamps))

    def _judge(self) -> None:
        made = self._last
        assert made is not None
        provider, signature = made.endpoint.provider_address, made.headers["Authorization"]
        claim = Claim(self._payload, self.scheme, made.timestamp_ns, provider, signature, self._signer.public_key)
        verdict = judge(claim)
        if not verdict.verified:
            why = "; ".join(part for part in (verdict.reason, verdict.hint) if part)
            self.complain("wrong", f"{why}; do not use it, and run: gonka conformance signer --signer {self.name}")

    def _guarded(self, work: Callable[[], object]) -> None:
        if self.complaint is not None:
            return
        try:
            work()
        except Exception as error:  # noqa: BLE001 - whatever a plug-in does, the others go on
            self.complain("failed", reason(error, f"run: gonka conformance signer --signer {self.name}"))


Subject: TypeAlias = Baseline | SignerSubject
