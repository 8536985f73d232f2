"""An account as nodes of every generation and the chain tell of it; what nobody tells is an error, never a guess."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonka_core import Client, Endpoint, InsufficientBalanceError, PrivateKey
from gonka_core.account_answers import (
    balance_routes,
    chain_account_of,
    chain_balance_of,
    chain_route,
    refused_account_of,
)
from gonka_core.accounts import Account, account_flow, account_of, routes
from gonka_core.answers import Answer
from gonka_core.errors import CallError, ConnectError, InvalidAddressError, MissingSettingError, NotToldError
from gonka_core.numbers import whole
from gonka_core.resolve import signer
from gonka_core.types import Request
from gonka_mock_node import MockNetwork, MockNode
from gonka_mock_node import chain as mock
from gonka_mock_node.profiles import PROFILES
from tests.core.playing import Player, over_sockets
from tests.core.playing import said as told_json
from tests.recorder import Recorder, http

ADDRESS = "gonka1w508d6qejxtdg4y5r3zarvary0c5xw7k2gsyg6"
KEY33 = base64.b64encode(b"\x02" * 33).decode()
WORDS = ["balance", "pubkey", "denom", "account", "pub_key", "@type", "key", "balances", "amount", "code", "error"]
ANYTHING = st.binary(max_size=200) | st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "balance",
                    "pubkey",
                    "denom",
                    "account",
                    "pub_key",
                    "@type",
                    "key",
                    "balances",
                    "amount",
                    "code",
                    "error",
                ]
            ),
            inner,
        )
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


PUBLISHED = Account(ADDRESS, None, b"\x02" * 33)
KEY_ON_CHAIN = {"@type": "/cosmos.crypto.secp256k1.PubKey", "key": KEY33}
MULTISIG: dict[str, Any] = {"@type": "/cosmos.crypto.multisig.LegacyAminoPubKey", "threshold": 1, "public_keys": []}


@pytest.mark.parametrize(
    ("account", "known"),
    [
        ({"address": ADDRESS, "pub_key": KEY_ON_CHAIN}, PUBLISHED),
        ({"pub_key": KEY_ON_CHAIN}, PUBLISHED),
        ({"pub_key": None}, Account(ADDRESS, None, None)),
        ({"base_account": {"address": ADDRESS, "pub_key": None}, "name": "gov"}, Account(ADDRESS, None, None)),
        ({"base_vesting_account": {"base_account": {"pub_key": KEY_ON_CHAIN}}}, PUBLISHED),
        ({"pub_key": MULTISIG}, Account(ADDRESS, None, None, other_key=MULTISIG["@type"])),
        ({"address": "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le", "pub_key": KEY_ON_CHAIN}, None),
        ({"pub_key": KEY_ON_CHAIN | {"key": "AAAA"}}, None),
        ({"pub_key": {"key": KEY33}}, None),
        ({"pub_key": KEY33}, None),
        ({"a": {"b": {"pub_key": None}}}, None),
        ({"base_account": {"base_account": {"base_account": {"pub_key": None}}}}, None),
        ([], None),
    ],
)
def test_an_account_of_the_chain(account: Any, known: Account | None) -> None:
    assert chain_account_of(ADDRESS, 200, said({"account": account})) == known
    assert chain_account_of(ADDRESS, 500, said({"account": account})) is None


def test_the_chain_says_that_there_is_no_account() -> None:
    refusal = {"code": 5, "message": f"rpc error: code = NotFound desc = account {ADDRESS} not found: key not found"}
    missing = chain_account_of(ADDRESS, 404, said(refusal))
    assert missing == Account(ADDRESS, 0, None, exists=False)
    for status, other in (
        (404, {"code": 12, "message": "not found"}),
        (404, {}),
        (404, "Chain API Disabled"),
        (200, refusal),
    ):
        assert chain_account_of(ADDRESS, status, said(other)) is None


@pytest.mark.parametrize(
    ("coins", "balance"),
    [
        ([{"denom": "ngonka", "amount": "7"}], 7),
        ([{"denom": "ibc/x", "amount": "9"}, {"denom": "ngonka", "amount": "7"}], 7),
        ([], 0),
        ([{"denom": "ibc/x", "amount": "9"}], 0),
        ([{"denom": "ngonka", "amount": "-7"}], None),
        ([{"denom": "ngonka", "amount": "9" * 31}], None),
        ([{"denom": "ngonka"}], None),
        ("none", None),
        ([7], None),
        (None, None),
    ],
)
def test_a_balance_of_the_chain(coins: Any, balance: int | None) -> None:
    assert chain_balance_of(200, said({"balances": coins})) == balance
    assert chain_balance_of(404, said({"balances": coins})) is None


def test_a_balance_on_a_page_that_is_not_shown_is_not_known() -> None:
    page = {"balances": [{"denom": "ibc/x", "amount": "9"}], "pagination": {"next_key": "bmdvbmth", "total": "101"}}
    assert chain_balance_of(200, said(page)) is None
    assert chain_balance_of(200, said({**page, "pagination": {"next_key": None}})) == 0


ONCE = "rpc error: code = NotFound desc = "
MISSING = Account(ADDRESS, 0, None, exists=False)
UNPUBLISHED = Account(ADDRESS, None, None)


@pytest.mark.parametrize("wrapped", ["", ONCE, ONCE + ONCE])
@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("account not found: key not found", MISSING),
        ("Account not found", MISSING),
        ("Inference participant not found", MISSING),
        ("account has no public key: key not found", UNPUBLISHED),
        ("runtime error: invalid memory address or nil pointer dereference: panic", UNPUBLISHED),
        ("Not Found", None),
        ("invalid address: invalid request", None),
        ("connection error: desc = error reading server preface: EOF", None),
    ],
)
def test_what_a_refusal_says(wrapped: str, text: str, known: Account | None) -> None:
    for status in (404, 500):
        assert refused_account_of(ADDRESS, status, wrapped + text) == known
    for status in (400, 403, 502, 503):
        assert refused_account_of(ADDRESS, status, wrapped + text) is None


# The flow, at real nodes

ALL = ["v0.2.3", "v0.2.5", "v0.2.9", "v0.2.11", "v0.2.12", "v0.2.13", "v0.2.14", "v0.2.15", "seed"]
POINT = signer("ecdsa", lambda: PrivateKey((82).to_bytes(32, "big"))).public_key
CLOSED = Endpoint.public("http://127.0.0.1:9")


def ask_for(*endpoints: Endpoint | str, address: str = ADDRESS) -> Account:
    """The account, asked for over sockets."""
    places = [each if isinstance(each, Endpoint) else Endpoint.public(each) for each in endpoints]
    return over_sockets(account_flow(places, address, seconds=lambda: 0.0))


@pytest.mark.parametrize("profile", ALL)
def test_what_every_generation_tells(profile: str) -> None:
    """Not there, there without a key, empty, with coins: each is told apart, where the chain's own routes are open."""
    with MockNode(profile=profile) as node:
        is_open = PROFILES[profile].routes.chain_proxy
        missing = ask_for(node.url)
        assert (missing.exists, missing.balance_ngonka, missing.published, missing.complete) == (False, 0, False, True)

        node.chain.put(mock.Account(ADDRESS, None, 5))
        unpublished = ask_for(node.url)
        assert (unpublished.exists, unpublished.published) == (True, False)
        assert unpublished.balance_ngonka == (5 if is_open else None)
        assert unpublished.routes[0] == (chain_route(ADDRESS) if is_open else _own_route(profile))

        for balance in (0, 10**18):
            funded = node.chain.fund(POINT, balance)
            found = ask_for(node.url, address=funded.address)
            assert found == Account(
                funded.address,
                balance,
                POINT,
                node=node.url.removesuffix("/v1"),
                routes=(_own_route(profile, funded.address),),
            )
            assert found.complete


