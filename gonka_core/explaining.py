"""What a refusal leaves open, asked of the node that refused: who has how much, which models are served. No I/O.

None of this raises: whoever refuses tells little, and the error of the call says what it would have said without.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from . import accounts, models
from .errors import InsufficientBalanceError, ModelNotFoundError, PayloadError
from .escrow import escrow_of
from .inquiries import Inquirer
from .limits import OverLimitError, parse_object
from .steps import Steps

_MANY: Final = 20


def explain(
    inquirer: Inquirer, error: InsufficientBalanceError | ModelNotFoundError, body: bytes, model: str | None
) -> Steps[None]:
    """Amounts (`protocol.md` §3.6, §6.3), or the models that are served (§6.4), go into the error."""
    if isinstance(error, InsufficientBalanceError):
        yield from _amounts(inquirer, error, body, model)
    elif not error.served:
        error.served = models.served_of((yield from inquirer.read(models.LIST)) or b"")
        if error.served:
            error.next_step = f"choose one of those that are served: {_listed(error.served)}"


def _amounts(inquirer: Inquirer, error: InsufficientBalanceError, body: bytes, model: str | None) -> Steps[None]:
    error.available_ngonka = yield from _balance(inquirer)
    named = model or _model_of(body)
    price = None if named is None else (yield from _price(inquirer, named))
    if price is not None:
        error.needed_ngonka = _escrow(body, price)
    if error.needed_ngonka is not None and error.available_ngonka is not None:
        error.next_step = (
            f"add at least {max(error.needed_ngonka - error.available_ngonka, 0)} ngonka to {inquirer.party.address}, "
            f"or ask for a smaller max_tokens: the node sets {error.needed_ngonka} ngonka aside for this request, "
            f"and {error.available_ngonka} are there"
        )


def _balance(inquirer: Inquirer) -> Steps[int | None]:
    address = inquirer.party.address or ""
    for path in accounts.routes(address):
        body = yield from inquirer.read(path)
        account = accounts.account_of(address, body) if body else None
        if account is not None or body is None:
            return account.balance_ngonka if account else None
    return None


def _price(inquirer: Inquirer, model: str) -> Steps[int | None]:
    for path in models.price_routes(model):
        body = yield from inquirer.read(path)
        price = models.price_of(path, body, model) if body else None
        if price is not None or body is None:
            return price
    return None


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
