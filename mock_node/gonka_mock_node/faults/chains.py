"""Faults of the chain, which all nodes of a network share: what they change stays until the chain is changed again."""

from __future__ import annotations

from typing import Final

from gonka_mock_node.chain import Chain

from .records import Fault, OnChain, seconds

_NOBODY: Final = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
"""Of mainnet's allow-list (`protocol.md` §3.9): keeps the list from being empty, which would allow everyone."""
_DAY_S: Final = 86_400.0


def block_lag(fault: Fault, chain: Chain, _provider_address: str) -> None:
    chain.clock.lag(fault.number("seconds"))


def block_jump(fault: Fault, chain: Chain, _provider_address: str) -> None:
    chain.clock.advance(fault.number("seconds"))


def provider_removed(_fault: Fault, chain: Chain, provider_address: str) -> None:
    """The list without that node; where everyone was allowed, it becomes the other participants."""
    listed = chain.params.allowed_transfer_addresses or {one.address for one in chain.participants() if one.address}
    chain.allow(*(listed - {provider_address} or {_NOBODY}))


def epoch_change(_fault: Fault, chain: Chain, _provider_address: str) -> None:
    chain.next_epoch()


EFFECTS: Final = (
    OnChain(
        name="block-lag",
        summary="correct requests are refused with `signature is in the future` when it is over 30 s; 0 ends it",
        stands_for="a chain that slows down or halts, or a node that falls behind it",
        parameters={"seconds": seconds(45.0, "how far the latest block is behind the wall clock", _DAY_S)},
        apply=block_lag,
    ),
    OnChain(
        name="block-jump",
        summary="block time moves forward at each strike: over 60 s, correct requests are refused with "
        "`signature is too old`",
        stands_for="a client's clock that is late, and used signatures that a node forgets",
        parameters={"seconds": seconds(90.0, "how far it moves", _DAY_S)},
        apply=block_jump,
    ),
    OnChain(
        name="provider-removed",
        summary="403 `Transfer Agent not allowed` from the node that was asked, from now on; others stay allowed",
        stands_for="a change of the allow-list by the network's governance",
        apply=provider_removed,
    ),
    OnChain(
        name="epoch-change",
        summary="another epoch, with its own participants; what a client has discovered may be out of date",
        stands_for="the end of an epoch, about once a day",
        apply=epoch_change,
    ),
)
