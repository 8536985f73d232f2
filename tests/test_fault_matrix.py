"""Every fault of the mock node, met by every transport, sync and async, streaming and not.

The first of two nodes is at fault; the second is well. A cell says what the call comes to: an answer (of the second
node where the first gave none), or one named error. In no cell does a node accept the payload twice, and none takes
longer than its deadline.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import pytest

from gonka_core import AsyncClient, CallError, Client, PrivateKey
from gonka_core.hookspecs import TransportOptions
from gonka_core.limits import Limits
from gonka_core.plugins import registry
from gonka_core.retry import RetryPolicy
from gonka_mock_node import MockNetwork
from gonka_mock_node.faults import CATALOGUE

KEY: Final = PrivateKey((78).to_bytes(32, "big"))
PAYLOAD: Final = {"model": "test", "messages": [{"role": "user", "content": "Where are you? Привет 🌍"}]}
DEADLINE_S: Final = 60.0
PATIENT: Final = TransportOptions(connect_timeout=30.0, first_byte_timeout=30.0, read_timeout=30.0)
HASTY: Final[Mapping[str, TransportOptions]] = {
    "latency": replace(PATIENT, first_byte_timeout=0.5, read_timeout=0.5),
    "stall": replace(PATIENT, read_timeout=1.0),
}
"""Only where a timeout is what is looked at is it short: elsewhere a busy machine would bring one about."""
LIMITS: Final = Limits(
    decompressed_bytes=2**20, response_bytes=2**20, header_bytes=2**15, sse_line_bytes=2**16, stream_bytes=2**20
)
SETTINGS: Final[Mapping[str, Mapping[str, Any]]] = {
    "latency": {"seconds": 600.0},
    "stall": {"seconds": 600.0},
    "trickle": {"seconds": 0.0, "size": 64},
    "gzip-bomb": {"megabytes": 2},
    "split-utf8": {"seconds": 0.0},
}

ELSEWHERE: Final = "the other node answered"
ANSWERED: Final = "the first node answered"
EXPECTED: Final[Mapping[str, tuple[str, str]]] = {
    "refused": (ELSEWHERE, ELSEWHERE),
    "reset": ("TransportError", "TransportError"),
    "close-before-headers": ("TransportError", "TransportError"),
    "status": ("UnavailableError", "UnavailableError"),
    "rate-limited": (ELSEWHERE, ELSEWHERE),
    "bad-gateway": ("UnavailableError", "UnavailableError"),
    "gateway-timeout": ("UnavailableError", "UnavailableError"),
    "body-refused": ("PayloadRejectedError", "PayloadRejectedError"),
    "overloaded": (ELSEWHERE, ELSEWHERE),
    "internal-error": ("UnavailableError", "UnavailableError"),
    "unavailable": (ELSEWHERE, ELSEWHERE),
    "gateway-overloaded": (ELSEWHERE, ELSEWHERE),
    "blocked": (ELSEWHERE, ELSEWHERE),
    "retired": (ELSEWHERE, ELSEWHERE),
    "redirect": (ELSEWHERE, ELSEWHERE),
    "gateway-disabled": (ELSEWHERE, ELSEWHERE),
    "block-lag": ("TimestampInFutureError", "TimestampInFutureError"),
    "block-jump": ("TimestampTooOldError", "TimestampTooOldError"),
    "provider-removed": (ELSEWHERE, ELSEWHERE),
    "epoch-change": (ANSWERED, ANSWERED),
    "forged-proof": (ANSWERED, ANSWERED),
    "contradicting-participants": (ANSWERED, ANSWERED),
    "forged-app-hash": (ANSWERED, ANSWERED),
    "forged-commit": (ANSWERED, ANSWERED),
    "forged-validators": (ANSWERED, ANSWERED),
    "minority-commit": (ANSWERED, ANSWERED),
    "stale-epoch": (ANSWERED, ANSWERED),
    "lying-identity": (ANSWERED, ANSWERED),
    "capacity": (ELSEWHERE, ELSEWHERE),
    "model-vanished": ("ModelNotFoundError", "ModelNotFoundError"),
    "no-executor": (ELSEWHERE, ELSEWHERE),
    "executor-unreachable": ("ExecutorError", "ExecutorError"),
    "no-inference-nodes": ("ExecutorError", "ExecutorError"),
    "ml-node-error": ("PayloadRejectedError", "PayloadRejectedError"),
    "completions-unsupported": (ANSWERED, ANSWERED),
    "executor-refuses": ("ExecutorError", "ExecutorError"),
    "reset-after": ("TransportError", "TransportError"),
    "latency": ("TransportTimeout", "TransportTimeout"),
    "stall": ("TransportTimeout", "StreamTruncatedError"),
    "trickle": (ANSWERED, ANSWERED),
    "cut-body": ("TransportError", "StreamTruncatedError"),
    "garbage-json": ("UnusableAnswerError", "UnusableAnswerError"),
    "html-instead-of-json": ("UnusableAnswerError", "UnusableAnswerError"),
    "wrong-content-type": (ANSWERED, "UnusableAnswerError"),
    "truncated-gzip": ("UnusableAnswerError", ANSWERED),
    "gzip-bomb": ("LimitExceededError", "LimitExceededError"),
    "wrong-id": (ANSWERED, ANSWERED),
    "replayed-answer": (ANSWERED, ANSWERED),
    "huge-header": ("LimitExceededError", "LimitExceededError"),
    "many-headers": (ANSWERED, ANSWERED),
    "cut-stream": (ANSWERED, "StreamTruncatedError"),
    "no-done": (ANSWERED, "StreamTruncatedError"),
    "duplicate-done": (ANSWERED, ANSWERED),
    "error-event": (ANSWERED, "StreamFailedError"),
    "keepalive-comments": (ANSWERED, ANSWERED),
    "oversized-line": (ANSWERED, "LimitExceededError"),
    "crlf": (ANSWERED, ANSWERED),
    "split-utf8": (ANSWERED, ANSWERED),
}
"""Fault -> how a call ends, and how a stream does."""

WAYS: Final = [
    (name, mode)
    for name, entry in sorted(registry().of_kind("transport").items())
    for mode in ("sync", "async")
    if mode in entry.plugin.capabilities
]


@pytest.fixture(scope="module")
def network() -> Iterator[MockNetwork]:
    with MockNetwork(2, profile="v0.2.13", explain=False) as network:
        yield network


def settings(network: MockNetwork, fault: str, transport: str) -> dict[str, Any]:
    return {
        "endpoints": [f"{node.url};{node.provider_address}" for node in network.nodes],
        "private_key": KEY,
        "signer": "coincurve",
        "transport": transport,
        "selector": "first",
        "scheme": "hash",
        "options": HASTY.get(fault, PATIENT),
        "limits": LIMITS,
        "retry": RetryPolicy(deadline=DEADLINE_S, backoff=0.01),
    }


def sync_call(network: MockNetwork, fault: str, transport: str, *, stream: bool) -> str:
    with Client(**settings(network, fault, transport)) as client:
        return client.stream(PAYLOAD).collect().text if stream else client.chat(PAYLOAD).text


async def async_call(network: MockNetwork, fault: str, transport: str, *, stream: bool) -> str:
    async with AsyncClient(**settings(network, fault, transport)) as client:
        return (await client.stream(PAYLOAD).collect()).text if stream else (await client.chat(PAYLOAD)).text


def ended(network: MockNetwork, fault: str, way: tuple[str, str], *, stream: bool) -> str | CallError:
    transport, mode = way
    try:
        if mode == "sync":
            return sync_call(network, fault, transport, stream=stream)
        return asyncio.run(async_call(network, fault, transport, stream=stream))
    except CallError as error:
        return error


def outcome(network: MockNetwork, fault: str, way: tuple[str, str], *, stream: bool) -> str:
    end = ended(network, fault, way, stream=stream)
    if isinstance(end, CallError):
        assert end.next_step
        assert end.attempts
        return type(end).__name__
    assert "Привет 🌍" in end
    return ANSWERED if network.journal[-1].node == network.nodes[0].url else ELSEWHERE


def test_every_fault_has_its_row() -> None:
    assert set(EXPECTED) == set(CATALOGUE)


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("way", WAYS, ids="-".join)
@pytest.mark.parametrize("fault", CATALOGUE)
def test_every_cell(network: MockNetwork, fault: str, way: tuple[str, str], stream: bool) -> None:
    network.reset()
    network.faults.add(fault, node=1, **SETTINGS.get(fault, {}))
    began = time.monotonic()
    try:
        assert outcome(network, fault, way, stream=stream) == EXPECTED[fault][stream]
        took = time.monotonic() - began
        assert took < DEADLINE_S
    finally:
        network.faults.clear()
    accepted = [verdict for verdict in network.journal if verdict.accepted]
    assert len(accepted) <= 1, "paid for twice"
