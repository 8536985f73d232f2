"""A line as it is sent, and the line of the output that its answer becomes; the same for every engine."""

from __future__ import annotations

from typing import NamedTuple

from gonka_core.async_client import AsyncClient
from gonka_core.errors import CallError, GonkaError
from gonka_core.request import encode

from . import money, results
from .lines import Line


class Answered(NamedTuple):
    """A line of the output, the tokens that were counted for it, and ngonka; None where no price is known."""

    data: bytes
    tokens: int
    ngonka: int | None


class Sender:
    """Sends the lines of a job. `twice`: the client repeats what may have been billed, which has its price."""

    def __init__(self, client: AsyncClient, job: str, prices: money.Prices, *, twice: bool) -> None:
        self._client = client
        self._job = job
        self._prices = prices
        self._twice = twice

    def estimate(self, line: Line) -> int | None:
        """ngonka that a line may cost; None where no price is known."""
        price = self._prices.get(line.model)
        return None if price is None else money.most_tokens(line.payload) * price

    async def send(self, line: Line, estimate: int | None) -> Answered:
        """Raises `PayloadError` and what the client raises."""
        relayed = await self._client.relay(encode(line.payload, stream=False), model=line.model)
        completion = relayed.completion
        assert completion is not None
        usage = completion.usage
        ngonka = money.cost(usage, self._prices.get(line.model), estimate)
        if ngonka is not None and self._twice:
            ngonka += (len(relayed.attempts) - 1) * (estimate or 0)
        data = results.answered(self._job, line, completion, relayed.headers.get("x-request-id"))
        return Answered(data, usage.total_tokens if usage else 0, ngonka)

    def for_nothing(self, error: GonkaError, estimate: int | None) -> int:
        """ngonka that may have been billed for a line that failed."""
        if not isinstance(error, CallError):
            return 0
        return (len(error.attempts) if self._twice else int(error.maybe_billed)) * (estimate or 0)
