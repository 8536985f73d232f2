"""Routes that tell of the chain, each answered from a `Ledger`: the true one, or what a fault puts in its place."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, TypeAlias

from gonka_mock_node import faults
from gonka_mock_node.chain import Ledger
from gonka_mock_node.node import Node
from gonka_mock_node.reply import Reply

from .routing import Ask, Handler

Teller: TypeAlias = Callable[[Ask, Ledger], Reply]
_PARAMETER: Final = re.compile(r"\{(\w+)[^}]*\}")


def told(path: str, teller: Teller) -> Handler:
    """The handler of a route (its path in aiohttp's syntax). `/api/v1/…` counts as `/v1/…` to a fault."""

    def answer(ask: Ask) -> Reply:
        return teller(ask, ledger_of(ask.node, _PARAMETER.sub(lambda found: ask.parameters[found[1]], path)))

    return answer


def ledger_of(node: Node, path: str) -> Ledger:
    """What a node tells to a request for a path."""
    ledger = node.chain.ledger(node.provider_address)
    if not len(node.faults):
        return ledger
    seen = faults.Seen(path, node.number, node.provider_address, node.url, profile=node.profile)
    return faults.told(node.faults.strike(seen, "source"), ledger)
