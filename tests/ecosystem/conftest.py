"""What every integration is tried against: two mock nodes on loopback that verify as real ones do."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from gonka_mock_node import MockNetwork
from tests.ecosystem.model import obliging
from tests.ecosystem.pages import Block, blocks

PRIVATE_KEY = "0x" + "42" * 32


@pytest.fixture(scope="session")
def nodes() -> Iterator[MockNetwork]:
    with MockNetwork(2, profile="v0.2.13", answer=obliging) as network:
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


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with the argument `block` runs once for each ```py block of the page that its module names in `PAGE`.

    Where the module says `CONTINUED = True`, each block goes on from the page's first.
    """
    if "block" in metafunc.fixturenames:
        module: Any = metafunc.module
        found = blocks(module.PAGE, continued=getattr(module, "CONTINUED", False))
        metafunc.parametrize("block", found, ids=str)


@pytest.fixture
def run_block(
    environment: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[Block], dict[str, Any]]:
    """Runs a block as the script of a user, checks that it prints what it says, and returns its names."""
    monkeypatch.chdir(tmp_path)
    return lambda block: block.run(tmp_path, lambda: capsys.readouterr().out)
