"""`gonka account`, as it is typed, at real mock nodes."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gonka_core.cli import main
from gonka_core.keys import PrivateKey
from gonka_core.resolve import signer
from gonka_mock_node import MockNode
from gonka_mock_node.chain import Account
from tests.recorder import Recorder, http

KEY = "93edcabddd69ed320c6dc7762eb064d2eec6a075971da91b34b3134c9a6d22e7"
ADDRESS = "gonka1ya4szxe35cce6zd8g7vh95elze9quacq3j3ugs"
OTHER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
POINT = signer("ecdsa", lambda: PrivateKey.from_hex(KEY)).public_key
PAYLOAD = '{"model":"test","messages":[{"role":"user","content":"hello"}],"max_tokens":100}'


@pytest.fixture
def node(monkeypatch: pytest.MonkeyPatch) -> Iterator[MockNode]:
    """A node that NODE_URL names, whose chain can be asked, and on which the account has 1.5 GNK."""
    with MockNode(profile="seed", accounts="listed") as node:
        node.chain.fund(POINT, 1_500_000_000)
        node.chain.price = 3
        monkeypatch.setenv("NODE_URL", node.url.removesuffix("/v1"))
        yield node


@pytest.fixture
def payload(tmp_path: Path) -> str:
    path = tmp_path / "payload.json"
    path.write_text(PAYLOAD)
    return str(path)


def told(capsys: Any, *arguments: str, status: int = 0) -> dict[str, Any]:
    """The JSON that the command printed."""
    assert main(["account", *arguments, "--json"]) == status
    printed = capsys.readouterr()
    assert printed.err == ""
    document: dict[str, Any] = json.loads(printed.out)
    assert document["ready"] == (status == 0)
    return document


def lacking(document: dict[str, Any]) -> list[str]:
    return [shortfall["name"] for shortfall in document["shortfalls"]]


class TestReady:
    def test_lines(self, node: MockNode, capsys: Any, monkeypatch: pytest.MonkeyPatch, payload: str) -> None:
        monkeypatch.setenv("GONKA_PRIVATE_KEY", KEY)
        assert main(["account", "--file", payload]) == 0
        lines = dict(line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines())
        assert lines["address"] == ADDRESS
        assert lines["balance"] == "1500000000 ngonka (1.5 GNK)"
        assert lines["price"] == "3 ngonka a token (chain)"
        assert lines["escrow"] == "318 ngonka"
        assert lines["local"].split() == ["key", "matches"]
        assert (lines["exists"], lines["covered"], lines["ready"]) == ("yes", "yes", "yes")

    def test_json(self, node: MockNode, capsys: Any, payload: str) -> None:
        assert told(capsys, ADDRESS, "--file", payload) == {
            "address": ADDRESS,
            "exists": True,
            "balance_ngonka": 1_500_000_000,
            "balance_gnk": "1.5",
            "published": True,
            "public_key": "A23422wi+xt8E3AWrB6WPx2Rmwc7kruLm9jJqCM8OdDW",
            "other_key": None,
            "key_matches": None,
            "node": node.url.removesuffix("/v1"),
            "routes": [f"/v2/accounts/{ADDRESS}"],
            "model": "test",
            "price_ngonka": 3,
            "price_source": "chain",
            "escrow_ngonka": 318,
            "covered": True,
            "ready": True,
            "shortfalls": [],
        }

    def test_no_key_is_needed_where_the_address_is_known(
        self, node: MockNode, capsys: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GONKA_ADDRESS", ADDRESS)
        assert told(capsys)["key_matches"] is None
        assert told(capsys, OTHER, status=1)["address"] == OTHER

    def test_the_key_may_come_from_a_file(self, node: MockNode, capsys: Any, tmp_path: Path) -> None:
        path = tmp_path / "key"
        path.write_text(KEY)
        path.chmod(0o600)
        document = told(capsys, "--key-file", str(path))
        assert (document["address"], document["key_matches"]) == (ADDRESS, True)

    def test_the_payload_may_come_from_stdin(
        self, node: MockNode, capsys: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(PAYLOAD.encode())))
        assert told(capsys, ADDRESS, "--file", "-")["escrow_ngonka"] == 318

    def test_model_and_length_of_ones_own(
        self, node: MockNode, capsys: Any, payload: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        more = told(capsys, ADDRESS, "--file", payload, "--max-tokens", "1000", "--model", "other")
        assert (more["model"], more["escrow_ngonka"]) == ("other", 3 * 1006)
        alone = told(capsys, ADDRESS, "--model", "test")
        assert alone["escrow_ngonka"] == 3 * 5000
        monkeypatch.setenv("GONKA_MODEL", "from-the-environment")
        assert told(capsys, ADDRESS, "--max-tokens", "7")["model"] == "from-the-environment"
        assert told(capsys, ADDRESS, "--file", payload)["model"] == "test"

    def test_without_a_payload_nothing_is_reckoned(self, node: MockNode, capsys: Any) -> None:
        document = told(capsys, ADDRESS)
        assert (document["model"], document["escrow_ngonka"], document["covered"]) == (None, None, None)


class TestNotReady:
    def test_no_account(self, node: MockNode, capsys: Any) -> None:
        node.chain.remove(ADDRESS)
        document = told(capsys, ADDRESS, status=1)
        assert (document["exists"], document["balance_ngonka"]) == (False, 0)
        assert lacking(document) == ["no-account"]

    def test_an_unpublished_key(self, node: MockNode, capsys: Any) -> None:
        node.chain.put(Account(ADDRESS, None, 5))
        document = told(capsys, ADDRESS, status=1)
        assert (document["published"], document["balance_ngonka"]) == (False, 5)
        assert lacking(document) == ["not-published"]
        assert main(["account", ADDRESS]) == 1
        url = node.url.removesuffix("/v1")
        command = f"inferenced publish-pubkey --from NAME --node {url}/chain-rpc/ --chain-id gonka-mainnet"
        assert command in capsys.readouterr().out

    def test_too_little(self, node: MockNode, capsys: Any, payload: str) -> None:
        node.chain.fund(POINT, 317)
        document = told(capsys, ADDRESS, "--file", payload, status=1)
        assert document["covered"] is False
        assert lacking(document) == ["not-covered"]
        assert "add at least 1 ngonka" in document["shortfalls"][0]["remedy"]
        node.chain.fund(POINT, 318)
        assert told(capsys, ADDRESS, "--file", payload)["covered"] is True

    def test_the_key_of_another_account(self, node: MockNode, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GONKA_PRIVATE_KEY", "1" * 64)
        document = told(capsys, ADDRESS, status=1)
        assert document["key_matches"] is False
        assert lacking(document) == ["key-mismatch"]

    def test_a_node_that_tells_another_key(self, node: MockNode, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GONKA_PRIVATE_KEY", KEY)
        node.chain.put(Account(ADDRESS, b"\x02" * 33, 5))
        document = told(capsys, status=1)
        assert (document["published"], document["key_matches"]) == (True, False)

    def test_what_nobody_tells_is_not_ready(self, node: MockNode, capsys: Any, payload: str) -> None:
        node.nodes[0].switched_off = frozenset({"pricing", "chain-api"})
        document = told(capsys, ADDRESS, "--file", payload, status=1)
        assert (document["price_ngonka"], document["escrow_ngonka"], document["covered"]) == (None, None, None)
        assert lacking(document) == ["unknown"]
        assert main(["account", ADDRESS, "--file", payload]) == 1
        assert "unknown" in capsys.readouterr().out


class TestWhereToAsk:
    @pytest.mark.parametrize("name", ["GONKA_ENDPOINTS", "GONKA_ENDPOINT", "GONKA_SOURCE_URL", "NODE_URL"])
    def test_the_environment(self, node: MockNode, capsys: Any, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
        monkeypatch.delenv("NODE_URL")
        monkeypatch.setenv(name, f"{node.url};{OTHER}" if name == "GONKA_ENDPOINTS" else node.url)
        assert told(capsys, ADDRESS)["node"] == node.url.removesuffix("/v1")

    @pytest.mark.parametrize("option", ["--node-address", "--endpoint"])
    def test_an_option_wins(self, node: MockNode, capsys: Any, monkeypatch: pytest.MonkeyPatch, option: str) -> None:
        monkeypatch.setenv("NODE_URL", "http://127.0.0.1:9")
        assert told(capsys, ADDRESS, option, node.url)["balance_ngonka"] == 1_500_000_000
        assert told(capsys, ADDRESS, option, "http://127.0.0.1:9", option, f"{node.url};{OTHER}")["exists"]

    def test_the_next_of_the_environment_is_asked(
        self, node: MockNode, capsys: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("GONKA_ENDPOINT", "http://127.0.0.1:9")
        assert told(capsys, ADDRESS)["node"] == node.url.removesuffix("/v1")

    def test_the_key_of_a_broker_goes_nowhere(
        self, node: MockNode, capsys: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        with Recorder([[http("200 OK", b"{}")]]) as broker:
            monkeypatch.setenv("GONKA_BROKER_URL", broker.url)
            monkeypatch.setenv("GONKA_BROKER_API_KEY", "sk-test")
            assert told(capsys, ADDRESS)["exists"]
            assert main(["account", ADDRESS, "--endpoint", broker.url]) == 1
            assert broker.received == []


class TestWrong:
    @pytest.mark.parametrize(
        ("arguments", "words", "status"),
        [
            ([], "GONKA_ADDRESS", 2),
            ([ADDRESS[:-1]], "bech32", 2),
            ([ADDRESS, "--file", "nowhere"], "cannot be read", 2),
            ([ADDRESS, "--max-tokens", "-1"], "--max-tokens", 2),
            ([ADDRESS, "--max-tokens", "1"], "--model", 2),
            ([ADDRESS, "--endpoint", "host"], "http://", 2),
            ([ADDRESS, "--endpoint", "http://127.0.0.1:9"], "cannot be reached", 1),
            ([ADDRESS, "--key-file", "-", "--file", "-"], "stdin", 2),
        ],
    )
    def test_one_line(self, node: MockNode, capsys: Any, arguments: list[str], words: str, status: int) -> None:
        assert main(["account", *arguments]) == status
        printed = capsys.readouterr()
        assert printed.out == ""
        (line,) = printed.err.splitlines()
        assert words in line
        assert ";" in line

    def test_no_node(self, capsys: Any) -> None:
        assert main(["account", ADDRESS]) == 2
        assert "NODE_URL" in capsys.readouterr().err

    def test_a_bad_key_is_not_shown(self, node: MockNode, capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("GONKA_PRIVATE_KEY", KEY[:-1])
        assert main(["account"]) == 2
        assert KEY[:16] not in capsys.readouterr().err

    @pytest.mark.parametrize("body", [b"", b"[]", b'{"model":"test","max_tokens":1.5}'])
    def test_no_payload(self, node: MockNode, capsys: Any, tmp_path: Path, body: bytes) -> None:
        path = tmp_path / "payload"
        path.write_bytes(body)
        assert main(["account", ADDRESS, "--file", str(path), "--model", "m"]) == 2
        assert capsys.readouterr().out == ""
