"""Two mock nodes that verify, and an input."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from gonka_mock_node import MockNetwork
from tests.batch import jobs


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
def source(tmp_path: Path) -> Path:
    """An input of forty lines."""
    return jobs.numbered(tmp_path / "in.jsonl", 40)


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "out.jsonl"
