"""Mock nodes that serve blocks, commits and validators over sockets, one of them a liar: what each lie comes out as."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Literal, TypeAlias

import pytest

from gonka_core.errors import ProofError
from gonka_core.proofs import anchored, consistent, sealed
from gonka_mock_node import MockNetwork
from gonka_mock_node.profiles import profile_named

Route: TypeAlias = Literal["rpc", "rest"]
REST = "/chain-api/cosmos/base/tendermint/v1beta1"
LIAR = 1


@pytest.fixture(scope="module", params=["v0.2.13", "v0.2.15"])
def network(request: pytest.FixtureRequest) -> Iterator[MockNetwork]:
    closed = profile_named(request.param)
    with MockNetwork(nodes=4, profile=replace(closed, routes=replace(closed.routes, chain_proxy=True))) as network:
        network.chain.next_epoch()
        yield network


def asked(network: MockNetwork, number: int, path: str) -> Any:
    source = network.nodes[number].url.removesuffix("/v1")
    with urllib.request.urlopen(f"{source}{path}", timeout=20) as response:
        return json.load(response)


def commit_and_rows(network: MockNetwork, number: int, height: int, route: Route) -> tuple[Any, list[Any]]:
    """What a source tells of who signed a block."""
    if route == "rest":
        after = asked(network, number, f"{REST}/blocks/{height + 1}")
        return after["block"]["last_commit"], asked(network, number, f"{REST}/validatorsets/{height}")["validators"]
    told = asked(network, number, f"/chain-rpc/commit?height={height}")["result"]
    rows = asked(network, number, f"/chain-rpc/validators?height={height}&per_page=100")["result"]["validators"]
    return told["signed_header"]["commit"], rows


def verdict(network: MockNetwork, number: int, route: Route, trusted: bytes | None = None) -> str | None:
    """The reason why a source is not believed at the level `validators`; None where it is."""
    try:
        proven = consistent(asked(network, number, "/v1/epochs/current/participants"), None)
        validators = sealed(proven, *commit_and_rows(network, number, proven.header.height, route))
        anchored(validators.hash, (trusted or validators.hash,))
    except ProofError as error:
        return error.reason
    return None


@pytest.fixture(scope="module")
def true_hash(network: MockNetwork) -> bytes:
    return consistent(asked(network, 0, "/v1/epochs/current/participants"), None).header.validators_hash


@pytest.mark.parametrize("route", ["rpc", "rest"])
@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"name": "forged-proof"}, "proof"),
        ({"name": "forged-proof", "which": "path"}, "proof"),
        ({"name": "contradicting-participants"}, "contradiction"),
        ({"name": "forged-app-hash"}, "commit"),
        ({"name": "forged-commit"}, "commit"),
        ({"name": "minority-commit"}, "minority"),
        ({"name": "forged-validators"}, "anchor"),
    ],
    ids=lambda value: str(value),
)
def test_each_lie_is_seen_for_what_it_is(
    network: MockNetwork, true_hash: bytes, route: Route, fault: dict[str, Any], reason: str
) -> None:
    assert [verdict(network, number, route, true_hash) for number in range(4)] == [None] * 4
    added = network.faults.add(fault["name"], node=LIAR + 1, **{k: v for k, v in fault.items() if k != "name"})
    try:
        found = [verdict(network, number, route, true_hash) for number in range(4)]
    finally:
        network.faults.remove(added.id)
    assert found == [None, reason, None, None]


def test_the_two_routes_tell_the_same(network: MockNetwork) -> None:
    proven = consistent(asked(network, 0, "/v1/epochs/current/participants"), None)
    sets = {sealed(proven, *commit_and_rows(network, 0, proven.header.height, route)) for route in ("rpc", "rest")}
    assert len(sets) == 1


def test_commits_of_other_heights_do_not_seal(network: MockNetwork) -> None:
    proven = consistent(asked(network, 0, "/v1/epochs/current/participants"), None)
    height = proven.header.height
    _, rows = commit_and_rows(network, 0, height, "rpc")
    for other in (height - 1, height + 1):
        commit, _ = commit_and_rows(network, 0, other, "rpc")
        with pytest.raises(ProofError) as caught:
            sealed(proven, commit, rows)
        assert caught.value.reason == "commit"


def test_a_stale_epoch_is_told_apart_where_the_epoch_is_known(network: MockNetwork) -> None:
    """By itself it is proven: only who knows the epoch sees that it is an old one."""
    added = network.faults.add("stale-epoch", node=LIAR + 1)
    try:
        answer = asked(network, LIAR, "/v1/epochs/current/participants")
    finally:
        network.faults.remove(added.id)
    assert consistent(answer, None).epoch == network.chain.epoch - 1
    with pytest.raises(ProofError) as caught:
        consistent(answer, network.chain.epoch)
    assert caught.value.reason == "epoch"
