"""What lines may cost and did cost, in ngonka (`protocol.md` §3.6)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from gonka_core.async_client import AsyncClient
from gonka_core.chunks import Usage
from gonka_core.errors import CallError, ConfigurationError
from gonka_core.escrow import DEFAULT_MAX_TOKENS, prompt_bytes
from gonka_core.models import PRICE_UNKNOWN, Model

Prices = Mapping[str, int]
"""Model to ngonka a token, for those whose price is known."""


def most_tokens(payload: Mapping[str, Any]) -> int:
    """Tokens that a request may come to: the bytes of its prompt, and as many as each of its answers may have.

    More than a node sets aside where `max_completion_tokens` or `n` ask for more: it does not look at them.
    """
    limit = max(_count(payload, "max_tokens") or DEFAULT_MAX_TOKENS, _count(payload, "max_completion_tokens"))
    return prompt_bytes(payload) + limit * max(_count(payload, "n"), 1)


def cost(usage: Usage | None, price: int | None, estimate: int | None) -> int | None:
    """ngonka for the tokens that were counted; the estimate where nobody counted, None without a price."""
    if price is None:
        return None
    return estimate if usage is None else usage.total_tokens * price


def known(models: Iterable[Model], wanted: Iterable[str]) -> Prices:
    """The prices of these models as they are told.

    What only the older list knows is reckoned as nodes do that have only that list (`prices.price_flow`).
    """
    told = {
        model.id: PRICE_UNKNOWN if model.price.source == "legacy" else model.price.ngonka
        for model in models
        if model.price is not None
    }
    return {name: told[name] for name in wanted if name in told}


async def prices(client: AsyncClient, wanted: Iterable[str], given: int | None) -> Prices:
    """The prices of these models, `given` for all of them or as the first endpoint tells that tells any.

    Empty where nobody tells: that is no reason not to work.
    """
    wanted = tuple(wanted)
    if given is not None:
        return dict.fromkeys(wanted, given)
    try:
        return known(await client.models(), wanted)
    except CallError:
        return {}


def require(prices: Prices, wanted: Iterable[str]) -> None:
    """Raises `ConfigurationError` where a limit is set and the price of a model is not known."""
    missing = [name for name in wanted if name not in prices]
    if missing:
        raise ConfigurationError(
            f"nobody tells the price of {', '.join(missing[:5])}, and a limit needs it; nothing was sent",
            "give it with --price (ngonka a token), or leave --max-cost out",
        )


def _count(payload: Mapping[str, Any], name: str) -> int:
    value = payload.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else 0
