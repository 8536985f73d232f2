"""Nodes that lie: each breaks one link of the evidence and no other. Its neighbour on the same chain tells the truth.

`evidence` finds what does not hold, with hashes and signatures of its own.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from gonka_mock_node import BlockClock, Chain, MockNetwork
from gonka_mock_node.faults import CATALOGUE
from tests.mock_node.evidence import fetched, flaws, gathered, header_hash, rpc, validators_hash
from tests.mock_node.requester import Requester, get
from tests.mock_node.test_proofs import op_of, root_of

NOW = 1_766_422_712 * 10**9
WEIGHTS = (1000, 900, 800)
REST = "/chain-api/cosmos/base/tendermint/v1beta1"
LIES: list[tuple[str, dict[str, Any], set[str]]] = [
    ("forged-proof", {}, {"proof", "url"}),
    ("forged-proof", {"which": "path"}, {"proof", "url"}),
    ("contradicting-participants", {}, {"json", "url"}),
    ("forged-app-hash", {}, {"block", "url"}),
    ("forged-commit", {}, {"signatures", "url"}),
    ("forged-validators", {}, {"anchor", "url"}),
    ("minority-commit", {}, {"power"}),
    ("stale-epoch", {}, {"epoch"}),
    ("lying-identity", {}, {"identity"}),
]


@pytest.fixture
def network() -> Iterator[MockNetwork]:
    """Three nodes of unequal weight, in the second epoch; block time stands still."""
    with MockNetwork(3, chain=Chain(clock=BlockClock(lambda: NOW))) as network:
        for participant, weight in zip(network.chain.participants(), WEIGHTS, strict=True):
            network.chain.join(replace(participant, weight=weight))
        network.chain.next_epoch()
        yield network


def test_there_is_a_row_for_every_lie() -> None:
    assert {name for name, _, _ in LIES} == {name for name, effect in CATALOGUE.items() if effect.stage == "source"}


@pytest.mark.parametrize("from_blocks", [False, True], ids=["commit", "blocks"])
@pytest.mark.parametrize(("name", "fields", "broken"), LIES)
def test_a_lie_breaks_what_it_says_and_nothing_else(
    network: MockNetwork, name: str, fields: dict[str, Any], broken: set[str], from_blocks: bool
) -> None:
    liar, honest, _ = network.nodes
    network.faults.add(name, node=1, **fields)
    assert flaws(gathered(liar, from_blocks=from_blocks), network, liar) == broken
    assert flaws(gathered(honest, from_blocks=from_blocks), network, honest) == set()
    network.faults.clear()
    assert flaws(gathered(liar, from_blocks=from_blocks), network, liar) == set()


@pytest.mark.parametrize("which", ["value", "path"])
def test_where_a_forged_proof_breaks(network: MockNetwork, which: str) -> None:
    """At the first op's value, or between the two ops."""
    network.faults.add("forged-proof", which=which)
    document = fetched(network.nodes[0], "/v1/epochs/current/participants")
    first, second = (root_of(op_of(each).data) for each in document["proof_ops"]["ops"])
    fits = first[1] == bytes.fromhex(document["active_participants_bytes"])
    assert (fits, first[2] == second[1]) == ((True, False) if which == "path" else (False, True))


def test_a_forged_chain_is_a_chain_of_its_own(network: MockNetwork) -> None:
    liar, honest, _ = network.nodes
    network.faults.add("forged-validators", node=1)
    found, true = gathered(liar), gathered(honest)
    assert validators_hash(found.validators) != validators_hash(true.validators)
    assert [each["pub_key"] for each in found.document["validators"]] == [
        each["pub_key"]["value"] for each in found.validators
    ]
    assert {each["validator_key"] for each in found.document["active_participants"]["participants"]} == {
        each["pub_key"]["value"] for each in found.validators
    }
    shown = fetched(liar, f"{REST}/validatorsets/{found.height}")["validators"]
    assert [each["pub_key"]["key"] for each in shown] == [each["pub_key"]["value"] for each in found.validators]


def test_a_minority_is_as_many_as_two_thirds_allow(network: MockNetwork) -> None:
    network.faults.add("minority-commit")
    votes = gathered(network.nodes[0]).commit["signatures"]
    assert [vote["block_id_flag"] for vote in votes] == [2, 1, 2]


