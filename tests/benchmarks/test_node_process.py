"""The node that transports are measured against: it checks, it ends with its block, and it says why it cannot start."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any

import pytest

from gonka_bench import node
from gonka_bench.workload import KEY
from gonka_core import Client, RetryPolicy, SignatureRejectedError
from gonka_core.canonical import Scheme
from gonka_core.errors import ConnectError, MissingLibraryError

PAYLOAD = {"model": "test", "messages": [{"role": "user", "content": "hi"}]}


def test_it_checks_and_ends_with_its_block() -> None:
    with node.node_process() as place:
        once = RetryPolicy(attempts=1)
        other: Scheme = "hash" if place.scheme == "raw" else "raw"
        with Client(place.endpoint, private_key=KEY, scheme=place.scheme, retry=once) as client:
            assert client.chat(PAYLOAD).text
        wrong = Client(place.endpoint, private_key=KEY, scheme=other, retry=once)
        with wrong as client, pytest.raises(SignatureRejectedError):
            client.chat(PAYLOAD)
    with Client(place.endpoint, private_key=KEY, retry=once) as client, pytest.raises(ConnectError):
        client.chat(PAYLOAD)


def test_what_it_needs_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec

    def without_aiohttp(name: str, package: str | None = None) -> Any:
        return None if name == "aiohttp" else found(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without_aiohttp)
    with pytest.raises(MissingLibraryError, match=r"needs aiohttp.*gonka-core\[mock-node\]"), node.node_process():
        pass


def test_one_that_does_not_start_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/true")
    with pytest.raises(node.NoNodeError, match="--no-transports"), node.node_process():
        pass
