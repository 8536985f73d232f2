"""Two nodes that verify, and a stranger who keeps every byte."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gonka_conformance.transports.server import Loopback
from gonka_mock_node import MockNetwork


@pytest.fixture(scope="module")
def nodes() -> Iterator[MockNetwork]:
    with MockNetwork(2, profile="v0.2.13", explain=False) as network:
        yield network


@pytest.fixture
def network(nodes: MockNetwork) -> Iterator[MockNetwork]:
    nodes.reset()
    yield nodes
    nodes.faults.clear()


@pytest.fixture
def stranger() -> Iterator[Loopback]:
    """A host that is no endpoint and keeps every byte that comes."""
    with Loopback() as server:
        yield server
