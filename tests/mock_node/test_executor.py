"""A request that another node hands on: `protocol.md` §2, with its known signatures."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator
from typing import Any

import pytest

from gonka_mock_node import BlockClock, Chain, MockNetwork, MockNode
from gonka_mock_node.curve import CURVE
from gonka_mock_node.go.json_value import chat_fields
from gonka_mock_node.upstream import prompt_hash
from tests.mock_node.requester import BODY, Requester

NOW = 1_766_422_712 * 10**9
PROVIDER = "gonka1kx9mca3xm8u8ypzfuhmxey66u0ufxhs7nm6wc5"


@pytest.fixture
def network() -> Iterator[MockNetwork]:
    chain = Chain(clock=BlockClock(lambda: NOW), models=("test",))
    with MockNetwork(2, profile="v0.2.13", chain=chain) as network:
        yield network


def handed_on(network: MockNetwork, **changes: str | None) -> dict[str, Any]:
    """The headers that the first node adds when it hands a request to the second."""
    agent, executor = network.nodes
    requester = Requester(agent.provider_address, "hash")
    prompt = prompt_hash(chat_fields(BODY).data, 7, "processed_logprobs")
    hashed = changes.get("signed_hash") or prompt
    message = f"{hashed}{NOW}{agent.provider_address}{executor.provider_address}".encode()
    signature = agent.warm_key.sign(hashlib.sha256(message).digest())
    headers = {
        "X-Inference-Id": requester.headers(timestamp=NOW)["Authorization"],
        "X-Seed": "7",
        "X-Transfer-Address": agent.provider_address,
        "X-TA-Signature": base64.b64encode(signature).decode(),
        "X-Prompt-Hash": prompt,
    }
    return {**headers, **{name: value for name, value in changes.items() if name != "signed_hash"}}


def ask(network: MockNetwork, headers: dict[str, Any], timestamp: int = NOW) -> Any:
    agent, executor = network.nodes
    return Requester(agent.provider_address, "hash").ask(executor.url, timestamp=timestamp, **headers)


def test_what_a_node_hands_on_is_executed_once(network: MockNetwork) -> None:
    assert ask(network, handed_on(network)).status == 200
    reply = ask(network, handed_on(network))
    assert (reply.status, reply.error) == (400, "AuthKey has already been used for an executor request")


@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ({"X-TA-Signature": base64.b64encode(b"\x01" * 64).decode()}, 401,
         "Unable to validate request against TransferSignature:invalid signature"),
        ({"X-TA-Signature": "?"}, 401,
         "Unable to validate request against TransferSignature:illegal base64 data at input byte 0"),
        ({"X-TA-Signature": None}, 401, "Unable to validate request against TransferSignature:invalid signature"),
        ({"X-Seed": "seven"}, 400, "Bad Request"),
        ({"X-Seed": "8"}, 400, "Prompt hash mismatch"),
        ({"X-Prompt-Hash": None, "signed_hash": hashlib.sha256(BODY).hexdigest()}, 400, "Prompt hash is missing"),
        ({"X-Prompt-Hash": "00", "signed_hash": "00"}, 400, "Prompt hash mismatch"),
    ],
)  # fmt: skip
def test_what_an_executor_refuses(network: MockNetwork, change: Any, status: int, error: str) -> None:
    reply = ask(network, handed_on(network, **change))
    assert (reply.status, reply.error) == (status, error)


def test_an_executor_looks_at_the_developers_signature_and_then_at_its_own_rules(network: MockNetwork) -> None:
    executor = network.nodes[1]
    assert ask(network, handed_on(network)).status == 200
    before = executor.profile.rules[: executor.profile.rules.index("signature")]
    own = ("transfer-signature", "executor-timestamp", "executor-replay", "seed", "prompt-hash")
    assert network.journal[-1].checks == (*before, "signature", *own)
    reply = ask(network, handed_on(network, Authorization="QQ=="))
    assert (reply.status, reply.error) == (401, "Unable to validate request against PubKey:invalid signature")


def test_an_old_one_is_refused_and_one_of_the_future_is_not(network: MockNetwork) -> None:
    network.chain.clock.advance(-31)
    assert ask(network, handed_on(network)).status == 200
    network.chain.clock.advance(31 + 61)
    reply = ask(network, handed_on(network))
    assert (reply.status, reply.error) == (400, "Request timestamp is too old")


def test_half_of_the_headers_make_no_executor(network: MockNetwork) -> None:
    node = network.nodes[0]
    requester = Requester(node.provider_address, "hash")
    assert requester.ask(node.url, timestamp=NOW, X_Inference_Id="x").status == 200


def test_a_node_that_executes_itself_remembers_both_roles() -> None:
    with MockNode(profile="v0.2.13", chain=Chain(clock=BlockClock(lambda: NOW))) as node:
        requester = Requester(node.provider_address, "hash")
        authorization = requester.headers(timestamp=NOW)["Authorization"]
        assert requester.ask(node.url, timestamp=NOW).status == 200
        prompt = prompt_hash(chat_fields(BODY).data, 7, "processed_logprobs")
        message = f"{prompt}{NOW}{node.provider_address}{node.provider_address}".encode()
        signed = node.nodes[0].warm_key.sign(hashlib.sha256(message).digest())
        reply = requester.ask(
            node.url,
            timestamp=NOW,
            **{
                "X-Inference-Id": authorization,
                "X-Seed": "7",
                "X-TA-Signature": base64.b64encode(signed).decode(),
                "X-Prompt-Hash": prompt,
            },
        )
    assert (reply.status, reply.error) == (400, "AuthKey has already been used for an executor request")


def test_the_published_signature_of_a_provider() -> None:
    """K1 over the prompt hash of §12.3, for TA and EX of §12.2."""
    chain = Chain(clock=BlockClock(lambda: NOW), models=None)
    agent = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
    body = (
        b'{"model":"Qwen/Qwen2.5-7B-Instruct","temperature":0.8,"messages":[{"role":"system","content":"Regardless of '
        b'the language of the question, answer in english"},'
        b'{"role":"user","content":"When did Hawaii become a state"}]}'
    )
    with MockNode(profile="v0.2.13", provider_address=PROVIDER, chain=chain) as node:
        chain.grant(agent, CURVE.public_key_of((1).to_bytes(32, "big")))
        requester = Requester(agent, "hash")
        reply = requester.ask(
            node.url,
            body,
            NOW,
            **{
                "X-Inference-Id": "any",
                "X-Seed": "0",
                "X-Transfer-Address": agent,
                "X-Prompt-Hash": "8956540596acd0ff60a29ed0d510e70e81934a7fe6dbf833b1e90767971af3f7",
                "X-TA-Signature": "31TcrUrqLo4ASAceIaTCCjHXUo/Boe1WzSWe46uUDTY"
                "+vplt31VZnx297KUIJK68ONJ3pmxKDsmPLNMEPmcSlA==",
            },
        )
    assert reply.status == 200, reply.body
