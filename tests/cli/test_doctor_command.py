"""`gonka doctor` as a user types it, against a real mock network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gonka_core.cli import main
from gonka_core.cli.doctor import doctor
from gonka_core.cli.run import cli
from gonka_core.keys import PrivateKey
from gonka_core.resolve import signer
from gonka_mock_node import MockNetwork

KEY = "93edcabddd69ed320c6dc7762eb064d2eec6a075971da91b34b3134c9a6d22e7"
PUBLIC_KEY = signer("auto", lambda: PrivateKey.from_hex(KEY)).public_key
NAMES = ("key", "settings", "dns", "tcp", "tls", "http", "generation", "provider", "allowed", "epoch", "developers")

cli.add_command(doctor)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockNetwork]:
    with MockNetwork(2, accounts="listed") as network:
        network.fund(PUBLIC_KEY)
        monkeypatch.setenv("GONKA_PRIVATE_KEY", KEY)
        monkeypatch.setenv("GONKA_ENDPOINT", network.nodes[0].url)
        monkeypatch.setenv("GONKA_PROVIDER_ADDRESS", network.nodes[0].provider_address)
        yield network


def run(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    """What the command printed; nothing on stderr unless it was wrongly used."""
    assert main(["doctor", *arguments]) == status
    printed = capsys.readouterr()
    assert KEY not in printed.out + printed.err
    assert bool(printed.err) == (status == 2)
    return printed.out or printed.err


def test_a_line_for_each_link(network: MockNetwork, capsys: Any) -> None:
    lines = run(capsys).splitlines()
    assert tuple(line.split()[1] for line in lines)[: len(NAMES)] == NAMES
    assert {line.split()[0] for line in lines} == {"ok", "unknown"}
    assert "gonka doctor --send" in lines[-1]
    assert "\x1b" not in "".join(lines)


def test_what_is_wrong_ends_in_what_mends_it(network: MockNetwork, capsys: Any) -> None:
    network.chain.remove(next(iter(network.chain.accounts())).address)
    wrong = [line for line in run(capsys, status=1).splitlines() if line.startswith("wrong")]
    assert len(wrong) == 1
    assert "the chain does not know the account" in wrong[0]
    assert "to mend it: send some coins to gonka1" in wrong[0]


def test_the_document(network: MockNetwork, capsys: Any) -> None:
    told = json.loads(run(capsys, "--json", "--send", "--model", "test"))
    assert (told["version"], told["healthy"]) == (1, True)
    assert {finding["verdict"] for finding in told["findings"]} == {"ok"}
    assert all(
        finding.keys() == {"name", "verdict", "cause", "remedy", "subject", "details"} for finding in told["findings"]
    )
    network.assert_accepted(1)
    network.chain.allow("gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")
    told = json.loads(run(capsys, "--json", status=1))
    assert not told["healthy"]
    assert [found["name"] for found in told["findings"] if found["verdict"] == "wrong"] == ["allowed"]


def test_options_win_over_the_environment(network: MockNetwork, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONKA_ENDPOINT", "http://127.0.0.1:1/v1")
    node = network.nodes[1]
    out = run(capsys, "--endpoint", node.url, "--provider-address", node.provider_address)
    assert node.url in out
    assert "not looked at: GONKA_ENDPOINT" in out


def test_nodes_are_found_and_proven(network: MockNetwork, capsys: Any) -> None:
    source = network.nodes[0].url.removesuffix("/v1")
    trusted = network.chain.validators_hash.hex()
    out = run(capsys, "--source", source, "--verify", "validators", "--trust", trusted)
    assert "2 usable" in out
    assert "proof: validators" in out
    assert "nobody vouches" in run(capsys, "--source", source, "--verify", "validators", status=1)
    asked_for = ("--source", source, "--verify", "consistent", "--chain-id")
    assert "proof: consistent" in run(capsys, *asked_for, "gonka-mainnet")
    assert "another chain" in run(capsys, *asked_for, "gonka-testnet-3", status=1)
    assert "printable ASCII" in run(capsys, *asked_for, "", status=1)


def test_the_key_may_be_in_a_file(
    network: MockNetwork, capsys: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("GONKA_PRIVATE_KEY")
    path = tmp_path / "key"
    path.write_text(KEY)
    path.chmod(0o600)
    assert "the key (--key-file) belongs to gonka1" in run(capsys, "--key-file", str(path))
    path.write_text(KEY[:-1])
    assert "63 hex digits" in run(capsys, "--key-file", str(path), status=1)
    assert "there is no private key" in run(capsys, status=1)
    assert "more than once" in run(capsys, "--key-file", str(path), "--keyring", "mine", status=2)
    assert "no secret is an option's value" in run(capsys, "--private-key", "0", status=2)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--provider-address", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"),
        ("--verify", "entirely"),
        ("--timeout", "0"),
        ("--no-such-option",),
        ("a-word",),
    ],
)
def test_wrongly_used(arguments: tuple[str, ...], capsys: Any) -> None:
    assert run(capsys, *arguments, status=2).startswith("gonka: ")


def test_nothing_set(capsys: Any) -> None:
    assert "no endpoint is configured" in run(capsys, status=1)
