"""Ready means that a node takes the request, and every shortfall is named with what mends it."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonka_core import Client, Endpoint, PayloadError, PrivateKey
from gonka_core.accounts import Account
from gonka_core.address import address_of
from gonka_core.answers import Answer
from gonka_core.errors import AccountError, ConnectError, MissingSettingError, NotToldError
from gonka_core.escrow import escrow_of
from gonka_core.prices import Price
from gonka_core.readiness import Readiness, asked_of, belongs, covers, estimate, readiness_flow
from gonka_core.resolve import signer
from gonka_core.types import Request
from gonka_mock_node import MockNode
from gonka_mock_node import chain as mock
from gonka_mock_node.profiles import PROFILES
from tests.core.playing import Player, over_sockets, said

KEY = PrivateKey((82).to_bytes(32, "big"))
POINT = signer("ecdsa", lambda: KEY).public_key
OTHER = signer("ecdsa", lambda: PrivateKey((83).to_bytes(32, "big"))).public_key
ADDRESS = address_of(POINT)
PAYLOAD = {"model": "test", "messages": [{"role": "user", "content": "hello"}], "max_tokens": 100}
BODY = json.dumps(PAYLOAD).encode()
GOOD = Account(ADDRESS, 106, POINT, node="http://one")
ONE = Price(1, "chain")
READY = Readiness(GOOD, POINT, "test", ONE, 106)
CLASSIC = sorted(name for name, profile in PROFILES.items() if profile.kind == "classic")


def names(readiness: Readiness) -> list[str]:
    return [shortfall.name for shortfall in readiness.shortfalls]


@pytest.mark.parametrize(
    ("readiness", "lacking"),
    [
        (READY, []),
        (Readiness(GOOD), []),
        (Readiness(GOOD, POINT), []),
        (Readiness(replace(GOOD, exists=False, balance_ngonka=0, public_key=None), POINT), ["no-account"]),
        (replace(READY, account=replace(GOOD, public_key=None)), ["not-published"]),
        (replace(READY, account=replace(GOOD, public_key=None, balance_ngonka=0)), ["not-published", "not-covered"]),
        (replace(READY, account=replace(GOOD, public_key=None, other_key="multisig")), ["other-key-type"]),
        (replace(READY, local_key=OTHER), ["key-mismatch"]),
        (replace(READY, account=replace(GOOD, public_key=OTHER)), ["key-mismatch"]),
        (replace(READY, account=replace(GOOD, balance_ngonka=105)), ["not-covered"]),
        (replace(READY, account=replace(GOOD, balance_ngonka=None)), ["unknown"]),
        (replace(READY, price=None, escrow_ngonka=None), ["unknown"]),
        (Readiness(replace(GOOD, balance_ngonka=0)), ["no-coins"]),
        (replace(READY, account=replace(GOOD, balance_ngonka=0), price=Price(0, "chain"), escrow_ngonka=0), []),
    ],
)
def test_what_is_lacking(readiness: Readiness, lacking: list[str]) -> None:
    assert names(readiness) == lacking
    assert readiness.ready == (not lacking)
    for shortfall in readiness.shortfalls:
        assert shortfall.problem
        assert shortfall.remedy


def test_the_remedies_name_commands_amounts_and_addresses() -> None:
    unpublished, poor = (
        replace(READY, account=replace(GOOD, **change)).shortfalls[0].remedy
        for change in ({"public_key": None}, {"balance_ngonka": 6})
    )
    assert "inferenced publish-pubkey --from NAME --node http://one/chain-rpc/ --chain-id gonka-mainnet" in unpublished
    assert poor == f"add at least 100 ngonka to {ADDRESS}, or ask for a smaller max_tokens"
    assert address_of(OTHER) in replace(READY, local_key=OTHER).shortfalls[0].problem


def test_a_key_belongs_to_one_account() -> None:
    unpublished = replace(GOOD, public_key=None)
    assert [belongs(key, account) for key in (POINT, OTHER) for account in (GOOD, unpublished)] == [
        True,
        True,
        False,
        False,
    ]
    assert not belongs(POINT, replace(GOOD, public_key=OTHER))
    assert Readiness(GOOD).key_matches is None


@given(st.none() | st.integers(0, 10**20), st.none() | st.integers(0, 10**20))
def test_an_equal_balance_covers(balance: int | None, escrow: int | None) -> None:
    covered = covers(replace(GOOD, balance_ngonka=balance), escrow)
    assert (covered is None) == (balance is None or escrow is None)
    if balance is not None and escrow is not None:
        assert covered == (balance >= escrow)


# A payload to reckon with


def test_an_estimate_of_a_mapping_and_of_its_bytes() -> None:
    assert estimate(PAYLOAD, 3) == estimate(BODY, 3) == escrow_of(BODY, 3) == 318
    with pytest.raises(PayloadError):
        estimate(b"[]", 1)


@given(st.text(), st.none() | st.integers(0, 2**31 - 1), st.none() | st.integers(0, 2**31 - 1))
def test_what_is_given_stands_in_place_of_the_payloads_own(text: str, own: int | None, given: int | None) -> None:
    payload = {"model": "a", "messages": [{"role": "user", "content": text}], "max_tokens": own}
    body = json.dumps(payload).encode()
    asked = json.loads(asked_of(body, "b", given))
    assert asked == {**payload, "model": "b", "max_tokens": own if given is None else given}
    assert asked_of(body) == body
    assert json.loads(asked_of(None, "b", 7)) == {"model": "b", "messages": [], "max_tokens": 7}


@pytest.mark.parametrize("body", [b"[]", b"", b"{" * 9999, b'{"max_tokens":1' + b"0" * 5000 + b"}"])
def test_what_is_no_payload(body: bytes) -> None:
    with pytest.raises(PayloadError):
        asked_of(body, "m")


@pytest.mark.parametrize("limit", [-1, 2**31])
def test_what_no_node_reads(limit: int) -> None:
    with pytest.raises(PayloadError, match="max_tokens"):
        asked_of(None, "m", limit)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b'{"messages":[]}', MissingSettingError),
        (b'{"messages":[],"model":7}', MissingSettingError),
        (b'{"messages":[],"model":"m","max_tokens":-1}', PayloadError),
        (b"nonsense", PayloadError),
    ],
)
def test_a_payload_without_a_price_is_refused_before_anybody_is_asked(body: bytes, error: type[Exception]) -> None:
    player: Player[Readiness] = Player(lambda request: ConnectError("x", "y"))
    with pytest.raises(error):
        player.play(readiness_flow([Endpoint.public("http://one")], ADDRESS, body=body, seconds=lambda: 0.0))
    assert player.asked == []


# At real nodes


def looked_at(url: str, address: str = ADDRESS, **more: Any) -> Readiness:
    return over_sockets(readiness_flow([Endpoint.public(url)], address, seconds=lambda: 0.0, **more))


def accepted(node: MockNode) -> bool:
    with Client(f"{node.url};{node.provider_address}", private_key=KEY) as client:
        try:
            return bool(client.chat(PAYLOAD).text)
        except AccountError:
            return False


@pytest.mark.parametrize("profile", CLASSIC)
def test_ready_is_what_the_node_takes(profile: str) -> None:
    """Not there, unpublished, one ngonka short, just enough: what is told is what happens."""
    with MockNode(profile=profile, accounts="listed") as node:
        states = {
            "no-account": None,
            "not-published": mock.Account(ADDRESS, None, 10**9),
            "not-covered": mock.Account(ADDRESS, POINT, 106 * 3 - 1),
            "ready": mock.Account(ADDRESS, POINT, 106 * 3),
        }
        node.chain.price = 3
        for state, account in states.items():
            if account is not None:
                node.chain.put(account)
            readiness = looked_at(node.url, local_key=POINT, body=BODY)
            assert readiness.ready == accepted(node) == (state == "ready")
            assert names(readiness)[:1] == ([] if state == "ready" else [state])
        readiness = looked_at(node.url, local_key=POINT, body=BODY)
        assert (readiness.escrow_ngonka, readiness.covered, readiness.key_matches) == (318, True, True)


@settings(max_examples=25, deadline=None)
@given(
    balance=st.integers(0, 400),
    price=st.integers(0, 4),
    published=st.booleans(),
    words=st.text(st.characters(codec="utf-8"), max_size=20),
)
def test_ready_is_what_a_node_takes_whatever_the_account(
    shared: MockNode, balance: int, price: int, published: bool, words: str
) -> None:
    payload = {**PAYLOAD, "messages": [{"role": "user", "content": f"w{words}"}]}
    shared.chain.price = price
    shared.chain.put(mock.Account(ADDRESS, POINT if published else None, balance))
    readiness = looked_at(shared.url, body=json.dumps(payload).encode())
    with Client(f"{shared.url};{shared.provider_address}", private_key=KEY) as client:
        try:
            taken = bool(client.chat(payload).text)
        except AccountError:
            taken = False
    assert readiness.ready == taken


@pytest.fixture(scope="module")
def shared() -> Any:
    with MockNode(profile="seed", accounts="listed") as node:
        yield node


def test_without_a_payload_no_price_is_asked() -> None:
    def answer(request: Request) -> Answer:
        assert "pric" not in request.url
        return said({"pubkey": "", "balance": 1}) if "accounts/" in request.url else said({}, 404)

    player: Player[Readiness] = Player(answer)
    found = player.play(readiness_flow([Endpoint.public("http://one")], ADDRESS, seconds=lambda: 0.0))
    assert (found.price, found.escrow_ngonka, found.covered) == (None, None, None)


def test_the_price_may_come_from_another_node_than_the_account() -> None:
    with MockNode(profile="v0.2.13", accounts="listed") as one, MockNode(profile="v0.2.13") as two:
        one.chain.fund(POINT, 500)
        one.nodes[0].switched_off = frozenset({"pricing"})
        two.chain.price = 4
        places = [Endpoint.public(node.url) for node in (one, two)]
        found = over_sockets(readiness_flow(places, ADDRESS, body=BODY, seconds=lambda: 0.0))
    assert (found.account.balance_ngonka, found.price, found.covered) == (500, Price(4, "governance"), True)


def test_nobody_tells() -> None:
    with pytest.raises(NotToldError):
        looked_at("http://127.0.0.1:9", body=BODY)
