"""What a call asks the node that refused it: the time of its blocks, who has how much, which models are served.

These are plain GETs of public routes, without signature or key, and only to the endpoint that the call asked anyway.
Each is a part of the flow of a call (`steps.Steps`). None of them raises: whoever refuses tells little, and the error
of the call says what it would have said without.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from . import accounts, chaintime, models
from .answers import Answer
from .endpoints import Endpoint
from .errors import CallError, InsufficientBalanceError, ModelNotFoundError, PayloadError, TransportError
from .escrow import escrow_of
from .events import ClockCorrected
from .limits import OverLimitError, parse_object
from .party import Party
from .request import reading
from .steps import Send, Steps

PATIENCE_S: Final = 5.0
"""Seconds for all that is asked after one refusal."""
_MANY: Final = 20


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
        """Fill in what the refusal leaves open: amounts (`protocol.md` §3.6, §6.3), models that are served (§6.4)."""
        if isinstance(error, InsufficientBalanceError):
            yield from self._amounts(error, body, model)
        elif isinstance(error, ModelNotFoundError) and not error.served:
            error.served = models.served_of((yield from self.read(models.LIST)) or b"")
            if error.served:
                error.next_step = f"choose one of those that are served: {_listed(error.served)}"

    def _amounts(self, error: InsufficientBalanceError, body: bytes, model: str | None) -> Steps[None]:
        error.available_ngonka = yield from self._balance()
        named = model or _model_of(body)
        price = None if named is None else (yield from self._price(named))
        if price is not None:
            error.needed_ngonka = _escrow(body, price)
        if error.needed_ngonka is not None and error.available_ngonka is not None:
            error.next_step = (
                f"add at least {max(error.needed_ngonka - error.available_ngonka, 0)} ngonka to {self.party.address}, "
                f"or ask for a smaller max_tokens: the node sets {error.needed_ngonka} ngonka aside for this request, "
                f"and {error.available_ngonka} are there"
            )

    def _balance(self) -> Steps[int | None]:
        address = self.party.address or ""
        for path in accounts.routes(address):
            body = yield from self.read(path)
            account = accounts.account_of(address, body) if body else None
            if account is not None or body is None:
                return account.balance_ngonka if account else None
        return None

    def _price(self, model: str) -> Steps[int | None]:
        for path in models.price_routes(model):
            body = yield from self.read(path)
            price = models.price_of(path, body, model) if body else None
            if price is not None or body is None:
                return price
        return None

    def _corrected(self, block_time_ns: int, asked_ns: int, source: str) -> bool:
        offsets, clock = self.party.offsets, self.party.clock
        before = offsets.offset_ns(self.endpoint)
        offset = offsets.learn(self.endpoint, block_time_ns, asked_ns, clock.now_ns())
        if offset == before:
            return False
        self.party.emitter(ClockCorrected(self.endpoint.url, offset, source))
        return True


def _model_of(body: bytes) -> str | None:
    """The model that a payload given as bytes names."""
    try:
        named = (parse_object(body) or {}).get("model")
    except OverLimitError:
        return None
    return named if isinstance(named, str) and named else None


def _escrow(body: bytes, price: int) -> int | None:
    try:
        return escrow_of(body, price)
    except PayloadError:
        return None


def _listed(names: Iterable[str]) -> str:
    shown = [name[:100] for name in names]
    more = len(shown) - _MANY
    return ", ".join(shown[:_MANY]) + (f", and {more} more" if more > 0 else "")
