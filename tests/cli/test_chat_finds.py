"""`gonka chat` where nobody says which model, or which node: it finds them, and says what it chose."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from gonka_core import PrivateKey
from gonka_core.cli import main
from gonka_mock_node import MockNetwork, Participant
from gonka_mock_node.chain import Model

KEY = PrivateKey.generate()


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockNetwork]:
    with MockNetwork(2) as running:
        monkeypatch.setenv("GONKA_PRIVATE_KEY", KEY.reveal().hex())
        monkeypatch.setenv("GONKA_SOURCE_URL", running.nodes[0].public_url)
        yield running


def serving(network: MockNetwork, *models: Model, by_first: tuple[str, ...] | None = None) -> None:
    """These models are served, by both nodes unless it is said what the first one serves."""
    names = tuple(model.id for model in models)
    network.chain.models = models
    for number, node in enumerate(network.nodes):
        served = by_first if number == 0 and by_first is not None else names
        network.chain.join(Participant(node.provider_address, node.public_url, models=served))


def asked(network: MockNetwork) -> str | None:
    (verdict,) = network.journal
    return verdict.model


def test_the_only_model_is_asked_without_a_word(network: MockNetwork, capsys: pytest.CaptureFixture[str]) -> None:
    serving(network, Model("only"))
    assert main(["chat", "hi"]) == 0
    out, err = capsys.readouterr()
    assert (out, err) == ("You said: hi\n", "")
    assert asked(network) == "only"


def test_of_several_the_one_that_most_serve(network: MockNetwork, capsys: pytest.CaptureFixture[str]) -> None:
    serving(network, Model("rare", price=1), Model("common", price=9), by_first=("common",))
    assert main(["chat", "hi"]) == 0
    assert "asking common, one of 2 models; choose with --model" in capsys.readouterr().err
    assert asked(network) == "common"


def test_of_those_the_cheapest(network: MockNetwork) -> None:
    serving(network, Model("dear", price=9), Model("cheap", price=2), Model("middling", price=5))
    assert main(["chat", "hi"]) == 0
    assert asked(network) == "cheap"


def test_where_none_is_served_nothing_is_sent(network: MockNetwork, capsys: pytest.CaptureFixture[str]) -> None:
    network.chain.models = ()
    assert main(["chat", "hi"]) == 2
    assert "no model is served at the moment; give --model NAME" in capsys.readouterr().err
    assert not network.journal


def test_the_model_that_is_named_wins(network: MockNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    serving(network, Model("cheap", price=1), Model("mine", price=9))
    monkeypatch.setenv("GONKA_MODEL", "mine")
    assert main(["chat", "hi"]) == 0
    assert asked(network) == "mine"


@pytest.mark.parametrize("option", [("--verify", "none"), ("--trust", "ab" * 32), ("--private",), ("--public",)])
def test_options_about_a_network_need_one(
    network: MockNetwork,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    option: tuple[str, ...],
) -> None:
    node = network.nodes[0]
    monkeypatch.setenv("GONKA_ENDPOINTS", f"{node.url};{node.provider_address}")
    assert main(["chat", "hi", "--model", "test", *option]) == 2
    assert "are about a network, and none is asked" in capsys.readouterr().err
    assert not network.journal


def test_a_source_as_an_option(network: MockNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONKA_SOURCE_URL", "http://127.0.0.1:9")
    assert main(["chat", "hi", "--model", "test", "--source", network.nodes[1].public_url]) == 0
    network.assert_accepted(1)


def test_public_addresses_only(network: MockNetwork, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["chat", "hi", "--model", "test", "--public"]) == 1
    assert "loopback" in capsys.readouterr().err
    assert not network.journal
