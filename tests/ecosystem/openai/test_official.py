"""A script for the official SDK runs with its import line changed, and goes on where a node is away.

`official_script.txt` was run as it stands with `gonka-openai` 0.2.6, SDK 2.54 and 3.57, against mock nodes of
v0.2.6, whose scheme is the only one that it knows.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

import openai
import pytest

from gonka_core import ConfigurationError, errors
from gonka_core.integrations.openai import (
    Endpoint,
    gonka_http_client,
    resolve_and_select_endpoint,
    resolve_endpoints,
)
from gonka_core.integrations.openai.generation import http
from gonka_mock_node import MockNetwork
from tests.ecosystem.openai.asking import HELLO

SCRIPT: Final = (Path(__file__).parent / "official_script.txt").read_text(encoding="utf-8")
IMPORT: Final = "from gonka_openai import "
PRINTED: Final = """\
SAID You said: endpoints
STREAMED You said: endpoints
SAID You said: address
SAID You said: source
STREAMED You said: source
SAID You said: environment
LISTED 2 True
SAID You said: plain
STREAMED You said: plain
"""


def source_of(network: MockNetwork, number: int = 1) -> str:
    return network.nodes[number].url.removesuffix("/v1")


@pytest.mark.parametrize(
    "faults",
    [
        [],
        [{"name": "overloaded", "every": 5, "route": "/v1/chat/completions"}],
    ],
    ids=["well", "busy"],
)
def test_only_the_import_line_is_changed(
    network: MockNetwork, private_key: str, faults: list[dict[str, Any]], tmp_path: Path
) -> None:
    for fault in faults:
        network.faults.add(fault["name"], **{key: value for key, value in fault.items() if key != "name"})
    environ = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GONKA_")},
        "KEY_OF_THE_PROGRAM": private_key,
        "SOURCE_OF_THE_PROGRAM": source_of(network),
        "NODES_OF_THE_PROGRAM": ",".join(f"{node.url};{node.provider_address}" for node in network.nodes),
    }
    assert SCRIPT.count(IMPORT) == 1
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.replace(IMPORT, "from gonka_core.integrations.openai import "), encoding="utf-8")
    command = [sys.executable, str(script)]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stdout) == (0, PRINTED), done.stderr
    assert sum(verdict.accepted for verdict in network.journal) >= 8
    assert bool([verdict for verdict in network.journal if verdict.faults]) == bool(faults)


def test_the_strategys_node_may_be_closed(network: MockNetwork, private_key: str) -> None:
    """The one that `first_endpoint_strategy` chooses; the official SDK ends here."""
    network.faults.add("refused", node=1)
    environ = {
        **os.environ,
        "KEY_OF_THE_PROGRAM": private_key,
        "SOURCE_OF_THE_PROGRAM": source_of(network),
        "NODES_OF_THE_PROGRAM": ",".join(f"{node.url};{node.provider_address}" for node in network.nodes),
    }
    with_wrapper, _, _ = SCRIPT.partition("# The SDK's own client")
    text = with_wrapper.replace(IMPORT, "from gonka_core.integrations.openai import ")
    command = [sys.executable, "-c", text]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, timeout=100, check=False)
    assert (done.returncode, done.stdout) == (0, PRINTED.partition("LISTED")[0]), done.stderr


def plain(base_url: str, client: http.Client) -> openai.OpenAI:
    return openai.OpenAI(api_key="x", base_url=base_url, http_client=client)


def test_a_signing_http_client_calls_the_base_url_that_the_sdk_is_given(network: MockNetwork, private_key: str) -> None:
    node = network.nodes[1]
    with plain(node.url, gonka_http_client(private_key, transfer_address=node.provider_address)) as client:
        for _ in range(2):
            client.chat.completions.create(model="test", messages=HELLO)
        assert client.models.list().data
    assert {verdict.node for verdict in network.journal} == {node.url}


@pytest.mark.usefixtures("environment")
def test_without_a_provider_the_endpoints_of_the_environment_are_called(network: MockNetwork, private_key: str) -> None:
    with plain("https://api.openai.com/v1", gonka_http_client(private_key)) as client:
        assert client.chat.completions.create(model="test", messages=HELLO).choices
    assert any(verdict.accepted for verdict in network.journal)


def test_a_signing_http_client_over_another_one(network: MockNetwork, private_key: str) -> None:
    node = network.nodes[0]
    calls: list[str] = []
    lent = http.Client(event_hooks={"request": [lambda request: calls.append(str(request.url))]})
    signing = gonka_http_client(private_key, http_client=lent, transfer_address=node.provider_address)
    with plain(node.url, signing) as client:
        assert client.chat.completions.create(model="test", messages=HELLO).choices
    assert set(calls) == {node.url + "/chat/completions"}
    assert lent.is_closed


def test_what_is_wrong_with_a_signing_http_client(network: MockNetwork, private_key: str) -> None:
    node = network.nodes[0]
    asked: Any = {"model": "test", "messages": HELLO}
    signing = gonka_http_client(private_key, transfer_address=node.provider_address)
    with (
        plain("http://127.0.0.1:9/api", signing) as sdk,
        pytest.raises(openai.InternalServerError, match="does not end in /v1"),
    ):
        sdk.chat.completions.create(**asked)
    with (
        plain(node.url, gonka_http_client(private_key, transfer_address="gonka1x")) as sdk,
        pytest.raises(openai.InternalServerError, match="not a bech32 address"),
    ):
        sdk.chat.completions.create(**asked)
    with pytest.raises(errors.MissingSettingError, match="no endpoint"):
        gonka_http_client(private_key)
    with pytest.raises(ConfigurationError, match=r"give an httpx\.Client"):
        gonka_http_client(private_key, http_client=object())  # type: ignore[arg-type]


def test_endpoints_are_resolved(network: MockNetwork, monkeypatch: pytest.MonkeyPatch) -> None:
    all_of_them = {Endpoint(node.url, node.provider_address) for node in network.nodes}
    assert set(resolve_endpoints(source_of(network))) == all_of_them
    mine = [Endpoint(network.nodes[0].url, network.nodes[0].provider_address)]
    assert resolve_endpoints(source_of(network), mine) == mine
    listed, chosen = resolve_and_select_endpoint(source_of(network), None, lambda endpoints: endpoints[-1])
    assert (set(listed), chosen) == (all_of_them, listed[-1])
    assert resolve_and_select_endpoint(endpoints=mine)[1] == mine[0]
    with pytest.raises(errors.MissingSettingError, match="GONKA_SOURCE_URL"):
        resolve_endpoints()
    monkeypatch.setenv("GONKA_ENDPOINTS", f"{mine[0].url};{mine[0].address}")
    assert resolve_endpoints() == mine
    with pytest.raises(errors.DiscoveryError):
        resolve_endpoints("http://127.0.0.1:9")
