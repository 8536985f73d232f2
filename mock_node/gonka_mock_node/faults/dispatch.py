"""What the faults that struck do, stage by stage. The first that answers instead of the node wins; changes add up."""

from __future__ import annotations

from gonka_mock_node.chain import Chain, Ledger
from gonka_mock_node.reply import Reply

from .catalogue import CATALOGUE
from .memory import Memory
from .records import Change, Executor, Fault, Front, OnChain, Seen, Source


def before(struck: tuple[Fault, ...], seen: Seen) -> Reply | None:
    """The answer of what stands in front of the node, or None: the request gets through."""
    for fault in struck:
        effect = CATALOGUE[fault.name]
        if isinstance(effect, Front):
            return effect.apply(fault, seen)
    return None


def on_chain(struck: tuple[Fault, ...], chain: Chain, provider_address: str) -> None:
    """Change the chain before a request to that node is judged. What is changed stays."""
    for fault in struck:
        effect = CATALOGUE[fault.name]
        if isinstance(effect, OnChain):
            effect.apply(fault, chain, provider_address)


def told(struck: tuple[Fault, ...], ledger: Ledger) -> Ledger:
    """What the node tells instead of the true ledger."""
    for fault in struck:
        effect = CATALOGUE[fault.name]
        if isinstance(effect, Source):
            ledger = effect.apply(fault, ledger)
    return ledger


def instead(struck: tuple[Fault, ...], seen: Seen) -> Reply | None:
    """The executor's answer to a request that passed every rule, or None: a good one."""
    for fault in struck:
        effect = CATALOGUE[fault.name]
        if isinstance(effect, Executor):
            return effect.apply(fault, seen)
    return None


def after(struck: tuple[Fault, ...], reply: Reply, memory: Memory, seen: Seen) -> Reply:
    """The reply as it goes out. It is kept as it was before any change, once it is complete."""
    earlier = memory.earlier(seen) if struck else None
    reply = memory.remembering(seen, reply)
    for fault in struck:
        effect = CATALOGUE[fault.name]
        if isinstance(effect, Change):
            reply = effect.apply(fault, reply, earlier)
    return reply
