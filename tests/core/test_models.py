"""Models and prices as nodes of every generation, gateways and the chain tell of them."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonka_core import Client, Endpoint, ModelNotFoundError, PrivateKey
from gonka_core.amounts import gnk
from gonka_core.answers import Answer
from gonka_core.errors import CallError, NotToldError
from gonka_core.models import PRICE_UNKNOWN, Model, models_flow, models_of, price_of, price_routes, served_of
from gonka_core.prices import ALL, GOVERNANCE, LEGACY, Price, PriceSource, price_flow, prices_of
from gonka_core.types import Request
from gonka_mock_node import MockNode
from gonka_mock_node import chain as mock
from gonka_mock_node.profiles import PROFILES
from tests.core.playing import Player, over_sockets
from tests.core.playing import said as told_json
from tests.recorder import Recorder, http

KEY = PrivateKey((82).to_bytes(32, "big"))
PAYLOAD = {"model": "test", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 100}
CLASSIC = sorted(name for name, profile in PROFILES.items() if profile.kind == "classic")
KNOWING_MODELS = [name for name in CLASSIC if "model" in PROFILES[name].rules]
WORDS = ["data", "models", "id", "price", "found", "model_prices", "model_id", "price_per_token", "context_length"]
ANYTHING = st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.just("\ud800"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner),
    max_leaves=8,
).map(lambda value: json.dumps(value).encode())


def said(value: Any) -> bytes:
    return json.dumps(value).encode()


def test_a_models_name_is_one_part_of_the_path() -> None:
    assert price_routes("Qwen/a b?#")[0].endswith("/model_per_token_price/Qwen%2Fa%20b%3F%23")
    assert price_routes("\ud800")[0].endswith("/model_per_token_price/%3F")  # half of a pair, which is in no URL


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


@pytest.mark.parametrize(
    ("row", "model"),
    [
        (
            {"id": "a", "name": "A", "context_length": 9, "max_output_length": 8, "quantization": "fp8"},
            Model("a", "A", 9, 8, "fp8"),
        ),
        ({"id": "a", "context_window": "9", "quantization": ""}, Model("a", "a", 9)),
        ({"id": "a", "context_length": 9, "max_completion_tokens": 7}, Model("a", "a", 9, 7)),
        ({"id": "a", "context_length": 0, "max_output_length": -1, "name": 7}, Model("a", "a")),
        ({"id": "a", "context_length": 10**40, "description": "two\nlines"}, Model("a", "a", description="two lines")),
        ({"id": "two\nlines"}, None),
        ({"id": "\ud800"}, None),
        ({"id": "x" * 301}, None),
        ({"id": ["a"]}, None),
    ],
)
def test_a_row(row: dict[str, Any], model: Model | None) -> None:
    for rows in ({"data": [row]}, {"models": [row]}):
        assert models_of(said(rows)) == (() if model is None else (model,))


def test_of_two_with_one_id_the_first_counts() -> None:
    rows = [{"id": "a", "name": "1"}, {"id": "b"}, {"id": "a", "name": "2"}]
    assert [(model.id, model.name) for model in models_of(said({"data": rows})) or ()] == [("a", "1"), ("b", "b")]


@pytest.mark.parametrize("told", [{}, {"data": None}, {"data": {}}, {"models": 7}, {"error": "x"}, [], "x"])
def test_what_is_no_list(told: Any) -> None:
    """An empty list says that nothing is served; this says nothing."""
    assert models_of(said(told)) is None
    assert models_of(said({"models": None})) == models_of(said({"data": []})) == ()


@given(ANYTHING)
def test_nothing_that_a_node_says_raises(body: bytes) -> None:
    models_of(body)
    served_of(body)
    for path in (CHAIN, LIST, ALL, LEGACY):
        price_of(path, body, "m")
        prices_of(path, body)


@pytest.mark.parametrize(
    ("path", "told", "prices"),
    [
        (ALL, {"model_prices": [{"model_id": "m", "price": "7"}, {"model_id": "n"}, 7]}, {"m": Price(7, "chain")}),
        (
            GOVERNANCE,
            {"dynamic_pricing_enabled": True, "models": [{"id": "m", "price_per_token": 9}]},
            {"m": Price(9, "governance")},
        ),
        (GOVERNANCE, {"models": [{"id": "m", "price_per_token": "9"}]}, {"m": Price(9, "legacy")}),
        (LEGACY, {"models": [{"id": "m", "price_per_token": 9}]}, {"m": Price(9, "legacy")}),
        (LEGACY, {"models": []}, {}),
        (LEGACY, {"models": None}, None),
        (ALL, {"models": []}, None),
    ],
)
def test_lists_of_prices(path: str, told: Any, prices: dict[str, Price] | None) -> None:
    assert prices_of(path, said(told)) == prices


# The flow, at real nodes

EVERY = ["v0.2.3", "v0.2.5", "v0.2.11", "v0.2.12", "v0.2.13", "v0.2.14", "v0.2.15", "seed"]
RECORDS = (mock.Model("org/a", context_window=4096, quantization="fp8", price=3), mock.Model("b", context_window=8192))


def listed(*endpoints: Endpoint | str) -> tuple[Model, ...]:
    places = [each if isinstance(each, Endpoint) else Endpoint.public(each) for each in endpoints]
    return over_sockets(models_flow(places, seconds=lambda: 0.0))


def priced(url: str, model: str) -> Price | None:
    return over_sockets(price_flow([Endpoint.public(url)], model, seconds=lambda: 0.0))


@pytest.mark.parametrize("profile", EVERY)
def test_what_every_generation_lists(profile: str) -> None:
    with MockNode(profile=profile, chain=mock.Chain(models=RECORDS)) as node:
        node.chain.price = 2
        source: PriceSource = "chain" if PROFILES[profile].routes.chain_proxy else "governance"
        first, second = listed(node.url)
        longest = None if PROFILES[profile].routes.models == "governance" else first.context_length
        assert (first.id, first.context_length, first.max_output, first.quantization) == ("org/a", 4096, longest, "fp8")
        assert (first.price, second.price) == (Price(3, source), Price(2, source))
        assert (first.price_ngonka, second.quantization) == (3, None)
        assert priced(node.url, "org/a") == Price(3, source)


@pytest.mark.parametrize("profile", [*EVERY, "gateway"])
def test_nothing_is_served(profile: str) -> None:
    with MockNode(profile=profile, models=[]) as node:
        assert listed(node.url) == ()


def test_a_gateway_has_prices_of_its_own() -> None:
    with MockNode(profile="gateway", chain=mock.Chain(models=RECORDS)) as node:
        first, _ = listed(Endpoint.broker(node.url, "sk-test"))
        assert (first.id, first.context_length, first.max_output, first.price) == ("org/a", 4096, 4096, None)
        assert (first.price_ngonka, first.gnk_per_million) == (None, None)
        assert listed(node.url) == listed(Endpoint.broker(node.url, "sk-test"))
        assert priced(node.url, "org/a") is None


def test_a_broker_is_shown_its_key_and_nobody_else_is() -> None:
    body = said({"data": [{"id": "m"}]})
    with Recorder([[http("401 Unauthorized", b"{}")]]) as node, Recorder([[http("200 OK", body)]]) as broker:
        assert [model.id for model in listed(node.url, Endpoint.broker(broker.url, "sk-test"))] == ["m"]
        assert [request.line for request in broker.received] == ["GET /v1/models HTTP/1.1"]
        assert broker.received[0].values("authorization") == ["Bearer sk-test"]
        assert not node.received[0].values("authorization")


def test_a_wrong_key_is_named_and_not_shown() -> None:
    refused = http("401 Unauthorized", b'{"error":{"message":"no such key"}}')
    with Recorder([[refused]]) as broker, pytest.raises(NotToldError, match="no such key") as caught:
        listed(Endpoint.broker(broker.url, "sk-test"))
    assert "sk-test" not in str(caught.value)
    assert "sk-test" not in repr(vars(caught.value))


@pytest.mark.parametrize(
    ("off", "outages", "source", "ngonka"),
    [
        (set(), set(), "chain", 3),
        ({"chain-api"}, set(), "governance", 3),
        ({"chain-api"}, {"price"}, "legacy", 100 * 100),
        ({"chain-api", "pricing"}, set(), None, None),
        (set(), {"price"}, "legacy", 100 * 100),
    ],
)
def test_where_a_price_comes_from(off: set[str], outages: set[str], source: str | None, ngonka: int | None) -> None:
    with MockNode(profile="seed", chain=mock.Chain(models=RECORDS)) as node:
        node.nodes[0].switched_off = frozenset(off)
        node.chain.outages |= outages
        price = listed(node.url)[0].price
        assert (price.source, price.ngonka) == (source, ngonka) if price else source is None


def test_a_node_reckons_with_the_fallback_where_the_chain_knows_no_price() -> None:
    with MockNode(profile="seed", chain=mock.Chain(models=RECORDS)) as node:
        assert priced(node.url, "nobody/serves-this") == Price(PRICE_UNKNOWN, "fallback")
        node.chain.outages.add("price")
        assert priced(node.url, "org/a") == Price(PRICE_UNKNOWN, "fallback")
        assert node.chain.price_of("org/a") == PRICE_UNKNOWN


def test_the_next_is_asked_where_one_lists_nothing_that_can_be_read() -> None:
    with MockNode(profile="v0.2.13", models=["m"]) as shut, MockNode(profile="v0.2.13", models=["m"]) as node:
        shut.nodes[0].switched_off = frozenset({"models"})
        assert [model.id for model in listed("http://127.0.0.1:9", shut.url, node.url)] == ["m"]
        with pytest.raises(NotToldError, match="which models are served") as caught:
            listed("http://127.0.0.1:9", shut.url)
        assert len(caught.value.sources) == 2


# The flow, at nodes of every kind of strangeness


def answering(answers: dict[str, Any]) -> Callable[[Request], Answer | CallError]:
    def answer(request: Request) -> Answer | CallError:
        path = request.url.removeprefix(request.endpoint.root)
        return told_json(answers[path]) if path in answers else told_json({"error": "Not Found"}, 404)

    return answer


def test_a_model_that_the_list_of_prices_leaves_out_is_asked_for() -> None:
    models, prices = {"data": [{"id": "m"}, {"id": "n"}]}, {"model_prices": [{"model_id": "n", "price": "2"}]}
    player: Player[tuple[Model, ...]] = Player(
        answering({"/v1/models": models, ALL: prices, CHAIN: {"price": "0", "found": False}})
    )
    first, second = player.play(models_flow([Endpoint.public("http://one")], seconds=lambda: 0.0))
    assert (first.price, second.price) == (Price(PRICE_UNKNOWN, "fallback"), Price(2, "chain"))


def test_a_long_list_does_not_make_many_requests() -> None:
    models = {"data": [{"id": f"m{number}"} for number in range(5000)]}
    found = {"price": "1", "found": True}
    answers = {"/v1/models": models} | {price_routes(f"m{number}")[0]: found for number in range(5000)}
    player: Player[tuple[Model, ...]] = Player(answering(answers))
    listed = player.play(models_flow([Endpoint.public("http://one")], seconds=lambda: 0.0))
    assert len(listed) == 5000
    assert len(player.asked) < 30


def test_what_the_chain_said_is_not_replaced() -> None:
    listed = [{"id": "m", "price_per_token": 9}, {"id": "n", "price_per_token": 8}]
    answers = {
        "/v1/models": {"data": [{"id": "m"}, {"id": "n"}]},
        ALL: {"model_prices": [{"model_id": "n", "price": "2"}]},
        GOVERNANCE: {"dynamic_pricing_enabled": True, "models": listed},
    }
    player: Player[tuple[Model, ...]] = Player(answering(answers))
    first, second = player.play(models_flow([Endpoint.public("http://one")], seconds=lambda: 0.0))
    assert (first.price, second.price) == (Price(9, "governance"), Price(2, "chain"))


def test_a_shut_door_is_knocked_at_once() -> None:
    models = {"data": [{"id": f"m{number}"} for number in range(9)]}
    prices = [{"id": f"m{number}", "price_per_token": 5} for number in range(9)]
    player: Player[tuple[Model, ...]] = Player(
        answering({"/v1/models": models, GOVERNANCE: {"dynamic_pricing_enabled": True, "models": prices}})
    )
    found = player.play(models_flow([Endpoint.public("http://one")], seconds=lambda: 0.0))
    assert {model.price for model in found} == {Price(5, "governance")}
    paths = [url.removeprefix("http://one") for url in player.urls]
    assert paths == ["/v1/models", ALL, price_routes("m0")[0], GOVERNANCE]


@settings(max_examples=60)
@given(st.lists(ANYTHING, min_size=1, max_size=8))
def test_whatever_nodes_say_it_is_a_list_or_one_error(bodies: list[bytes]) -> None:
    answers = iter([b'{"data":[{"id":"m"},{"id":"n"}]}', *bodies * 10])
    player: Player[tuple[Model, ...]] = Player(lambda request: Answer(200, {}, next(answers)))
    found = player.play(models_flow([Endpoint.public("http://one")], seconds=lambda: 0.0))
    assert [model.id for model in found] == ["m", "n"]
    assert all(model.price is None or model.price.ngonka >= 0 for model in found)


@given(st.integers(0, 10**20))
def test_a_million_tokens(price: int) -> None:
    model = Model("m", price=Price(price, "chain"))
    assert model.gnk_per_million == gnk(price * 10**6)
    assert model.gnk_per_million is not None
    assert model.gnk_per_million * 1000 == price


@pytest.mark.parametrize("profile", KNOWING_MODELS)
def test_the_models_that_a_node_serves_are_told(profile: str) -> None:
    with (
        MockNode(profile=profile, models=["a/b", "test"]) as node,
        Client(f"{node.url};{node.provider_address}", private_key=KEY) as client,
        pytest.raises(ModelNotFoundError) as caught,
    ):
        client.chat({**PAYLOAD, "model": "nobody/serves-this"})
    assert set(caught.value.served) == {"a/b", "test"}
