"""`gonka models`, as it is typed, at real mock nodes."""

from __future__ import annotations

import json
from typing import Any

import pytest

from gonka_core.cli import main
from gonka_mock_node import MockNode
from gonka_mock_node.chain import Chain, Model
from tests.recorder import Recorder, http

LONG = "an-organisation-with-a-very-long-name/and-a-model-whose-name-is-not-much-shorter-than-that-of-its-makers"
RECORDS = (Model(LONG, context_window=4096, quantization="fp8", price=30), Model("b", context_window=8192, price=0))


def listed(capsys: Any, *arguments: str) -> list[dict[str, Any]]:
    assert main(["models", *arguments, "--json"]) == 0
    document: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return document


def test_the_table(capsys: Any) -> None:
    with MockNode(profile="v0.2.13", chain=Chain(models=RECORDS)) as node:
        assert main(["models", "--node-address", node.url]) == 0
    heading, first, second = capsys.readouterr().out.splitlines()
    assert heading.split() == ["id", "context", "max", "output", "ngonka/token", "GNK/million", "price", "from"]
    assert first.split() == [LONG, "4096", "4096", "30", "0.03", "governance"]
    assert second.split() == ["b", "8192", "8192", "0", "0", "governance"]


@pytest.mark.parametrize("profile", ["v0.2.5", "v0.2.11", "v0.2.13", "v0.2.14", "v0.2.15"])
def test_json(capsys: Any, profile: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with MockNode(profile=profile, chain=Chain(models=RECORDS)) as node:
        monkeypatch.setenv("GONKA_SOURCE_URL", node.url.removesuffix("/v1"))
        first, second = listed(capsys)
    assert (first["id"], first["context_length"], first["quantization"]) == (LONG, 4096, "fp8")
    assert (first["price_ngonka"], first["gnk_per_million"], second["price_ngonka"]) == (30, "0.03", 0)
    assert first["price_source"] in ("chain", "governance")


def test_a_broker(capsys: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with MockNode(profile="gateway", chain=Chain(models=RECORDS)) as node:
        monkeypatch.setenv("GONKA_BROKER_URL", node.url)
        monkeypatch.setenv("GONKA_BROKER_API_KEY", "sk-test")
        first, _ = listed(capsys)
        assert (first["id"], first["max_output"], first["price_ngonka"]) == (LONG, 4096, None)
        assert main(["models"]) == 0
        assert LONG in capsys.readouterr().out


def test_a_broker_named_by_its_url_gets_its_own_key_and_another_none(
    capsys: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = http("200 OK", b'{"data":[{"id":"m"}]}')
    with Recorder([[answer]]) as broker, Recorder([[answer]]) as other:
        monkeypatch.setenv("GONKA_BROKER_URL", broker.url)
        monkeypatch.setenv("GONKA_BROKER_API_KEY", "sk-test")
        listed(capsys, "--endpoint", broker.url.removesuffix("/v1"))
        listed(capsys, "--endpoint", other.url)
        assert main(["models", "--endpoint", "http://127.0.0.1:9"]) == 1  # and no broker in its place
        assert [request.values("authorization") for request in broker.received] == [["Bearer sk-test"]]
        assert not any(request.values("authorization") for request in other.received)


def test_nothing_is_served(capsys: Any) -> None:
    with MockNode(profile="v0.2.13", models=[]) as node:
        assert main(["models", "--endpoint", node.url]) == 0
        assert capsys.readouterr().out == "no model is served\n"
        assert listed(capsys, "--endpoint", node.url) == []


def test_names_are_printed_as_they_are(capsys: Any) -> None:
    rows = [{"id": "[bold]:smile:[/bold]"}, {"id": "two\x1b[31m\nlines"}]
    with Recorder([[http("200 OK", json.dumps({"data": rows}).encode())]]) as server:
        assert main(["models", "--endpoint", server.url]) == 0
    _, line = capsys.readouterr().out.splitlines()
    assert line.split() == ["[bold]:smile:[/bold]"]


@pytest.mark.parametrize(
    ("arguments", "words", "status"),
    [
        ([], "NODE_URL", 2),
        (["--endpoint", "http://127.0.0.1:9"], "cannot be reached", 1),
        (["--endpoint", "ftp://host"], "http://", 2),
        (["--endpoint", "http://127.0.0.1:9", "--transport", "pigeon"], "pigeon", 2),
    ],
)
def test_wrong(capsys: Any, arguments: list[str], words: str, status: int) -> None:
    assert main(["models", *arguments]) == status
    printed = capsys.readouterr()
    assert printed.out == ""
    (line,) = printed.err.splitlines()
    assert words in line
