"""Who a node says it is, in every shape, and who signed that."""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from ecdsa import BadSignatureError, SECP256k1, VerifyingKey
from ecdsa.util import sigdecode_string
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.address import address_of
from gonka_core.discovery.identity import Identity, delegates_of, identify, judged, read
from gonka_core.driving import run_flow
from gonka_core.errors import DiscoveryError
from gonka_mock_node import Account, MockNetwork, MockNode
from gonka_mock_node.curve import KeyPair

from .asked import transport

A = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
KEY = KeyPair(b"\x07" * 32)
PUBLIC = KEY.public_key
OWN = address_of(PUBLIC)


def verify(public_key: bytes, digest: bytes, signature: bytes) -> bool:
    key: Any = VerifyingKey.from_string(public_key, curve=SECP256k1)
    try:
        return bool(key.verify_digest(signature, digest, sigdecode=sigdecode_string))
    except BadSignatureError:
        return False


def body(data: Any, signature: Any = None) -> bytes:
    return json.dumps({"data": data} | ({} if signature is None else {"signature": signature})).encode()


def signed_by(key: KeyPair, data: Any) -> bytes:
    """As a node does it, from the bytes as Go would write them."""
    message = json.dumps(data, separators=(",", ":"), ensure_ascii=False)
    for character, escape in (("&", "\\u0026"), ("<", "\\u003c"), (">", "\\u003e")):
        message = message.replace(character, escape)
    digest = hashlib.sha256(message.encode()).digest()
    return body(data, base64.b64encode(key.sign(digest)).decode())


def identified(source: str, *others: str) -> Identity:
    with transport() as carrier:
        return run_flow(identify(source, others, time.monotonic, verify), carrier)


@pytest.fixture(params=["seed", "v0.2.15"])
def network(request: pytest.FixtureRequest) -> Iterator[MockNetwork]:
    with MockNetwork(2, profile=request.param, providers=[OWN]) as network:
        yield network


def test_a_node_whose_key_is_published(network: MockNetwork) -> None:
    node = network.nodes[0]
    network.chain.put(Account(OWN, PUBLIC, 5))
    warm = identified(node.public_url)
    assert (warm.address, warm.signed, warm.delegates) == (OWN, "other-key", {})
    assert warm.block == network.chain.clock.height
    node.warm_key = KEY
    assert identified(node.public_url).signed == "verified"


def test_a_node_whose_key_nobody_knows(network: MockNetwork) -> None:
    assert identified(network.nodes[0].public_url).signed == "key-unknown"


def test_another_node_tells_the_key(network: MockNetwork) -> None:
    node, other = network.nodes
    node.warm_key = KEY
    network.chain.put(Account(OWN, PUBLIC, 5))
    for route in ("/v2/accounts/*", "/v1/participants/*"):
        network.faults.add("status", code=500, route=route, node=1)
    assert identified(node.public_url).signed == "key-unknown"
    assert identified(node.public_url, other.public_url).signed == "verified"


def test_a_key_of_somebody_else_is_not_taken_for_the_accounts(network: MockNetwork) -> None:
    node = network.nodes[0]
    node.warm_key = KeyPair(b"\x09" * 32)
    network.chain.put(Account(OWN, node.warm_key.public_key, 5))
    assert identified(node.public_url).signed == "key-unknown"


def test_delegates_are_signed_for_the_nodes_own_address() -> None:
    with MockNode(provider_address=OWN) as node:
        node.nodes[0].delegates = {"https://b.example:8443": A, "http://127.0.0.1:8007": A, "http://127.1": A}
        source = node.nodes[0].public_url
        found = identified(source)
        assert found.delegates == node.nodes[0].delegates
        choice = delegates_of(found, source)
        assert {(each.url, each.provider_address) for each in choice.endpoints} == {
            ("https://b.example:8443/v1", OWN),
            ("http://127.0.0.1:8007/v1", OWN),
        }
        assert list(choice.left_out) == ["http://127.1"]
        assert len(delegates_of(found, source, private=False).endpoints) == 1