@pytest.mark.parametrize("name", ["forged-app-hash", "forged-commit", "forged-validators"])
def test_rest_tells_the_same_lie(network: MockNetwork, name: str) -> None:
    liar = network.nodes[0]
    network.faults.add(name, node=1)
    height = gathered(liar).height
    told, rest = rpc(liar, f"block?height={height}"), fetched(liar, f"{REST}/blocks/{height}")
    assert _hex(rest["block_id"]["hash"]) == told["block_id"]["hash"].lower()
    assert _hex(rest["block"]["header"]["app_hash"]) == told["block"]["header"]["app_hash"].lower()
    assert header_hash(told["block"]["header"]) == told["block_id"]["hash"]


def _hex(text: str) -> str:
    return base64.b64decode(text).hex()


def test_another_url_and_another_address_can_be_given(network: MockNetwork) -> None:
    liar = network.nodes[0]
    network.faults.add("contradicting-participants", url="http://198.51.100.1:1")
    listed = fetched(liar, "/v1/epochs/current/participants")["active_participants"]["participants"]
    others = [node.public_url for node in network.nodes[1:]]
    assert [each["inference_url"] for each in listed] == ["http://198.51.100.1:1", *others]
    network.faults.add("lying-identity", address=network.nodes[1].provider_address)
    assert fetched(liar, "/v1/identity")["data"]["address"] == network.nodes[1].provider_address


def test_an_older_epoch_can_still_be_asked_for_by_its_number(network: MockNetwork) -> None:
    liar = network.nodes[0]
    network.faults.add("stale-epoch")
    assert fetched(liar, "/v1/epochs/latest")["latest_epoch"]["index"] == network.chain.epoch - 1
    asked = fetched(liar, f"/v1/epochs/{network.chain.epoch}/participants")
    assert asked["active_participants"]["epoch_id"] == network.chain.epoch


def test_where_there_is_one_epoch_only_it_stays() -> None:
    with MockNetwork(1) as network:
        network.faults.add("stale-epoch")
        shown = fetched(network.nodes[0], "/v1/epochs/current/participants")
        assert shown["active_participants"]["epoch_id"] == network.chain.epoch


def test_lies_add_up(network: MockNetwork) -> None:
    liar = network.nodes[0]
    for name in ("stale-epoch", "lying-identity", "contradicting-participants", "minority-commit"):
        network.faults.add(name)
    assert flaws(gathered(liar), network, liar) == {"epoch", "identity", "json", "url", "power"}


def test_a_lie_on_one_route_only(network: MockNetwork) -> None:
    """The document is forged, and the commit that another route tells is the true one."""
    liar = network.nodes[0]
    network.faults.add("forged-commit", route="/v1/epochs/*")
    assert flaws(gathered(liar), network, liar) == {"app-hash", "url"}


def test_what_cannot_show_a_lie_does_not_count(network: MockNetwork) -> None:
    liar = network.nodes[0]
    fault = network.faults.add("forged-validators", times=1)
    for path in ("/v1/status", "/v1/models", "/v1/epochs/latest", "/v1/identity", "/chain-rpc/health"):
        get(liar.url, path)
    assert network.faults.strikes(fault.id) == 0
    assert flaws(gathered(liar), network, liar) >= {"app-hash", "url"}
    assert network.faults.strikes(fault.id) == 1
    assert flaws(gathered(liar), network, liar) == set()


@pytest.mark.parametrize("name", sorted({name for name, _, _ in LIES}))
def test_who_only_asks_for_words_meets_no_lie(network: MockNetwork, name: str) -> None:
    liar = network.nodes[0]
    network.faults.add(name)
    assert Requester(liar.provider_address).ask(liar.url, timestamp=NOW).status == 200
    assert network.journal[-1].faults == ()


@pytest.mark.parametrize(("name", "fields", "status"), [("latency", {"seconds": 0.01}, 200), ("bad-gateway", {}, 502)])
def test_a_source_can_also_stall_or_be_gone(
    network: MockNetwork, name: str, fields: dict[str, Any], status: int
) -> None:
    """The faults in front of a node and on the way back strike these routes too."""
    fault = network.faults.add(name, route="/chain-rpc/*", node=1, **fields)
    assert [get(node.url, "/chain-rpc/commit").status for node in network.nodes] == [status, 200, 200]
    assert network.faults.strikes(fault.id) == 1


def test_lies_in_the_newest_shape() -> None:
    with MockNetwork(1, profile="v0.2.15") as network:
        before = fetched(network.nodes[0], "/v1/epochs/current/participants")
        network.faults.add("contradicting-participants")
        after = fetched(network.nodes[0], "/v1/epochs/current/participants")
        assert after["active_participants_bytes"] == before["active_participants_bytes"]
        assert json.dumps(after).count("203.0.113.66") == 1
        assert json.dumps(before).count("203.0.113.66") == 0
