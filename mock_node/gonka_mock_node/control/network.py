"""What the control plane needs of a network of nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from gonka_mock_node.chain import Chain
from gonka_mock_node.expectations import Expectations
from gonka_mock_node.faults import Faults
from gonka_mock_node.journal import Journal, Verdict
from gonka_mock_node.node import Node


class Network(Protocol):
    """Nodes on one chain, with one journal."""

    @property
    def nodes(self) -> Sequence[Node]: ...
    @property
    def chain(self) -> Chain: ...
    @property
    def journal(self) -> Journal: ...
    @property
    def faults(self) -> Faults: ...
    @property
    def expectations(self) -> Expectations: ...
    def reset(self) -> None:
        """Be as at the beginning: journal, replay memories, faults, expectations and the chain."""


def node_of(network: Network, verdict: Verdict) -> Node:
    """The node that answered, or the first: they differ in nothing that a verdict is explained by."""
    return next((node for node in network.nodes if node.url == verdict.node), network.nodes[0])


def url_of(network: Network, named: int | str) -> str | None:
    """The URL of a node by its number (from 1), its URL (with or without `/v1`) or its provider address."""
    for node in network.nodes:
        if str(named) in (str(node.number), node.provider_address, node.url, node.url.removesuffix("/v1")):
            return node.url
    return None


def is_listening(network: Network, node: Node) -> bool:
    """Whether connections to that node are accepted, as far as faults decide it."""
    return bool(node.url) and not network.faults.refusing(node.number, node.url, node.provider_address)
