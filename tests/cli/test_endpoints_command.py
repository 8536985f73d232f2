"""`gonka endpoints` as a user types it, against real mock nodes."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gonka_core.cli import main
from gonka_mock_node import MockNetwork

STRANGER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
CURRENT = "/v1/epochs/current/participants"


@pytest.fixture(scope="module")
def running() -> Iterator[MockNetwork]:
    with MockNetwork(3) as network:
        yield network


@pytest.fixture
def network(running: MockNetwork, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> MockNetwork:
    running.reset()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setenv("GONKA_SOURCE_URL", ",".join(node.public_url for node in running.nodes))
    return running


def run(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    """What the command printed: on stdout where it succeeds, else the one line on stderr."""
    assert main(["endpoints", *arguments]) == status
    printed = capsys.readouterr()
    if status:
        assert printed.out == ""
        assert printed.err.count("\n") == 1
        return printed.err
    assert printed.err == ""
    return printed.out


def told(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(run(capsys, *arguments, "--json"))
    return found


def test_the_network_of_the_environment(network: MockNetwork, capsys: Any) -> None:
    found = told(capsys)
    assert found["static"] == []
    listed = found["network"]
    assert [each["url"] for each in listed["endpoints"]] == [node.url for node in network.nodes]
    assert [each["provider_address"] for each in listed["endpoints"]] == [n.provider_address for n in network.nodes]
    assert (listed["source"], listed["epoch"]) == (network.nodes[0].public_url, network.chain.epoch)
    assert (listed["level"], listed["allow_list"], listed["from_cache"]) == ("consistent", [], False)
    assert 0 <= listed["age_s"] < 60


def test_a_table_to_read(network: MockNetwork, capsys: Any) -> None:
    network.chain.exclude(network.nodes[1].provider_address, "x")
    printed = run(capsys)
    assert network.nodes[0].url in printed
    assert network.nodes[0].provider_address in printed
    assert network.nodes[1].provider_address not in printed
    assert "empty: everyone is allowed" in printed
    assert "verify is none" in printed
    assert "left out    1 (--all shows them)" in printed
    everybody = run(capsys, "--all")
    assert f"{network.nodes[1].provider_address}  it was excluded from the epoch" in everybody
    assert "--all" not in everybody


def test_a_source_and_a_level(network: MockNetwork, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GONKA_SOURCE_URL")
    source, pin = network.nodes[1].public_url, network.chain.validators_hash.hex()
    listed = told(capsys, "--source", source, "--verify", "validators", "--trust", pin)["network"]
    assert (listed["source"], listed["level"], listed["anchor"]) == (source, "validators", pin)
    refused = run(capsys, "--source", source, "--verify", "validators", status=1)
    assert "nobody vouches" in refused
    asked_for = ("--source", source, "--verify", "validators", "--trust", pin, "--chain-id")
    assert told(capsys, *asked_for, "gonka-mainnet")["network"]["anchor"] == pin
    assert "another chain" in run(capsys, *asked_for, "gonka-testnet-3", status=1)
    other = network.nodes[2].public_url
    listed = told(capsys, "--source", source, "--source", other, "--verify", "validators")["network"]
    assert listed["anchor"] == other


def test_a_liar(network: MockNetwork, capsys: Any) -> None:
    network.faults.add("forged-proof")
    assert "not proven" in run(capsys, "--verify", "consistent", status=1)
    assert told(capsys)["network"]["level"] == "none"


def test_an_older_list_where_nobody_answers(network: MockNetwork, capsys: Any, tmp_path: Path) -> None:
    first = told(capsys)["network"]
    network.faults.add("status", code=500, route=CURRENT)
    assert "answered 500" in run(capsys, "--no-cache", status=1)
    kept = told(capsys)["network"]
    assert kept["endpoints"] == first["endpoints"]
    assert kept["learned_at"] == first["learned_at"]
    assert kept["from_cache"]
    assert "answered 500" in kept["trouble"]
    assert "(from the disk)" in run(capsys)
    for path in tmp_path.rglob("*.json"):
        path.write_text(path.read_text().replace(str(first["learned_at"]), str(first["learned_at"] - 90_000)))
    assert "answered 500" in run(capsys, status=1)


def test_an_older_list_does_not_overrule_a_source(network: MockNetwork, capsys: Any) -> None:
    told(capsys)
    network.chain.allow(STRANGER)
    assert "none may be asked" in run(capsys, status=1)


def test_nothing_is_kept_without_the_cache(network: MockNetwork, capsys: Any, tmp_path: Path) -> None:
    told(capsys, "--no-cache")
    assert not list(tmp_path.rglob("*.json"))


def test_private_nodes(network: MockNetwork, capsys: Any) -> None:
    assert "loopback" in run(capsys, "--public", status=1)
    assert len(told(capsys, "--private")["network"]["endpoints"]) == 3


def test_endpoints_that_are_given(
    network: MockNetwork, capsys: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("GONKA_ENDPOINTS", f"http://a.example;{STRANGER}")
    monkeypatch.setenv("GONKA_BROKER_URL", "http://broker.example/v1")
    monkeypatch.setenv("GONKA_BROKER_API_KEY", "sk-" + "s" * 30)
    found = told(capsys)
    assert found["network"] is None
    assert [each["url"] for each in found["static"]] == ["http://a.example/v1", "http://broker.example/v1"]
    printed = run(capsys)
    assert "sk-" not in printed
    assert "broker" in printed
    assert "give --source" in run(capsys, "--verify", "consistent", status=2)
    assert "give --source" in run(capsys, "--chain-id", "gonka-mainnet", status=2)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--source", "ftp://a.example"], "http:// or https://"),
        (["--verify", "much"], "--verify"),
        (["--trust", "abc"], "64 hex digits"),
        (["--chain-id", ""], "printable ASCII"),
        (["--chain-id", "x" * 51], "printable ASCII"),
        (["--timeout", "0"], "--timeout"),
        (["--transport", "pigeon"], "pigeon"),
    ],
)
def test_what_is_wrongly_given(network: MockNetwork, capsys: Any, arguments: list[str], words: str) -> None:
    assert words in run(capsys, *arguments, status=2)


def test_nothing_is_set(capsys: Any) -> None:
    assert "GONKA_SOURCE_URL" in run(capsys, status=2)


def test_names_of_strangers_are_only_text(network: MockNetwork, capsys: Any) -> None:
    """No markup, no escape sequences."""
    network.chain.models = ("[bold]m[/bold]", "x\x1b[31m")
    network.chain.join(network.chain.participants()[0].__class__(STRANGER, "http://203.0.113.1", models=None))
    printed = run(capsys)
    assert "[bold]m[/bold]" in printed
    assert "\x1b" not in printed
