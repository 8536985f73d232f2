"""Whether an account can make signed requests, and what mends each shortfall (`protocol.md` §3.4, §3.6, §8)."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias

from .accounts import Account, account_flow
from .address import address_of
from .asking import ALL_S
from .discovery.records import MAINNET
from .endpoints import Endpoint
from .errors import MissingSettingError, PayloadError
from .escrow import MOST_TOKENS, escrow_of
from .limits import OverLimitError, parse_object
from .prices import Price, price_flow
from .request import Payload, encode
from .steps import Steps

ShortfallName: TypeAlias = Literal[
    "no-account", "other-key-type", "not-published", "key-mismatch", "no-coins", "not-covered", "unknown"
]


@dataclass(frozen=True, slots=True)
class Shortfall:
    """What an account lacks: a word for programs, the problem, and what mends it."""

    name: ShortfallName
    problem: str
    remedy: str


@dataclass(frozen=True, slots=True)
class Readiness:
    """An account and a request that it is to pay.

    `key_matches`: whether the key at hand (`local_key`, 33 bytes) is that of the account, and the one that is
    published, if any is; None where no key is at hand. `model`, `price` and `escrow_ngonka` are those of the request,
    None without one, or where nobody tells the price.
    """

    account: Account
    local_key: bytes | None = None
    model: str | None = None
    price: Price | None = None
    escrow_ngonka: int | None = None

    @property
    def key_matches(self) -> bool | None:
        return None if self.local_key is None else belongs(self.local_key, self.account)

    @property
    def covered(self) -> bool | None:
        """Whether the balance covers the escrow; None where one of the two is not known."""
        return covers(self.account, self.escrow_ngonka)

    @property
    def ready(self) -> bool:
        """Whether nothing is lacking, and nothing that matters is unknown."""
        return not self.shortfalls

    @property
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """Everything that is lacking, in the order in which to mend it."""
        found = [*_of_the_key(self), *_of_the_coins(self)] if self.account.exists else [_no_account(self.account)]
        return tuple(found)


def estimate(payload: Payload, price: int) -> int:
    """ngonka that a node sets aside for a payload, a mapping or the bytes of one, at `price` ngonka a token.

    Raises `PayloadError` as `escrow_of` does, and for a mapping that cannot be encoded.
    """
    return escrow_of(encode(payload), price)


def covers(account: Account, escrow_ngonka: int | None) -> bool | None:
    """Whether the balance is enough: an equal one is. None where balance or escrow is not known."""
    if account.balance_ngonka is None or escrow_ngonka is None:
        return None
    return account.balance_ngonka >= escrow_ngonka


def belongs(public_key: bytes, account: Account) -> bool:
    """Whether a public key (33 bytes) is that of an account, and no other one is published."""
    return address_of(public_key) == account.address and account.public_key in (None, public_key)


def asked_of(payload: Payload | None, model: str | None = None, max_tokens: int | None = None) -> bytes:
    """The payload to reckon with: this one, with model and `max_tokens` in place of its own where they are given.

    Without a payload only the answer is reckoned with. Raises `PayloadError`.
    """
    if payload is not None and model is None and max_tokens is None:
        return encode(payload)
    fields: dict[str, Any] = {"messages": []} if payload is None else _fields(payload)
    if model is not None:
        fields["model"] = model
    if max_tokens is not None:
        if not 0 <= max_tokens <= MOST_TOKENS:
            raise PayloadError(f"max_tokens is not between 0 and {MOST_TOKENS}", "give a smaller number, or none")
        fields["max_tokens"] = max_tokens
    return json.dumps(fields).encode("ascii")


def readiness_flow(
    endpoints: Iterable[Endpoint],
    address: str | None,
    *,
    local_key: bytes | None = None,
    body: bytes | None = None,
    seconds: Callable[[], float],
    timeout_s: float = ALL_S,
) -> Steps[Readiness]:
    """Ask for an account, and for the price of the model that a payload names.

    `local_key` (33 bytes) is the public key at hand, `body` the bytes of the payload. Raises as `account_flow`;
    `PayloadError` for a body that no node would reckon with, and `MissingSettingError` for one that names no model.
    """
    endpoints = tuple(endpoints)
    model = None if body is None else _model_of(body)
    ends = seconds() + timeout_s
    account = yield from account_flow(endpoints, address, seconds=seconds, timeout_s=timeout_s)
    if body is None or model is None:
        return Readiness(account, local_key)
    price = yield from price_flow(endpoints, model, seconds=seconds, timeout_s=max(ends - seconds(), 0.0))
    escrow = None if price is None else escrow_of(body, price.ngonka)
    return Readiness(account, local_key, model, price, escrow)


def publish_command(node: str) -> str:
    """The command that publishes a key, through the node at a URL without `/v1` (`protocol.md` §8)."""
    return f"inferenced publish-pubkey --from NAME --node {node or 'URL'}/chain-rpc/ --chain-id {MAINNET}"


def _of_the_key(readiness: Readiness) -> Iterator[Shortfall]:
    account = readiness.account
    if readiness.key_matches is False:
        assert readiness.local_key is not None
        yield _mismatch(account, address_of(readiness.local_key))
    if account.other_key is not None:
        problem = f"the key on the chain is of the type {account.other_key}, which nodes cannot verify requests with"
        yield Shortfall("other-key-type", problem, "use an account with a plain secp256k1 key")
    elif not account.published:
        remedy = "publish it with the account's first transaction, at a node that lets /chain-rpc through: "
        remedy += publish_command(account.node)
        yield Shortfall("not-published", "its public key is not on the chain, so no signature verifies", remedy)


def _mismatch(account: Account, own: str) -> Shortfall:
    if own != account.address:
        problem, remedy = f"the key at hand is that of {own}", "use the key of this account, or look at your own"
    else:
        problem = "the node tells another public key for it than the key at hand has"
        remedy = f"do not believe {account.node or 'that node'}: an address has one key; ask another"
    return Shortfall("key-mismatch", problem, remedy)


def _of_the_coins(readiness: Readiness) -> Iterator[Shortfall]:
    account, needed, balance = readiness.account, readiness.escrow_ngonka, readiness.account.balance_ngonka
    if readiness.model is not None and readiness.price is None:
        problem = f"nobody tells what {readiness.model} costs"
        yield Shortfall("unknown", problem, "ask a node with --node-address; brokers have prices of their own")
    if balance is None:
        yield Shortfall("unknown", "nobody tells its balance", "ask a node whose operator lets /chain-api through")
    elif needed is not None and balance < needed:
        problem = f"a node sets {needed} ngonka aside for this request, and {balance} are there"
        remedy = f"add at least {needed - balance} ngonka to {account.address}, or ask for a smaller max_tokens"
        yield Shortfall("not-covered", problem, remedy)
    elif needed is None and balance == 0:
        yield Shortfall("no-coins", "it has no coins", f"send some to {account.address}")


def _no_account(account: Account) -> Shortfall:
    remedy = f"send some coins to {account.address}; then {publish_command(account.node)}"
    return Shortfall("no-account", "the chain does not know the account", remedy)


def _fields(payload: Payload) -> dict[str, Any]:
    try:
        found = parse_object(encode(payload))
    except OverLimitError:
        found = None
    if found is None:
        raise PayloadError("the payload is not a JSON object", "give the bytes of a chat request")
    return dict(found)


def _model_of(body: bytes) -> str:
    """The model of a payload, which is looked at before anybody is asked."""
    escrow_of(body, 0)
    model = _fields(body).get("model")
    if not isinstance(model, str) or not model:
        raise MissingSettingError("the payload names no model, so that it has no price", "name one with --model")
    return model