def _own_route(profile: str, address: str = ADDRESS) -> str:
    return routes(address)[1 if PROFILES[profile].routes.accounts == "sparse" else 0]


@pytest.mark.parametrize("profile", ["v0.2.11", "v0.2.13", "v0.2.15", "seed"])
def test_a_node_that_serves_no_accounts(profile: str) -> None:
    with MockNode(profile=profile) as node:
        node.chain.put(mock.Account(ADDRESS, b"\x02" * 33, 5))
        node.nodes[0].switched_off = frozenset({"accounts"})
        if PROFILES[profile].routes.chain_proxy:
            found = ask_for(node.url)
            assert (found.balance_ngonka, found.public_key) == (5, b"\x02" * 33)
            assert found.routes == (chain_route(ADDRESS), balance_routes(ADDRESS)[0])
        else:
            with pytest.raises(NotToldError, match=r"Access Denied.*Chain API Disabled"):
                ask_for(node.url)


def test_the_chain_cannot_be_asked_and_the_next_node_can() -> None:
    with MockNode(profile="seed") as broken, MockNode(profile="seed") as node:
        node.chain.put(mock.Account(ADDRESS, b"\x02" * 33, 5))
        broken.chain.outages.add("accounts")
        found = ask_for(broken.url, node.url)
        assert (found.node, found.balance_ngonka) == (node.url.removesuffix("/v1"), 5)
        with pytest.raises(NotToldError, match="error reading server preface"):
            ask_for(broken.url)


