"""What tokens cost, and how far that can be believed (`protocol.md` §3.6, §6.4).

chain       the chain's own number, with which a node reckons the escrow of a request
governance  the same number as the node's own list has it
fallback    the chain knows no price for the model: nodes reckon with 1000 ngonka then
legacy      units of compute times their price: what no request has been charged by for long
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias
from urllib.parse import quote

from .answers import Answer
from .asking import ALL_S, Inquiry, object_of
from .endpoints import Endpoint
from .numbers import whole
from .steps import Steps

PRICE_UNKNOWN: Final = 1000
"""ngonka a token: what a node reckons with for a model without a price (`protocol.md` §3.6)."""

PriceSource: TypeAlias = Literal["chain", "governance", "fallback", "legacy"]

_CHAIN: Final = "/chain-api/productscience/inference/inference"
ALL: Final = f"{_CHAIN}/all_model_per_token_prices"
"""The path behind the host at which the chain tells all its prices at once."""
GOVERNANCE: Final = "/v1/governance/pricing"
LEGACY: Final = "/v1/pricing"

_MOST: Final = 20
"""Models that are asked for one by one."""


@dataclass(frozen=True, slots=True)
class Price:
    """ngonka a token, and how that is known; see the head of this module."""

    ngonka: int
    source: PriceSource


def price_routes(model: str) -> tuple[str, ...]:
    """Paths that tell what a node reckons with, in the order to ask: the chain's own number, then the node's list."""
    return (f"{_CHAIN}/model_per_token_price/{quote(model, safe='', errors='replace')}", GOVERNANCE)


def price_of(path: str, body: bytes, model: str) -> int | None:
    """ngonka a token, from the answer to one of `price_routes`; None where it does not tell."""
    price = _price_at(path, body, model)
    return None if price is None or price.source == "legacy" else price.ngonka


def prices_of(path: str, body: bytes) -> Mapping[str, Price] | None:
    """Model to price, from the answer to `ALL`, `GOVERNANCE` or `LEGACY`; None where it is no such list."""
    told = object_of(body) or {}
    rows = told.get("model_prices" if path == ALL else "models")
    if not isinstance(rows, list):
        return None
    name, number = ("model_id", "price") if path == ALL else ("id", "price_per_token")
    source: PriceSource = "chain" if path == ALL else "governance" if told.get("dynamic_pricing_enabled") else "legacy"
    pairs = ((row.get(name), whole(row.get(number))) for row in rows if isinstance(row, dict))
    return {model: Price(price, source) for model, price in pairs if isinstance(model, str) and price is not None}


def price_flow(
    endpoints: Iterable[Endpoint], model: str, *, seconds: Callable[[], float], timeout_s: float = ALL_S
) -> Steps[Price | None]:
    """What a node reckons with for a model, as the first that tells has it; None where nobody does, as at a broker.

    A node that has only the older price cannot ask the chain, and reckons with the fallback itself.
    """
    inquiry = Inquiry.within(seconds, timeout_s)
    without_chain = False
    for endpoint in endpoints:
        if endpoint.api_key is None:
            found = (yield from prices_at(inquiry, endpoint, (model,))).get(model)
            if found is not None and found.source != "legacy":
                return found
            without_chain = without_chain or found is not None
    return Price(PRICE_UNKNOWN, "fallback") if without_chain else None


def prices_at(inquiry: Inquiry, endpoint: Endpoint, names: Collection[str]) -> Steps[Mapping[str, Price]]:
    """The prices of models as one node tells them, each from the best source that it has."""
    found: dict[str, Price] = {}
    if len(names) > 1:
        found |= yield from _listed(inquiry, endpoint, ALL)
    for name in [name for name in names if name not in found][:_MOST]:
        price = yield from _single(inquiry, endpoint, name)
        if price is None:
            break  # a node that does not let this path through does so for no model
        found[name] = price
    for path in (GOVERNANCE, LEGACY):
        if not set(names) <= found.keys():
            found = {**(yield from _listed(inquiry, endpoint, path)), **found}
    return found


def _listed(inquiry: Inquiry, endpoint: Endpoint, path: str) -> Steps[Mapping[str, Price]]:
    told = yield from inquiry.ask((endpoint,), (path,), _read)
    return {} if told is None else told.value


def _read(path: str, answer: Answer) -> Mapping[str, Price] | None:
    return prices_of(path, answer.body or b"") if answer.ok else None


def _single(inquiry: Inquiry, endpoint: Endpoint, model: str) -> Steps[Price | None]:
    def read(path: str, answer: Answer) -> Price | None:
        return _price_at(path, answer.body or b"", model) if answer.ok else None

    told = yield from inquiry.ask((endpoint,), price_routes(model)[:1], read)
    return None if told is None else told.value


def _price_at(path: str, body: bytes, model: str) -> Price | None:
    if path in (ALL, GOVERNANCE, LEGACY):
        return (prices_of(path, body) or {}).get(model)
    told = object_of(body) or {}
    if told.get("found") is False:
        return Price(PRICE_UNKNOWN, "fallback")
    price = whole(told.get("price")) if told.get("found") else None
    return None if price is None else Price(price, "chain")
