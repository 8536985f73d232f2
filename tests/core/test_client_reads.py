"""What a client tells of accounts and models: by its own endpoints, given or found."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gonka_core import AsyncClient, Client, Endpoint, PrivateKey, address_of
from gonka_core.errors import InvalidAddressError, MissingSettingError, NotToldError
from gonka_core.resolve import signer
from gonka_mock_node import Account, MockNetwork
from gonka_mock_node.chain import Model

KEY = PrivateKey.generate()
PUBLIC = signer("auto", lambda: KEY).public_key
OTHER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"


@pytest.fixture
def network() -> Iterator[MockNetwork]:
    with MockNetwork(2, accounts="listed", models=["cheap", "dear"]) as running:
        running.fund(PUBLIC, 7_000_000_000)
        running.chain.models = (Model("cheap", price=2), Model("dear", price=9))
        yield running


def given(network: MockNetwork) -> str:
    return ",".join(f"{node.url};{node.provider_address}" for node in network.nodes)


def source(network: MockNetwork) -> str:
    return network.nodes[0].public_url


def test_its_own_account(network: MockNetwork) -> None:
    for client in (Client(given(network), private_key=KEY), Client(network=source(network), private_key=KEY)):
        with client:
            account = client.account()
            assert (account.address, account.exists, account.public_key) == (address_of(PUBLIC), True, PUBLIC)
            assert (account.balance_ngonka, str(account.balance_gnk)) == (7_000_000_000, "7")


def test_that_of_another(network: MockNetwork) -> None:
    network.chain.put(Account(OTHER, None, 5))
    with Client(given(network), private_key=KEY) as client:
        assert (client.account(OTHER).exists, client.account(OTHER).published) == (True, False)
        network.chain.remove(OTHER)
        assert not client.account(OTHER).exists
        with pytest.raises(InvalidAddressError):
            client.account("gonka1nobody")


def test_models_with_their_prices(network: MockNetwork) -> None:
    with Client(network=source(network), private_key=KEY) as client:
        assert [(model.id, model.price_ngonka) for model in client.models()] == [("cheap", 2), ("dear", 9)]


def test_the_next_node_is_asked_where_one_is_down(network: MockNetwork) -> None:
    network.faults.add("refused", node=1)
    with Client(given(network), private_key=KEY) as client:
        assert client.account().exists
        assert len(client.models()) == 2
        network.faults.add("refused", node=2)
        with pytest.raises(NotToldError):
            client.models()


def test_a_broker_knows_models_and_no_accounts() -> None:
    with (
        MockNetwork(1, profile="gateway", models=["test"]) as network,
        Client(Endpoint.broker(network.nodes[0].url, "sk-test")) as client,
    ):
        assert [model.id for model in client.models()] == ["test"]
        with pytest.raises(MissingSettingError):
            client.account()
        with pytest.raises(NotToldError, match="brokers know no accounts"):
            client.account(OTHER)


@pytest.mark.anyio
async def test_awaited(network: MockNetwork) -> None:
    async with AsyncClient(network=source(network), private_key=KEY) as client:
        assert (await client.account()).balance_ngonka == 7_000_000_000
        assert [model.id for model in await client.models()] == ["cheap", "dear"]
    async with AsyncClient(given(network), private_key=KEY) as client:
        assert (await client.account()).exists
