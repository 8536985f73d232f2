"""The rows of `protocol.md` §3.2 that depend on the node and the chain rather than on the request, and their order."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import replace

import pytest

from gonka_mock_node import Account, BlockClock, Chain, MockNode, Params
from gonka_mock_node.chain.params import Bandwidth
from tests.mock_node.requester import BODY, Reply, Requester

NOW = 1_766_422_712 * 10**9


@pytest.fixture
def node() -> Iterator[MockNode]:
    chain = Chain(clock=BlockClock(lambda: NOW), models=("test",))
    with MockNode(profile="v0.2.13", chain=chain) as node:
        yield node


@pytest.fixture
def requester(node: MockNode) -> Requester:
    return Requester(node.provider_address, "hash")


def refused(reply: Reply, status: int, error: str) -> None:
    assert (reply.status, reply.error) == (status, error)


def test_7_params_cannot_be_had(node: MockNode, requester: Requester) -> None:
    node.chain.outages.add("params")
    refused(requester.ask(node.url, timestamp=NOW), 503, "unable to fetch chain params")


def test_7a_status_cannot_be_had_matters_to_an_active_gate_only(node: MockNode, requester: Requester) -> None:
    node.chain.outages.add("status")
    assert requester.ask(node.url, timestamp=NOW).status == 200
    node.chain.block_developers_until(10**9)
    refused(requester.ask(node.url, timestamp=NOW + 1), 503, "unable to fetch chain status")


def test_7b_the_gate_opens_at_its_height_and_for_those_on_its_list(node: MockNode, requester: Requester) -> None:
    height = node.chain.clock.height
    node.chain.block_developers_until(height + 1)
    error = f"inference requests are restricted until block height {height + 1}"
    refused(requester.ask(node.url, timestamp=NOW), 403, error)
    node.chain.block_developers_until(height + 1, [requester.address])
    assert requester.ask(node.url, timestamp=NOW).status == 200
    for passed in (height, height - 1):
        node.chain.block_developers_until(passed)
        assert requester.ask(node.url, timestamp=NOW + 1 + passed).status == 200


def test_10_the_account_cannot_be_had(node: MockNode, requester: Requester) -> None:
    """No answer came back that the chain could have wrapped a second time (§3.4)."""
    node.chain.outages.add("accounts")
    error = "rpc error: code = Unavailable desc = connection error: desc = error reading server preface: EOF"
    refused(requester.ask(node.url, timestamp=NOW), 500, error)


def test_12_the_epochs_models_cannot_be_had(node: MockNode, requester: Requester) -> None:
    node.chain.outages.add("epoch-group")
    refused(requester.ask(node.url, timestamp=NOW), 503, "unable to fetch current epoch group data")


def test_13_the_price_cannot_be_had(node: MockNode, requester: Requester) -> None:
    """Then a token costs 1000 ngonka (§3.6)."""
    tokens = len("hello") + 1 + 5000
    node.chain.fund(requester.public_key, tokens * 1000 - 1)
    assert requester.ask(node.url, timestamp=NOW).status == 200
    node.chain.outages.add("price")
    refused(requester.ask(node.url, timestamp=NOW + 1), 402, "Insufficient balance")
    node.chain.fund(requester.public_key, tokens * 1000)
    assert requester.ask(node.url, timestamp=NOW + 2).status == 200


def test_14_the_nodes_own_status_cannot_be_had(node: MockNode, requester: Requester) -> None:
    node.chain.outages.add("node-status")
    reply = requester.ask(node.url, timestamp=NOW)
    assert reply.status == 500
    assert "connection refused" in reply.error


def test_17_no_capacity_and_the_signature_is_used_up(node: MockNode, requester: Requester) -> None:
    node.chain.params = replace(
        node.chain.params, bandwidth=Bandwidth(estimated_limits_per_block_kb=1, expiration_blocks=1)
    )
    where = node.url.removesuffix("/v1")
    error = f"Transfer Agent capacity reached. Try another TA from {where}/v1/epochs/current/participants"
    refused(requester.ask(node.url, timestamp=NOW), 429, error)
    small = json.dumps({**json.loads(BODY), "max_tokens": 1}).encode()
    assert requester.ask(node.url, small, NOW).status == 200
    node.chain.params = Params()
    refused(requester.ask(node.url, timestamp=NOW), 400, "AuthKey has already been used for a transfer request")
    assert requester.ask(node.url, timestamp=NOW + 1).status == 200


def test_17_an_answer_gives_its_weight_back(node: MockNode, requester: Requester) -> None:
    node.chain.params = replace(
        node.chain.params, bandwidth=Bandwidth(estimated_limits_per_block_kb=2000, expiration_blocks=1)
    )
    for number in range(4):
        assert requester.ask(node.url, timestamp=NOW + number).status == 200


def test_18_no_executor(node: MockNode, requester: Requester) -> None:
    node.chain.outages.add("executors")
    refused(requester.ask(node.url, timestamp=NOW), 503, "no executors available for model")


@pytest.mark.parametrize(
    ("fault", "fields", "status", "error"),
    [
        ("executor-unreachable", {}, 500, "connect: connection refused"),
        ("no-inference-nodes", {}, 503, "no inference nodes available"),
        (
            "ml-node-error",
            {"code": 422, "text": "x"},
            422,
            "Inference node response with an error. code = 422. error = x.",
        ),
        (
            "ml-node-error",
            {"code": 503, "text": "x"},
            500,
            "Inference node response with an error. code = 503. error = x.",
        ),
    ],
)
def test_20_21_what_comes_back_from_executors(
    node: MockNode, requester: Requester, fault: str, fields: dict[str, int | str], status: int, error: str
) -> None:
    node.faults.add(fault, **fields)  # type: ignore[arg-type]
    reply = requester.ask(node.url, timestamp=NOW)
    assert reply.status == status
    assert error in reply.error
    assert node.journal[-1].accepted
    refused(requester.ask(node.url, timestamp=NOW), 400, "AuthKey has already been used for a transfer request")


# Each makes one row of §3.2 refuse, in the order of the rows: how, and the status and the rule that follow.
DEFECTS = {
    "json": lambda node: None,
    "messages": lambda node: None,
    "provider-allowed": lambda node: node.chain.allow("gonka1other"),
    "authorization": lambda node: None,
    "model": lambda node: None,
    "params": lambda node: node.chain.outages.add("params"),
    "developer-allowed": lambda node: node.chain.block_developers_until(10**9),
    "message-shape": lambda node: None,
    "account": lambda node: setattr(node.chain, "open_accounts", False),
    "signature": lambda node: None,
    "model-served": lambda node: node.chain.outages.add("epoch-group"),
    "balance": lambda node: setattr(node.chain, "price", 10**15),
    "status": lambda node: node.chain.outages.add("node-status"),
    "timestamp": lambda node: None,
    "replay": lambda node: None,
    "capacity": lambda node: None,
    "executor": lambda node: node.chain.outages.add("executors"),
}
ORDER = list(DEFECTS)


def asked(node: MockNode, requester: Requester, defects: tuple[str, ...]) -> None:
    """One request with these defects."""
    payload = {"model": "test", "messages": [{"role": "user", "content": "hello"}]}
    if "message-shape" in defects:
        payload["messages"] = [{"role": "user", "content": " "}]
    if "messages" in defects:
        payload["messages"] = []
    if "model" in defects:
        payload["model"] = ""
    body = json.dumps(payload).encode()[: -1 if "json" in defects else None]
    stamp = NOW - 61 * 10**9 if "timestamp" in defects else NOW
    changed: dict[str, str | None] = {"Authorization": None} if "authorization" in defects else {}
    if "signature" in defects:
        changed.setdefault("Authorization", requester.headers(body + b" ", stamp)["Authorization"])
    requester.ask(node.url, body, stamp, **changed)


@pytest.mark.parametrize(("earlier", "later"), list(itertools.combinations(ORDER, 2)), ids=str)
def test_of_two_defects_the_earlier_row_answers(node: MockNode, requester: Requester, earlier: str, later: str) -> None:
    """17 rows, every pair of them."""
    if "replay" in (earlier, later):
        asked(node, requester, ())
        node.chain.reset()
    if "capacity" in (earlier, later):
        limits = Bandwidth(estimated_limits_per_block_kb=1, expiration_blocks=1)
        node.chain.params = replace(node.chain.params, bandwidth=limits)
    for name in (earlier, later):
        DEFECTS[name](node)
    if "account" not in (earlier, later):
        node.chain.put(Account(requester.address, requester.public_key, 10**15))
    asked(node, requester, (earlier, later))
    assert node.journal[-1].rule == earlier
    assert node.journal[-1].checks == tuple(ORDER[: ORDER.index(earlier)])
    assert node.journal[-1].pending == tuple(ORDER[ORDER.index(earlier) + 1 :])
