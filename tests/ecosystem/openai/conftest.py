"""Settings of the clients under test."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from gonka_core import PrivateKey, RetryPolicy
from gonka_mock_node import MockNetwork


@pytest.fixture
def settings(endpoints: list[str], private_key: str) -> dict[str, Any]:
    """The arguments of a user."""
    return {"endpoints": endpoints, "gonka_private_key": private_key}


@pytest.fixture
def core(endpoints: list[str], private_key: str) -> dict[str, Any]:
    """Those of a `Client` that asks the first node first, has no scheme to learn, and does not wait between repeats."""
    return {
        "endpoints": endpoints,
        "private_key": PrivateKey.from_hex(private_key),
        "selector": "first",
        "scheme": "hash",
        "retry": RetryPolicy(backoff=0.0),
    }


@pytest.fixture
def lonely() -> Iterator[MockNetwork]:
    """A node that nobody else has a connection to: one that is silent for long still has those of other tests."""
    with MockNetwork(1, profile="v0.2.13") as network:
        yield network


@pytest.fixture
def at_lonely(lonely: MockNetwork, private_key: str) -> dict[str, Any]:
    """`settings` for that node."""
    (node,) = lonely.nodes
    return {"endpoints": f"{node.url};{node.provider_address}", "gonka_private_key": private_key}
