"""Two mock nodes that verify, without faults at the start of each test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gonka_mock_node import MockNetwork


@pytest.fixture(scope="package")
def nodes() -> Iterator[MockNetwork]:
    with MockNetwork(2, profile="v0.2.13", explain=False) as network:
        yield network


@pytest.fixture
def network(nodes: MockNetwork) -> Iterator[MockNetwork]:
    nodes.reset()
    yield nodes
    nodes.faults.clear()


@pytest.fixture
def alone() -> Iterator[MockNetwork]:
    """Two nodes for one test, which counts their connections."""
    with MockNetwork(2, profile="v0.2.13", explain=False) as network:
        yield network