def test_a_node_that_lies_about_its_address() -> None:
    with MockNode(provider_address=OWN) as node:
        node.nodes[0].warm_key = KEY
        node.fund(PUBLIC)
        node.faults.add("lying-identity", address=A)
        found = identified(node.nodes[0].public_url)
        assert (found.address, found.signed) == (A, "key-unknown")


@pytest.mark.parametrize("fault", ["status", "garbage-json", "reset"])
def test_a_node_that_does_not_tell(fault: str) -> None:
    with MockNode() as node:
        node.faults.add(fault, route="/v1/identity")
        with pytest.raises(DiscoveryError):
            identified(node.nodes[0].public_url)
    with MockNode(profile="v0.2.3") as node, pytest.raises(DiscoveryError, match="answered 404"):
        identified(node.nodes[0].public_url)


DATA = {"address": OWN, "block": 7, "timestamp": "2026-02-12T00:00:00Z"}


@pytest.mark.parametrize(
    "data",
    [
        DATA,
        DATA | {"delegate_ta": {"https://a.example/?x=<1>&y": A}},
        DATA | {"delegate_ta": {}},
        DATA | {"warm_key_address": A, "delegate_tas": [{"url": "https://a.example", "warm_key_address": A}]},
        DATA | {"more": "пример \U0001f30d"},
    ],
)
def test_the_signature_over_each_shape(data: dict[str, Any]) -> None:
    found = read(signed_by(KEY, data))
    assert judged(found, PUBLIC, verify).signed == "verified"
    other = read(signed_by(KeyPair(b"\x09" * 32), data))
    assert judged(other, PUBLIC, verify).signed == "other-key"
    changed = json.loads(signed_by(KEY, data))
    changed["data"]["block"] = 8
    assert judged(read(json.dumps(changed, indent=1).encode()), PUBLIC, verify).signed == "other-key"
    same = json.dumps(json.loads(signed_by(KEY, data)), indent=1).encode()
    assert judged(read(same), PUBLIC, verify).signed == "verified"
    assert judged(found, None, verify).signed == "key-unknown"


def test_shape_c_names_delegates() -> None:
    rows = [{"url": "https://a.example", "warm_key_address": A}, {"url": 7}, None]
    assert read(body(DATA | {"delegate_tas": rows})).delegates == {"https://a.example": A}


@pytest.mark.parametrize("signature", [None, "", "x", "AAAA", 7, base64.b64encode(bytes(65)).decode()])
def test_unsigned(signature: Any) -> None:
    found = read(body(DATA, signature))
    assert found.signed == judged(found, PUBLIC, verify).signed == "unsigned"


def test_the_key_of_another_account() -> None:
    with pytest.raises(ValueError, match="another account"):
        judged(read(signed_by(KEY, DATA)), KeyPair(b"\x09" * 32).public_key, verify)


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (b"", "no data"),
        (b"[]", "no data"),
        (body(None), "no data"),
        (body([]), "no data"),
        (body({}), "no data.address"),
        (body({"address": 7}), "no data.address"),
        (body({"address": "gonka1x"}), "address that is none"),
        (body({"address": "cosmos1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"}), "address that is none"),
        (b"[" * 1000, "nested"),
    ],
)
def test_no_identity(wrong: bytes, reason: str) -> None:
    with pytest.raises(DiscoveryError, match=reason) as caught:
        read(wrong)
    assert "url;address" in caught.value.next_step


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just(A),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["data", "address", "block", "delegate_ta", "delegate_tas", "url", "signature"]), inner
        )
    ),
    max_leaves=12,
)


@given(JSON, st.booleans())
def test_any_json_is_an_identity_or_a_reason(value: Any, inside: bool) -> None:
    whole = {"data": value | {"address": A} if isinstance(value, dict) else value} if inside else value
    try:
        found = read(json.dumps(whole).encode())
    except DiscoveryError:
        return
    assert found.address == A
    assert found.delegated().endpoints == ()
