"""LiteLLM's proxy server, with the configuration of the page, as a process of its own."""

from __future__ import annotations

import json
import os
import re
import secrets
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from gonka_mock_node import MockNetwork
from tests.ecosystem.pages import DOCS

MASTER_KEY: Final = "sk-" + secrets.token_hex(32)
pytestmark = pytest.mark.timeout(240)  # it takes a quarter of a minute to start, on a machine that does nothing else

BODY: Final = {"model": "qwq", "messages": [{"role": "user", "content": "one two three"}]}


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
        return port


def _config(folder: Path) -> Path:
    """The configuration that the page shows."""
    found = re.search(r"^```yaml\n(.*?)^```$", (DOCS / "litellm.md").read_text(encoding="utf-8"), re.M | re.S)
    assert found is not None
    file = folder / "config.yaml"
    file.write_text(found[1], encoding="utf-8")
    return file


@pytest.fixture(scope="module")
def proxy(nodes: MockNetwork, tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    """A client of a proxy server that listens."""
    port = _free_port()
    words = ["--config", str(_config(tmp_path_factory.mktemp("proxy"))), "--host", "127.0.0.1", "--port", str(port)]
    settings = {
        "GONKA_PRIVATE_KEY": "42" * 32,
        "GONKA_ENDPOINTS": ",".join(f"{node.url};{node.provider_address}" for node in nodes.nodes),
        "LITELLM_MASTER_KEY": MASTER_KEY,
    }
    program = os.fspath(Path(sys.executable).with_name("litellm"))
    with subprocess.Popen(
        [program, *words], env={**os.environ, **settings}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            assert process.stdout is not None
            said: list[str] = []
            for line in process.stdout:
                said.append(line)
                if "Uvicorn running" in line:
                    break
            else:
                pytest.fail("".join(said))
            headers = {"Authorization": f"Bearer {MASTER_KEY}"}
            with httpx.Client(base_url=f"http://127.0.0.1:{port}/v1", headers=headers, timeout=60) as client:
                yield client
        finally:
            process.kill()


def ask(proxy: httpx.Client, **more: Any) -> httpx.Response:
    return proxy.post("/chat/completions", json={**BODY, **more})


def test_it_answers_with_the_nodes_words(proxy: httpx.Client, network: MockNetwork) -> None:
    answer = ask(proxy)
    assert answer.json()["choices"][0]["message"]["content"] == "You said: one two three"
    assert answer.json()["usage"]["total_tokens"] == 19
    assert network.journal[-1].model == "Qwen/QwQ-32B"


def test_it_streams(proxy: httpx.Client, network: MockNetwork) -> None:
    events = [line[6:] for line in ask(proxy, stream=True).text.splitlines() if line.startswith("data: ")]
    assert events.pop() == "[DONE]"
    chunks = [json.loads(event) for event in events]
    words = (choice["delta"].get("content") or "" for chunk in chunks for choice in chunk["choices"])
    assert "".join(words) == "You said: one two three"


def test_another_node_answers_where_one_is_away(proxy: httpx.Client, network: MockNetwork) -> None:
    network.faults.add("refused", node=1)
    for _ in range(4):  # whichever is asked first
        assert ask(proxy).status_code == 200
    assert {seen.provider_address for seen in network.journal} == {network.nodes[1].provider_address}


def test_errors_have_their_status_and_the_next_step(proxy: httpx.Client, network: MockNetwork) -> None:
    network.faults.add("model-vanished")
    answer = ask(proxy)
    assert answer.status_code == 404
    assert "choose one of those that are served" in answer.json()["error"]["message"]


def test_who_has_no_key_is_turned_away_before_anything_is_signed(proxy: httpx.Client, network: MockNetwork) -> None:
    assert proxy.post("/chat/completions", json=BODY, headers={"Authorization": "Bearer sk-x"}).status_code in (
        400,
        401,
    )
    assert not len(network.journal)
