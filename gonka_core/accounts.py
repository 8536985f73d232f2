"""An account: whether it is there, what it can spend, its key; asked of one node after another. A flow without I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Final

from . import account_answers as answers
from .account_answers import Account, account_of, routes
from .address import parse_address
from .answers import Answer
from .asking import ALL_S, Inquiry
from .endpoints import Endpoint
from .errors import MissingSettingError
from .nodetext import words
from .steps import Steps

__all__ = ["Account", "account_flow", "account_of", "routes"]

_FURTHER: Final = 3
"""Nodes that are asked besides one that told a part: others of the network rarely tell the rest."""


def account_flow(
    endpoints: Iterable[Endpoint], address: str | None, *, seconds: Callable[[], float], timeout_s: float = ALL_S
) -> Steps[Account]:
    """The account of an address, as the first node tells it that knows everything about it.

    What the node's own routes leave open is asked of the chain, and then of the next node. What nobody tells stays
    open in the account (a balance of None). `seconds` is a clock, `timeout_s` how long all of it may take.

    Raises `MissingSettingError` without an address, `InvalidAddressError`, and `NotToldError` where no node tells
    anything; its `sources` say why.
    """
    if address is None:
        raise MissingSettingError("there is no account to look at", "give its address or a key, or set GONKA_ADDRESS")
    parse_address(address, what="account address")
    address = address.lower()
    inquiry, partly, further = Inquiry.within(seconds, timeout_s), None, _FURTHER
    for endpoint in endpoints:
        if endpoint.api_key is not None:
            inquiry.note(endpoint, "a broker, which tells nothing of accounts")
            continue
        found = yield from _at(inquiry, endpoint, address)
        if found is not None and found.complete:
            return found
        partly = _fuller(partly, found)
        further -= partly is not None
        if further < 0:
            break
    if partly is None:
        raise inquiry.nobody(
            f"nobody tells of the account {address}",
            "name another node (--node-address, GONKA_SOURCE_URL), best one whose operator lets /chain-api through; "
            "gateways and brokers know no accounts",
        )
    return partly


def _at(inquiry: Inquiry, endpoint: Endpoint, address: str) -> Steps[Account | None]:
    """What one node and the chain behind it tell."""
    told = yield from _of_the_node(inquiry, endpoint, address)
    if told is not None and told.complete:
        return told
    chain = yield from _of_the_chain(inquiry, endpoint, address)
    return _joined(told, chain)


def _of_the_node(inquiry: Inquiry, endpoint: Endpoint, address: str) -> Steps[Account | None]:
    def read(_path: str, answer: Answer) -> Account | None:
        body = answer.body or b""
        if answer.ok:
            return account_of(address, body)
        return answers.refused_account_of(address, answer.status, words(body))

    told = yield from inquiry.ask((endpoint,), routes(address), read)
    return None if told is None else replace(told.value, node=endpoint.root, routes=(told.path,))


def _of_the_chain(inquiry: Inquiry, endpoint: Endpoint, address: str) -> Steps[Account | None]:
    def read(_path: str, answer: Answer) -> Account | None:
        return answers.chain_account_of(address, answer.status, answer.body or b"")

    told = yield from inquiry.ask((endpoint,), (answers.chain_route(address),), read)
    if told is None:
        return None
    found = replace(told.value, node=endpoint.root, routes=(told.path,))
    if not found.exists:
        return found
    balance = yield from inquiry.ask((endpoint,), answers.balance_routes(address), _balance)
    return (
        found if balance is None else replace(found, balance_ngonka=balance.value, routes=(*found.routes, balance.path))
    )


def _balance(_path: str, answer: Answer) -> int | None:
    return answers.chain_balance_of(answer.status, answer.body or b"")


def _joined(told: Account | None, chain: Account | None) -> Account | None:
    """Both, of which the chain knows better; a node's own routes tell what can be spent."""
    if told is None or chain is None or not chain.exists:
        return chain or told
    if told.balance_ngonka is None:
        return chain
    return replace(chain, balance_ngonka=told.balance_ngonka, routes=(*told.routes, chain.routes[0]))


def _fuller(one: Account | None, other: Account | None) -> Account | None:
    """The one of two that tells more."""
    if one is None or other is None:
        return one or other
    return other if one.balance_ngonka is None and other.balance_ngonka is not None else one
