"""A key and a source are enough, with the strictest proof, while the network lives: epochs change and nodes die."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from gonka_core import Client, PrivateKey
from gonka_core.discovery import Network
from gonka_mock_node import MockNetwork, Participant

KEY = PrivateKey.generate()
ANSWER = "You said: hello"
PAYLOAD = {"model": "test", "messages": [{"role": "user", "content": "hello"}]}


@pytest.fixture
def network() -> Iterator[MockNetwork]:
    """Five nodes. The first two tell who takes part; the third is excluded, the fourth is not on the allow-list."""
    with MockNetwork(5, models=["test"]) as running:
        first, second, third, fourth, fifth = running.nodes
        running.chain.exclude(third.provider_address, "invalid")
        running.chain.allow(*(node.provider_address for node in (first, second, third, fifth)))
        assert fourth.provider_address not in running.chain.params.allowed_transfer_addresses
        yield running


def sources(network: MockNetwork) -> str:
    return ",".join(node.public_url for node in network.nodes[:2])


def chat(network: MockNetwork, tmp_path: Path, *options: str, source: str = "") -> subprocess.CompletedProcess[str]:
    """`gonka chat` in a process that knows a key and where to ask, and nothing else."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GONKA_")}
    environ = kept | {
        "GONKA_PRIVATE_KEY": KEY.reveal().hex(),
        "GONKA_SOURCE_URL": source or sources(network),
        "XDG_CACHE_HOME": os.fspath(tmp_path),
    }
    command = [sys.executable, "-m", "gonka_core", "chat", "hello", *options]
    return subprocess.run(command, env=environ, capture_output=True, text=True, timeout=60, check=False)


def asked(network: MockNetwork) -> set[int]:
    """The numbers of the nodes that were asked, from 1."""
    numbers = {node.url: number for number, node in enumerate(network.nodes, start=1)}
    return {numbers[verdict.node] for verdict in network.journal}


def test_a_key_and_a_source_are_enough(network: MockNetwork, tmp_path: Path) -> None:
    done = chat(network, tmp_path, "--verify", "validators")
    assert (done.stdout, done.stderr, done.returncode) == (f"{ANSWER}\n", "", 0)
    network.assert_accepted(1)


def test_one_source_alone_vouches_for_nobody(network: MockNetwork, tmp_path: Path) -> None:
    done = chat(network, tmp_path, "--verify", "validators", source=network.nodes[0].public_url)
    assert (done.stdout, done.returncode) == ("", 1)
    assert "nobody vouches for the validators" in done.stderr
    assert network.chain.validators_hash.hex() in done.stderr
    pinned = ("--trust", network.chain.validators_hash.hex())
    again = chat(network, tmp_path, "--verify", "validators", *pinned, source=network.nodes[0].public_url)
    assert (again.stdout, again.returncode) == (f"{ANSWER}\n", 0)


def test_whom_it_asks_and_whom_it_does_not(network: MockNetwork) -> None:
    with Client(network=Network(tuple(sources(network).split(",")), verify="validators"), private_key=KEY) as client:
        for _ in range(40):
            client.chat(PAYLOAD)
        assert client.discover().level == "validators"
    network.assert_accepted(40)
    assert asked(network) == {1, 2, 5}


def test_it_goes_on_over_a_change_of_the_epoch_and_a_node_that_dies(network: MockNetwork, tmp_path: Path) -> None:
    with Client(network=Network(tuple(sources(network).split(",")), verify="validators"), private_key=KEY) as client:
        client.chat(PAYLOAD)
        network.chain.leave(network.nodes[1].provider_address)
        fresh = network.nodes[3]
        network.chain.next_epoch()
        network.chain.join(Participant(fresh.provider_address, fresh.public_url))
        network.chain.allow_everyone()
        network.faults.add("refused", node=5)
        assert [client.chat(PAYLOAD).text for _ in range(20)] == [ANSWER] * 20
    done = chat(network, tmp_path, "--verify", "validators", "--model", "test")
    assert (done.stdout, done.returncode) == (f"{ANSWER}\n", 0), done.stderr


@pytest.mark.parametrize(
    ("lie", "words"),
    [
        ("forged-proof", "proof"),
        ("contradicting-participants", "otherwise than it is proven"),
        ("forged-app-hash", "another block"),
        ("forged-commit", "signature at place"),
        ("forged-validators", "nobody vouches"),
        ("minority-commit", "signed the block"),
    ],
)
def test_where_every_source_lies_nothing_is_signed(network: MockNetwork, tmp_path: Path, lie: str, words: str) -> None:
    network.faults.add(lie, node=1)
    network.faults.add(lie, node=2)
    done = chat(network, tmp_path, "--verify", "validators", source=network.nodes[0].public_url)
    assert (done.stdout, done.returncode) == ("", 1)
    assert words in done.stderr
    assert not network.journal


def test_an_epoch_of_two_days_ago_is_not_the_current_one(network: MockNetwork, tmp_path: Path) -> None:
    """Genuine, proven, and signed by the pinned validators."""
    chain = network.chain
    pinned = ("--trust", chain.validators_hash.hex())
    source = network.nodes[0].public_url
    assert chat(network, tmp_path / "one", "--verify", "validators", *pinned, source=source).returncode == 0
    assert len(network.journal) == 1
    chain.epochs[chain.epoch] = replace(chain.current, time_ns=chain.current.time_ns - 2 * 86_400 * 10**9)
    done = chat(network, tmp_path / "two", "--verify", "validators", *pinned, source=source)
    assert (done.stdout, done.returncode) == ("", 1)
    assert "h old, and at most 30.0 h are accepted" in done.stderr
    assert len(network.journal) == 1


def test_a_pin_is_good_for_the_next_epoch(network: MockNetwork, tmp_path: Path) -> None:
    pinned = ("--trust", network.chain.validators_hash.hex())
    network.chain.leave(network.nodes[4].provider_address)
    network.chain.next_epoch()
    assert network.chain.validators_hash.hex() != pinned[1]
    done = chat(network, tmp_path, "--verify", "validators", *pinned, source=network.nodes[0].public_url)
    assert (done.stdout, done.returncode) == (f"{ANSWER}\n", 0), done.stderr


def test_a_source_that_lies_is_passed_over(network: MockNetwork, tmp_path: Path) -> None:
    """The second tells the truth, and the third vouches for it."""
    network.faults.add("forged-app-hash", node=1)
    three = ",".join(node.public_url for node in network.nodes[:3])
    done = chat(network, tmp_path, "--verify", "validators", source=three)
    assert (done.stdout, done.returncode) == (f"{ANSWER}\n", 0), done.stderr
