"""Accounts, models and prices as nodes of every generation tell of them; a stranger's bytes never raise."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import Client, InsufficientBalanceError, ModelNotFoundError, PrivateKey
from gonka_core.accounts import account_of, routes
from gonka_core.models import PRICE_UNKNOWN, price_of, price_routes, served_of
from gonka_core.numbers import whole
from gonka_core.resolve import signer
from gonka_mock_node import MockNode
from gonka_mock_node.profiles import PROFILES

ADDRESS = "gonka1w508d6qejxtdg4y5r3zarvary0c5xw7k2gsyg6"
KEY33 = base64.b64encode(b"\x02" * 33).decode()
ANYTHING = st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["data", "models", "id", "price", "found", "balance", "pubkey"]), inner)
    ),
    max_leaves=8,
).map(lambda value: json.dumps(value).encode())


def said(value: Any) -> bytes:
    return json.dumps(value).encode()


@pytest.mark.parametrize(
    ("told", "balance", "published"),
    [
        ({"pubkey": KEY33, "balance": 123, "denom": "ngonka"}, 123, True),
        ({"pubkey": KEY33, "balance": "123", "denom": "ngonka"}, 123, True),
        ({"balance": 5}, 5, False),
        ({}, 0, False),
        ({"pubkey": "", "balance": 0}, 0, False),
        ({"pubkey": "AAAA", "balance": 1}, 1, False),
        ({"pubkey": "no base64!", "balance": 1}, 1, False),
    ],
)
def test_an_account(told: dict[str, Any], balance: int, published: bool) -> None:
    account = account_of(ADDRESS, said(told))
    assert account is not None
    assert (account.address, account.balance_ngonka) == (ADDRESS, balance)
    assert account.public_key == (b"\x02" * 33 if published else None)


@pytest.mark.parametrize(
    "told",
    [
        {"error": "not found"},
        {"participants": []},
        {"balance": -1},
        {"balance": True},
        {"balance": 1.5},
        {"balance": "-1"},
        {"balance": 1, "denom": "uatom"},
        [],
        "text",
        None,
    ],
)
def test_no_account(told: Any) -> None:
    assert account_of(ADDRESS, said(told)) is None


def test_the_newer_route_is_asked_first() -> None:
    assert routes(ADDRESS) == (f"/v2/accounts/{ADDRESS}", f"/v1/participants/{ADDRESS}")


def test_a_models_name_is_one_part_of_the_path() -> None:
    assert price_routes("Qwen/a b?#")[0].endswith("/model_per_token_price/Qwen%2Fa%20b%3F%23")


@pytest.mark.parametrize(
    ("told", "served"),
    [
        ({"object": "list", "data": [{"id": "a"}, {"id": ""}, {"id": 3}, {}, "x", {"id": "b"}]}, ("a", "b")),
        ({"models": [{"id": "a"}]}, ("a",)),
        ({"models": None}, ()),
        ({"data": {}}, ()),
        ([], ()),
    ],
)
def test_the_models_that_are_served(told: Any, served: tuple[str, ...]) -> None:
    assert served_of(said(told)) == served


CHAIN, LIST = price_routes("m")


@pytest.mark.parametrize(
    ("path", "told", "price"),
    [
        (CHAIN, {"price": "7", "found": True}, 7),
        (CHAIN, {"price": "0", "found": False}, PRICE_UNKNOWN),
        (CHAIN, {"price": "7"}, None),
        (CHAIN, {"code": 12, "message": "Not Implemented"}, None),
        (LIST, {"dynamic_pricing_enabled": True, "models": [{"id": "m", "price_per_token": 9}]}, 9),
        (LIST, {"dynamic_pricing_enabled": False, "models": [{"id": "m", "price_per_token": 9}]}, None),
        (LIST, {"dynamic_pricing_enabled": True, "models": [{"id": "n", "price_per_token": 9}]}, None),
        (LIST, {"dynamic_pricing_enabled": True, "models": "none"}, None),
    ],
)
def test_the_price_of_a_model(path: str, told: Any, price: int | None) -> None:
    assert price_of(path, said(told), "m") == price


@given(ANYTHING)
def test_nothing_that_a_node_says_raises(body: bytes) -> None:
    account_of(ADDRESS, body)
    served_of(body)
    for path in (CHAIN, LIST):
        price_of(path, body, "m")


@given(st.integers(0, 10**30 - 1))
def test_a_whole_number_is_the_same_as_text(number: int) -> None:
    assert whole(number) == whole(str(number)) == number


@pytest.mark.parametrize("value", [-1, "-1", "", " 1", "1.0", "٣", 1.0, True, None, [], "1" * 31])
def test_what_is_no_whole_number(value: object) -> None:
    assert whole(value) is None


CLASSIC = sorted(name for name, profile in PROFILES.items() if profile.kind == "classic")
KNOWING_MODELS = [name for name in CLASSIC if "model" in PROFILES[name].rules]
KEY = PrivateKey((82).to_bytes(32, "big"))
PAYLOAD = {"model": "test", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 100}


@pytest.mark.parametrize("given_as", ["mapping", "bytes"])
@pytest.mark.parametrize("profile", CLASSIC)
def test_the_amounts_are_those_that_the_node_reckons_with(profile: str, given_as: str) -> None:
    """One ngonka less than needed is refused, and what is needed is enough."""
    payload = PAYLOAD if given_as == "mapping" else json.dumps(PAYLOAD).encode()
    public_key = signer("ecdsa", lambda: KEY).public_key
    with MockNode(profile=profile) as node, Client(f"{node.url};{node.provider_address}", private_key=KEY) as client:
        needed = (100 + 6) * node.chain.price_of("test")
        node.chain.fund(public_key, needed - 1)
        with pytest.raises(InsufficientBalanceError) as caught:
            client.chat(payload)
        assert (caught.value.needed_ngonka, caught.value.available_ngonka) == (needed, needed - 1)
        assert "add at least 1 ngonka" in str(caught.value)
        node.chain.fund(public_key, needed)
        assert client.chat(payload).text


@pytest.mark.parametrize("profile", KNOWING_MODELS)
def test_the_models_that_a_node_serves_are_told(profile: str) -> None:
    with (
        MockNode(profile=profile, models=["a/b", "test"]) as node,
        Client(f"{node.url};{node.provider_address}", private_key=KEY) as client,
        pytest.raises(ModelNotFoundError) as caught,
    ):
        client.chat({**PAYLOAD, "model": "nobody/serves-this"})
    assert set(caught.value.served) == {"a/b", "test"}
