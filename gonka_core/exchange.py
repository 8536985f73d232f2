"""The story of one call, told without I/O.

An endpoint is chosen, the clock gives a timestamp, the bytes are signed, somebody sends them, the answer is judged.
`exchange` is a generator: it yields each request to be sent and is sent the `Answer` (or has the `TransportError`
thrown into it); it returns the request that was accepted and its answer, or raises. Two drivers in `client` run it,
one of them with `await`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from typing import TypeAlias

from .canonical import SCHEMES, Scheme
from .clock import SHARED, Clock
from .endpoints import Endpoint
from .errors import SignatureRejectedError
from .interfaces import Selector, Signer
from .request import sign_body
from .response import Answer, refusal
from .types import Outcome, SchemeChoice, SelectionContext, SignedRequest

Flow: TypeAlias = Generator[SignedRequest, Answer, tuple[SignedRequest, Answer]]


class SchemeMemory:
    """Which schemes to try with a provider, in order: the pinned one, or what it accepted before and then the other."""

    def __init__(self, choice: SchemeChoice) -> None:
        self._pinned: Scheme | None = None if choice == "auto" else choice
        self._accepted: dict[str, Scheme] = {}

    def order(self, endpoint: Endpoint) -> tuple[Scheme, ...]:
        if self._pinned is not None:
            return (self._pinned,)
        first = self._accepted.get(endpoint.provider_address, "raw")
        return (first, *(scheme for scheme in SCHEMES if scheme != first))

    def accepted(self, request: SignedRequest) -> None:
        self._accepted[request.endpoint.provider_address] = request.scheme


@dataclass(frozen=True, slots=True)
class Party:
    """Who calls: everything a call needs, bound when the client was made."""

    signer: Signer
    address: str
    endpoints: tuple[Endpoint, ...]
    selector: Selector
    schemes: SchemeMemory
    clock: Clock = field(default=SHARED)
    seconds: Callable[[], float] = field(default=time.monotonic)


def exchange(party: Party, body: bytes, model: str | None = None) -> Flow:
    """One call with this body. Raises the `NodeError` of a refusal, or the `TransportError` thrown in.

    Each attempt has its own timestamp and signature. Only a refused signature leads to a second one, with the other
    scheme, where none is pinned: nothing was computed for it, so nothing is paid twice (`protocol.md` §3.2).
    """
    attempt = 1
    endpoint = party.selector.select(party.endpoints, SelectionContext(attempt, model))
    schemes = party.schemes.order(endpoint)
    while True:
        request = sign_body(
            body,
            endpoint,
            party.signer,
            scheme=schemes[attempt - 1],
            timestamp_ns=party.clock.timestamp_ns(),
            address=party.address,
        )
        answer = yield from _attempt(party, request)
        if answer.ok:
            party.schemes.accepted(request)
            return request, answer
        error = refusal(request, answer)
        if not isinstance(error, SignatureRejectedError) or attempt == len(schemes):
            raise error
        attempt += 1


def _attempt(party: Party, request: SignedRequest) -> Generator[SignedRequest, Answer, Answer]:
    started = party.seconds()
    status = None
    try:
        answer = yield request
        status = answer.status
        return answer
    finally:
        party.selector.report(request.endpoint, Outcome(status, party.seconds() - started))