def test_the_next_is_asked_where_one_is_down() -> None:
    with MockNode(profile="v0.2.13") as node:
        assert ask_for(CLOSED, node.url).node == node.url.removesuffix("/v1")
        with pytest.raises(NotToldError, match="cannot be reached") as caught:
            ask_for(CLOSED)
        assert list(caught.value.sources) == ["http://127.0.0.1:9"]


def test_a_gateway_knows_no_accounts() -> None:
    with (
        MockNode(profile="gateway") as node,
        pytest.raises(NotToldError, match="brokers know no accounts"),
    ):
        ask_for(node.url)


@pytest.mark.parametrize("fault", ["bad-gateway", "reset"])
def test_a_node_that_fails_is_passed_over(fault: str) -> None:
    with MockNetwork(2, profile="v0.2.13") as network:
        network.chain.put(mock.Account(ADDRESS, b"\x02" * 33, 5))
        network.faults.add(fault, node=1)
        one, two = (node.url for node in network.nodes)
        assert ask_for(one, two).node == two.removesuffix("/v1")


def test_a_broker_is_not_asked_and_its_key_goes_nowhere() -> None:
    with Recorder([[http("200 OK", b"{}")]]) as server, MockNode(profile="v0.2.13") as node:
        broker = Endpoint.broker(server.url, "sk-secret")
        assert not ask_for(broker, node.url).exists
        assert server.received == []
        with pytest.raises(NotToldError, match="a broker"):
            ask_for(broker)


def test_nothing_that_is_sent_tells_who_asks() -> None:
    with Recorder([[http("200 OK", b'{"balance":1}')]]) as server:
        ask_for(Endpoint(server.url, ADDRESS))
        names = {name.lower() for request in server.received for name, _ in request.headers}
    assert not names & {"authorization", "x-requester-address", "x-timestamp"}


# The flow, at nodes of every kind of strangeness


def by_path(answers: dict[str, Answer | CallError]) -> Callable[[Request], Answer | CallError]:
    """Answers by what the path ends before the address; 404 for any other."""

    def answer(request: Request) -> Answer | CallError:
        path = request.url.removeprefix(request.endpoint.root).removesuffix(f"/{ADDRESS}")
        return answers.get(path, told_json({"error": "Not Found"}, 404))

    return answer


def played(answers: dict[str, Answer | CallError], *endpoints: Endpoint) -> tuple[Account, list[str]]:
    player: Player[Account] = Player(by_path(answers))
    places = endpoints or (Endpoint.public("http://one"),)
    return player.play(account_flow(places, ADDRESS, seconds=lambda: 0.0)), player.urls


V2, AUTH = "/v2/accounts", "/chain-api/cosmos/auth/v1beta1/accounts"
SPENDABLE, BALANCES = (
    "/chain-api/cosmos/bank/v1beta1/spendable_balances",
    "/chain-api/cosmos/bank/v1beta1/balances",
)


def test_a_balance_without_a_key_makes_the_chain_be_asked_for_the_key() -> None:
    known = {"account": {"pub_key": KEY_ON_CHAIN}}
    found, asked = played({V2: told_json({"balance": 9}), AUTH: told_json(known)})
    assert (found.balance_ngonka, found.public_key) == (9, b"\x02" * 33)
    assert found.routes == (f"{V2}/{ADDRESS}", f"{AUTH}/{ADDRESS}")
    assert len(asked) == 4  # the balance of the chain is asked as well, and does not count: 404


def test_what_can_be_spent_goes_before_what_is_there() -> None:
    """Coins that vest are there, and pay for nothing."""
    coins = {"balances": [{"denom": "ngonka", "amount": "100"}]}
    chain: dict[str, Answer | CallError] = {AUTH: told_json({"account": {"pub_key": None}}), BALANCES: told_json(coins)}
    assert played(chain)[0].balance_ngonka == 100
    spendable = {"balances": [{"denom": "ngonka", "amount": "1"}]}
    assert played({**chain, SPENDABLE: told_json(spendable)})[0].balance_ngonka == 1


def test_a_key_of_another_kind_is_told() -> None:
    found, _ = played(
        {V2: told_json({"pubkey": "AAAA", "balance": 9}), AUTH: told_json({"account": {"pub_key": MULTISIG}})}
    )
    assert (found.other_key, found.published, found.balance_ngonka, found.complete) == (
        MULTISIG["@type"],
        False,
        9,
        True,
    )


