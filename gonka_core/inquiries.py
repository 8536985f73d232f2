"""What a call asks the node that refused it: the time of its blocks, and what `explaining` wants to know.

These are plain GETs of public routes, without signature or key, and only to the endpoint that the call asked anyway.
Each is a part of the flow of a call (`steps.Steps`). None of them raises: whoever refuses tells little, and the error
of the call says what it would have said without.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from . import chaintime
from .answers import Answer
from .endpoints import Endpoint
from .errors import CallError, InsufficientBalanceError, ModelNotFoundError, TransportError
from .events import ClockCorrected
from .party import Party
from .request import reading
from .steps import Send, Steps

PATIENCE_S: Final = 5.0
"""Seconds for all that is asked after one refusal."""


@dataclass(frozen=True, slots=True)
class Inquirer:
    """Asks one endpoint; `ends` is when it has to be done, by the clock of the party."""

    party: Party
    endpoint: Endpoint
    ends: float

    def read(self, path: str) -> Steps[bytes | None]:
        """The body of a route: empty where it is refused, None where nobody answers or the time is up."""
        left = self.ends - self.party.seconds()
        if left <= 0:
            return None
        try:
            answer = yield Send(reading(self.endpoint, path), left)
        except TransportError:
            return None
        except CallError:
            return b""
        return answer.body or b"" if answer is not None and answer.ok else b""

    def learn_time(self, refused: Answer | None) -> Steps[bool]:
        """Learn how far block time is from ours, by which a node judges timestamps (`protocol.md` §3.5, §6.7).

        Without the chain's own routes the `Date` of the answer that refused has to do. Whether the offset is another
        one now, so that a new timestamp can help.
        """
        clock = self.party.clock
        for path in chaintime.SOURCES:
            asked = clock.now_ns()
            body = yield from self.read(path)
            if body is None:
                break
            block = chaintime.block_time_of(path, body)
            if block is not None:
                return self._corrected(block, asked, path)
        date = chaintime.date_of(refused.headers) if refused else None
        return date is not None and self._corrected(date, clock.now_ns(), "Date")

    def explain(self, error: CallError, body: bytes, model: str | None) -> Steps[None]:
        """Fill in what the refusal leaves open; see `explaining`."""
        if isinstance(error, InsufficientBalanceError | ModelNotFoundError):
            from .explaining import explain  # most programs meet none, and importing them is counted

            yield from explain(self, error, body, model)

    def _corrected(self, block_time_ns: int, asked_ns: int, source: str) -> bool:
        offsets, clock = self.party.offsets, self.party.clock
        before = offsets.offset_ns(self.endpoint)
        offset = offsets.learn(self.endpoint, block_time_ns, asked_ns, clock.now_ns())
        if offset == before:
            return False
        self.party.emitter(ClockCorrected(self.endpoint.url, offset, source))
        return True
