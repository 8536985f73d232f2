"""What every integration is tried against: two mock nodes on loopback that verify as real ones do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gonka_mock_node import MockNetwork

PRIVATE_KEY = "0x" + "42" * 32


@pytest.fixture(scope="session")
def nodes() -> Iterator[MockNetwork]:
    with MockNetwork(2, profile="v0.2.13") as network:
        yield network


@pytest.fixture
def network(nodes: MockNetwork) -> Iterator[MockNetwork]:
    """Two nodes with an empty journal and no faults."""
    nodes.reset()
    yield nodes
    nodes.faults.clear()


@pytest.fixture
def private_key() -> str:
    """A key in hex, as users have it."""
    return PRIVATE_KEY


@pytest.fixture
def endpoints(network: MockNetwork) -> list[str]:
    """The two nodes as `url;address`."""
    return [f"{node.url};{node.provider_address}" for node in network.nodes]


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch, private_key: str, endpoints: list[str]) -> None:
    """The settings of a user whose endpoints are the two nodes."""
    monkeypatch.setenv("GONKA_PRIVATE_KEY", private_key)
    monkeypatch.setenv("GONKA_ENDPOINTS", ",".join(endpoints))
