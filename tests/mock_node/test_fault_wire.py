"""Faults as a client meets them: every one of the catalogue over a real socket, and what the journal says of it."""

from __future__ import annotations

import http.client
import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from gonka_mock_node import BlockClock, Chain, MockNetwork, MockNode
from gonka_mock_node.faults import CATALOGUE
from tests.mock_node.requester import BODY, Reply, Requester, get

NOW = 1_766_422_712 * 10**9
STREAM = json.dumps({**json.loads(BODY), "stream": True}).encode()
QUICK: dict[str, dict[str, Any]] = {
    "latency": {"seconds": 0.01}, "stall": {"seconds": 0.01}, "trickle": {"seconds": 0.0, "size": 64},
    "split-utf8": {"seconds": 0.0}, "gzip-bomb": {"megabytes": 1},
}  # fmt: skip


@pytest.fixture
def node() -> Iterator[MockNode]:
    with MockNode(profile="v0.2.13", chain=Chain(clock=BlockClock(lambda: NOW))) as node:
        yield node


@pytest.fixture
def requester(node: MockNode) -> Requester:
    return Requester(node.provider_address, "hash")


def outcome(node: MockNode, requester: Requester, body: bytes = BODY, timestamp: int = NOW) -> Reply | Exception:
    try:
        return requester.ask(node.url, body, timestamp)
    except (OSError, http.client.HTTPException) as error:
        return error


@pytest.mark.parametrize("name", [name for name in CATALOGUE if name != "refused"])
@pytest.mark.parametrize("body", [BODY, STREAM], ids=["whole", "stream"])
def test_a_node_survives_every_fault(node: MockNode, requester: Requester, name: str, body: bytes) -> None:
    """It strikes, the client is not left hanging, and once it is over the node is as before."""
    node.faults.add(name, **QUICK.get(name, {}))
    met = outcome(node, requester, body)
    assert isinstance(met, Reply | OSError | http.client.HTTPException)
    assert len(node.journal) == 1
    effect = CATALOGUE[name]
    concerned = (effect.route or "/v1/chat/*").startswith("/v1/chat/") and (effect.fits != "stream" or body is STREAM)
    assert node.journal[0].faults == ((name,) if concerned else ())
    node.reset()
    assert requester.ask(node.url, body, NOW).status == 200
    assert node.journal[-1].faults == ()


def test_refused_and_there_again(node: MockNode, requester: Requester) -> None:
    fault = node.faults.add("refused")
    assert isinstance(outcome(node, requester), ConnectionRefusedError)
    node.faults.remove(fault.id)
    assert requester.ask(node.url, timestamp=NOW).status == 200
    assert len(node.journal) == 1


def test_refused_ends_what_is_connected(node: MockNode) -> None:
    parts = node.url.removeprefix("http://").removesuffix("/v1").partition(":")
    with socket.create_connection((parts[0], int(parts[2])), timeout=10) as connection:
        connection.sendall(b"GET /v1/status HTTP/1.1\r\nHost: x\r\n\r\n")
        assert connection.recv(4096).startswith(b"HTTP/1.1 200")
        node.faults.add("refused")
        assert connection.recv(4096) == b""


def test_one_node_of_several_is_down() -> None:
    with MockNetwork(3, chain=Chain(clock=BlockClock(lambda: NOW))) as network:
        network.faults.add("refused", node=2)
        for node in network.nodes:
            requester = Requester(node.provider_address)
            if node.number == 2:
                with pytest.raises(ConnectionRefusedError):
                    requester.ask(node.url, timestamp=NOW)
            else:
                assert requester.ask(node.url, timestamp=NOW).status == 200
        network.assert_accepted(2)


@pytest.mark.parametrize(("name", "entered"), [("reset", "fault"), ("reset-after", "accepted")])
def test_a_reset_before_or_after_the_work(node: MockNode, requester: Requester, name: str, entered: str) -> None:
    node.faults.add(name, times=1)
    assert isinstance(outcome(node, requester), ConnectionResetError)
    assert node.journal[0].verdict == entered
    again = outcome(node, requester)
    assert isinstance(again, Reply)
    assert again.status == (200 if name == "reset" else 400)


def test_closed_before_the_headers(node: MockNode, requester: Requester) -> None:
    node.faults.add("close-before-headers")
    assert isinstance(outcome(node, requester), http.client.RemoteDisconnected)


@pytest.mark.parametrize("hard", [False, True])
def test_a_body_that_is_cut(node: MockNode, requester: Requester, hard: bool) -> None:
    node.faults.add("cut-body", after=20, hard=hard)
    met = outcome(node, requester)
    assert isinstance(met, ConnectionResetError if hard else http.client.IncompleteRead)
    if isinstance(met, http.client.IncompleteRead):
        assert len(met.partial) == 20


def test_a_stream_that_is_cut(node: MockNode, requester: Requester) -> None:
    node.faults.add("cut-stream", after=2, inside=True)
    met = outcome(node, requester, STREAM)
    assert isinstance(met, http.client.IncompleteRead)
    assert met.partial.count(b"\n\n") == 2
    assert not met.partial.endswith(b"\n\n")


def test_capacity_once_and_the_same_bytes_again(node: MockNode, requester: Requester) -> None:
    node.faults.add("capacity", times=1)
    first, second = outcome(node, requester), outcome(node, requester)
    assert isinstance(first, Reply)
    assert isinstance(second, Reply)
    assert (first.status, second.status) == (429, 400)
    assert second.error == "AuthKey has already been used for a transfer request"
    assert [verdict.rule for verdict in node.journal] == ["capacity", "replay"]
    assert requester.ask(node.url, timestamp=NOW + 1).status == 200
    assert node.journal.totals() == {"accepted": 1, "refused": 2, "fault": 0}


def test_an_answer_from_before_the_fault_is_replayed(node: MockNode, requester: Requester) -> None:
    first = requester.ask(node.url, timestamp=NOW)
    node.faults.add("replayed-answer")
    second = requester.ask(node.url, timestamp=NOW + 1)
    assert second.body == first.body


def test_faults_reach_what_is_read_too(node: MockNode) -> None:
    node.faults.add("garbage-json", route="/v1/epochs/*")
    body = get(node.url, "/v1/epochs/current/participants").body
    with pytest.raises(ValueError, match=r"Expecting|Unterminated|Extra|delimiter"):
        json.loads(body)
    assert json.loads(get(node.url, "/v1/status").body) == {"status": "ok"}


def test_block_lag_refuses_a_correct_request_until_the_chain_is_reset(node: MockNode, requester: Requester) -> None:
    node.faults.add("block-lag", seconds=31)
    met = outcome(node, requester)
    assert isinstance(met, Reply)
    assert met.error == "signature is in the future"
    node.reset()
    assert requester.ask(node.url, timestamp=NOW).status == 200


def test_a_provider_that_is_removed_is_refused_and_its_neighbour_is_not() -> None:
    with MockNetwork(2, profile="v0.2.13", chain=Chain(clock=BlockClock(lambda: NOW))) as network:
        first, second = network.nodes
        network.faults.add("provider-removed", node=1, times=1)
        assert Requester(first.provider_address, "hash").ask(first.url, timestamp=NOW).status == 403
        assert Requester(second.provider_address, "hash").ask(second.url, timestamp=NOW).status == 200
        assert Requester(first.provider_address, "hash").ask(first.url, timestamp=NOW + 1).status == 403
