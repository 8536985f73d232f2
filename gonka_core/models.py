"""Models as nodes of every generation, and gateways, tell of them (`protocol.md` §6.4, §11.4). A flow without I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from .amounts import gnk
from .answers import Answer
from .asking import ALL_S, Inquiry, keyed, object_of
from .endpoints import Endpoint
from .nodetext import quoted
from .numbers import whole
from .prices import PRICE_UNKNOWN, Price, price_of, price_routes, prices_at
from .steps import Steps

if TYPE_CHECKING:
    from decimal import Decimal

__all__ = ["LIST", "PRICE_UNKNOWN", "Model", "models_flow", "models_of", "price_of", "price_routes", "served_of"]

LIST: Final = "/v1/models"
"""The path behind the host that lists the models which are served."""

_MILLION: Final = 1_000_000
_LONGEST_ID: Final = 300


@dataclass(frozen=True, slots=True)
class Model:
    """A model that is served. Lengths are in tokens; what nobody told is None, or empty.

    `price` is what its tokens cost and how that is known; None where the endpoint tells no price in coins, as a broker,
    which has prices of its own.
    """

    id: str
    name: str = ""
    context_length: int | None = None
    max_output: int | None = None
    quantization: str | None = None
    description: str = ""
    price: Price | None = None

    @property
    def price_ngonka(self) -> int | None:
        """ngonka a token; None where it is not known."""
        return None if self.price is None else self.price.ngonka

    @property
    def gnk_per_million(self) -> Decimal | None:
        """GNK for a million tokens, exact; None where it is not known."""
        return None if self.price is None else gnk(self.price.ngonka * _MILLION)


def models_flow(
    endpoints: Iterable[Endpoint], *, seconds: Callable[[], float], timeout_s: float = ALL_S
) -> Steps[tuple[Model, ...]]:
    """The models that are served, as the first endpoint tells them that tells any list, with their prices.

    An endpoint that lists none has the last word as well: the result is empty then. A broker is asked with its key.
    `seconds` is a clock, `timeout_s` how long all of it may take. Raises `NotToldError` where nobody tells.
    """
    inquiry = Inquiry.within(seconds, timeout_s)
    told = yield from inquiry.ask(endpoints, (LIST,), _read, keyed)
    if told is None:
        raise inquiry.nobody("nobody tells which models are served", "name another node, or check the broker's key")
    listed = told.value
    if told.endpoint.api_key is not None:
        return listed
    prices = yield from prices_at(inquiry, told.endpoint, [model.id for model in listed])
    return tuple(replace(model, price=prices.get(model.id)) for model in listed)


def models_of(body: bytes) -> tuple[Model, ...] | None:
    """The models in the answer to `LIST`, in its order, each id once; None where it is no such list.

    `data` since v0.2.12 and at gateways, `models` before, where null is an empty list. A row without an id that can be
    shown in a line is none.
    """
    told = object_of(body) or {}
    rows = told["data"] if "data" in told else _older(told)
    if not isinstance(rows, list):
        return None
    found: dict[str, Model] = {}
    for model in (_model(row) for row in rows if isinstance(row, dict)):
        if model is not None:
            found.setdefault(model.id, model)
    return tuple(found.values())


def _older(told: Mapping[str, Any]) -> object:
    rows = told.get("models", False)
    return [] if rows is None else rows


def served_of(body: bytes) -> tuple[str, ...]:
    """The ids in the answer to `LIST`, in its order; empty for anything else."""
    return tuple(model.id for model in models_of(body) or ())


def _model(row: Mapping[str, Any]) -> Model | None:
    name = row.get("id")
    if not isinstance(name, str) or not 0 < len(name) <= _LONGEST_ID or not name.isprintable():
        return None
    return Model(
        id=name,
        name=_text(row, "name") or name,
        context_length=_first(row, "context_length", "context_window"),
        max_output=_first(row, "max_output_length", "max_completion_tokens"),
        quantization=_text(row, "quantization") or None,
        description=_text(row, "description"),
    )


def _first(row: Mapping[str, Any], *names: str) -> int | None:
    """The first of these numbers that is there; nodes write 0 for what they do not know."""
    return next((found for name in names if (found := whole(row.get(name)))), None)


def _text(row: Mapping[str, Any], name: str) -> str:
    text = row.get(name)
    return quoted(text) if isinstance(text, str) and text.strip() else ""


def _read(_path: str, answer: Answer) -> tuple[Model, ...] | None:
    return models_of(answer.body or b"") if answer.ok else None
