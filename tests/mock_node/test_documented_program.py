"""The program of the developer page, as a process of its own, against the mock node."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from gonka_conformance import vectors
from gonka_mock_node import MockNode
from tests.benchmarks.programs import Ended, run_documented

ACCOUNT = vectors.addresses()[0]
NOT_ITS_SIGNATURE = "Unable to validate request against PubKey:invalid signature"
NO_ADDRESS = (
    "rpc error: code = InvalidArgument desc = rpc error: code = InvalidArgument desc = invalid address: invalid request"
)


@pytest.fixture
def node() -> Iterator[MockNode]:
    with MockNode(accounts="listed") as node:
        node.fund(ACCOUNT.public_key)
        yield node


def run(node: MockNode, *, stream: bool, change: str = "", provider: str | None = None) -> Ended:
    return run_documented(
        node.url,
        provider or node.provider_address,
        ACCOUNT.private_key.hex(),
        ACCOUNT.address,
        stream=stream,
        change=change,
    )


@pytest.mark.parametrize("stream", [False, True])
def test_as_it_is_it_is_accepted(node: MockNode, stream: bool) -> None:
    done = run(node, stream=stream)
    assert done.returncode == 0, done.stderr
    assert "Assistant says: You said: Hello, how are you?" in done.stdout
    assert [verdict.verdict for verdict in node.journal] == ["accepted"]


@pytest.mark.parametrize("stream", [False, True])
def test_an_open_account_accepts_it_too(stream: bool) -> None:
    with MockNode() as node:
        assert run(node, stream=stream).returncode == 0
        assert run(node, stream=stream, change="body").refusal[0] == 401


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("change", "status", "error"),
    [
        ("body", 401, NOT_ITS_SIGNATURE),
        ("timestamp", 401, NOT_ITS_SIGNATURE),
        ("signature", 401, NOT_ITS_SIGNATURE),
        ("address", 500, NO_ADDRESS),
    ],
)
def test_one_byte_changed_it_is_refused(node: MockNode, stream: bool, change: str, status: int, error: str) -> None:
    done = run(node, stream=stream, change=change)
    assert done.returncode != 0
    assert done.refusal == (status, json.dumps({"error": error}, separators=(",", ":")) + "\n")


def test_another_providers_address_is_refused(node: MockNode) -> None:
    done = run(node, stream=False, provider=ACCOUNT.address)
    assert done.returncode != 0
    assert [verdict.error for verdict in node.journal] == [NOT_ITS_SIGNATURE]


def test_a_node_of_the_newer_generation_refuses_it() -> None:
    """The page was still published when nodes had long verified the other scheme (`protocol.md` §1.2)."""
    with MockNode(profile="v0.2.13") as node:
        assert run(node, stream=False).returncode != 0
        assert [verdict.error for verdict in node.journal] == [NOT_ITS_SIGNATURE]
