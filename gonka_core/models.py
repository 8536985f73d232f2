"""Models and their prices, as nodes tell of them (`protocol.md` §6.4). Nothing is asked here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import quote

from .limits import OverLimitError, parse_object
from .numbers import whole

LIST: Final = "/v1/models"
"""The path behind the host that lists the models which are served."""

PRICE_UNKNOWN: Final = 1000
"""ngonka a token: what a node reckons with for a model without a price (`protocol.md` §3.6)."""

_PRICING: Final = "/v1/governance/pricing"


def served_of(body: bytes) -> tuple[str, ...]:
    """The ids in the answer to `LIST`, in its order: `data` since v0.2.12, `models` before. Empty for anything else."""
    told = _object(body)
    rows = told.get("data") or told.get("models")
    ids = [row.get("id") for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return tuple(name for name in ids if isinstance(name, str) and name)


def price_routes(model: str) -> tuple[str, ...]:
    """Paths that tell the price of a model, in the order to ask: the chain's own number, then the node's list."""
    chain = f"/chain-api/productscience/inference/inference/model_per_token_price/{quote(model, safe='')}"
    return (chain, _PRICING)


def price_of(path: str, body: bytes, model: str) -> int | None:
    """ngonka a token, from the answer to one of `price_routes`; None where it does not tell."""
    told = _object(body)
    if path != _PRICING:
        return whole(told.get("price")) if told.get("found") else PRICE_UNKNOWN if told.get("found") is False else None
    rows = told.get("models")
    if not told.get("dynamic_pricing_enabled") or not isinstance(rows, list):
        return None
    prices = (row.get("price_per_token") for row in rows if isinstance(row, dict) and row.get("id") == model)
    return whole(next(prices, None))


def _object(body: bytes) -> Mapping[str, Any]:
    try:
        return parse_object(body) or {}
    except OverLimitError:
        return {}