def test_who_told_a_part_is_not_asked_about_by_all_the_others() -> None:
    many = [Endpoint.public(f"http://host{number}") for number in range(50)]
    found, asked = played({V2: told_json({"error": "account has no public key"}, 404)}, *many)
    assert (found.node, found.balance_ngonka, found.published) == ("http://host0", None, False)
    assert len({url.split("/")[2] for url in asked}) == 4


def test_a_later_node_may_tell_more() -> None:
    def answer(request: Request) -> Answer | CallError:
        if request.endpoint.url == "http://one/v1":
            return told_json({"error": "account has no public key"}, 404)
        return told_json({"balance": 3})

    player: Player[Account] = Player(answer)
    places = (Endpoint.public("http://one"), Endpoint.public("http://two"))
    found = player.play(account_flow(places, ADDRESS, seconds=lambda: 0.0))
    assert (found.node, found.balance_ngonka) == ("http://two", 3)


@pytest.mark.parametrize(
    "number", ["1" + "0" * 5000, "1" + "0" * 4000, "1" + "0" * 30, "-1", "1e400", "NaN", '"1e3"', "[]"]
)
def test_numbers_that_are_none_are_not_believed(number: str) -> None:
    body = Answer(200, {}, b'{"pubkey":"%s","balance":%s,"denom":"ngonka"}' % (KEY33.encode(), number.encode()))
    with pytest.raises(NotToldError):
        played({V2: body})


@settings(max_examples=60)
@given(st.lists(ANYTHING, min_size=1, max_size=6), st.sampled_from([200, 404, 500, 503, 301]))
def test_whatever_nodes_say_it_is_an_account_or_one_error(bodies: list[bytes], status: int) -> None:
    answers = iter(bodies * 10)
    player: Player[Account] = Player(lambda request: Answer(status, {}, next(answers)))
    try:
        found = player.play(account_flow([Endpoint.public("http://one")], ADDRESS, seconds=lambda: 0.0))
    except NotToldError:
        return
    assert found.address == ADDRESS
    assert found.exists or found.balance_ngonka == 0
    assert found.public_key is None or len(found.public_key) == 33


@settings(max_examples=30)
@given(balance=st.integers(0, 10**18), as_text=st.booleans(), published=st.booleans())
def test_what_the_chain_has_is_what_is_told(balance: int, as_text: bool, published: bool) -> None:
    """The same account in the words of an old node, a new one, and the chain."""
    key = {"pubkey": KEY33} if published else {}
    number = str(balance) if as_text else balance
    old = {**key, **({"balance": number} if balance else {})}
    new = {"pubkey": KEY33 if published else "", "balance": number, "denom": "ngonka"}
    coins = [{"denom": "ngonka", "amount": str(balance)}] if balance else []
    chain = {"account": {"pub_key": KEY_ON_CHAIN if published else None}}
    known = [
        played({"/v1/participants": told_json(old)}),
        played({V2: told_json(new)}),
        played({AUTH: told_json(chain), BALANCES: told_json({"balances": coins})}),
    ]
    for found, _ in known:
        assert (found.exists, found.balance_ngonka, found.published) == (True, balance, published)
        assert found.balance_gnk is not None
        assert found.balance_gnk * 10**9 == balance


def test_without_an_address_nobody_is_asked() -> None:
    player: Player[Account] = Player(lambda request: ConnectError("x", "y"))
    with pytest.raises(MissingSettingError, match="GONKA_ADDRESS"):
        player.play(account_flow([CLOSED], None, seconds=lambda: 0.0))
    with pytest.raises(InvalidAddressError):
        player.play(account_flow([CLOSED], ADDRESS[:-1], seconds=lambda: 0.0))
    assert player.asked == []


def test_an_address_in_capitals_is_the_same() -> None:
    player: Player[Account] = Player(lambda request: told_json({"balance": 1}))
    assert player.play(account_flow([CLOSED], ADDRESS.upper(), seconds=lambda: 0.0)).address == ADDRESS


@given(ANYTHING, st.sampled_from([200, 404, 500]))
def test_nothing_that_a_node_says_raises(body: bytes, status: int) -> None:
    account_of(ADDRESS, body)
    chain_account_of(ADDRESS, status, body)
    chain_balance_of(status, body)
    refused_account_of(ADDRESS, status, body.decode("utf-8", "replace"))


@given(st.integers(0, 10**30 - 1))
def test_a_whole_number_is_the_same_as_text(number: int) -> None:
    assert whole(number) == whole(str(number)) == number


@pytest.mark.parametrize("value", [-1, "-1", "", " 1", "1.0", "٣", 1.0, True, None, [], "1" * 31])
def test_what_is_no_whole_number(value: object) -> None:
    assert whole(value) is None


CLASSIC = sorted(name for name, profile in PROFILES.items() if profile.kind == "classic")
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
