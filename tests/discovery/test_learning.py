"""Learning over real sockets: whom to ask, who is left out, and what becomes of sources that are of no use."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import gonka_core.discovery
from gonka_core import resolve
from gonka_core.discovery import Network, learn
from gonka_core.discovery.choosing import EXCLUDED, NOT_ALLOWED
from gonka_core.discovery.document import CURRENT
from gonka_core.driving import run_flow_async
from gonka_core.endpoints import Endpoint
from gonka_core.errors import (
    ConfigurationError,
    DiscoveryError,
    MissingSettingError,
    NobodyLeftError,
    ProofError,
    TransportTimeout,
)
from gonka_core.hookspecs import TransportOptions
from gonka_core.limits import Limits
from gonka_core.steps import Send, Step
from gonka_mock_node import MockNetwork, Participant
from tests.recorder import Recorder, http

from .asked import DEAD, asked, saying, urls

NOW = 1_800_000_000.0
STRANGER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
PARAMS = "/chain-api/productscience/inference/inference/params"


@pytest.fixture(scope="module")
def running() -> Iterator[MockNetwork]:
    with MockNetwork(3) as network:
        yield network


@pytest.fixture
def network(running: MockNetwork) -> MockNetwork:
    running.reset()
    return running


def addresses(network: MockNetwork) -> tuple[str, ...]:
    return tuple(node.provider_address for node in network.nodes)


def test_everybody_who_takes_part(network: MockNetwork) -> None:
    first, *_ = urls(network)
    found = asked(first, now=NOW)
    assert [(each.url, each.provider_address) for each in found.endpoints] == [
        (node.url, node.provider_address) for node in network.nodes
    ]
    assert {each.weight for each in found.endpoints} == {1000}
    assert {each.models for each in found.endpoints} == {frozenset(network.chain.model_names())}
    assert (found.epoch, found.source, found.learned_at) == (network.chain.epoch, first, NOW)
    assert found.height == network.chain.current.created_at
    assert (found.left_out, found.allow_list) == ({}, ())


@pytest.mark.parametrize("profile", ["v0.2.3", "v0.2.13", "v0.2.15"])
def test_every_generation_tells(profile: str) -> None:
    with MockNetwork(2, profile=profile) as network:
        found = asked(urls(network)[0])
        assert [each.provider_address for each in found.endpoints] == list(addresses(network))
        assert [each.weight for each in found.endpoints] == [1000, 1000]
        # Newer nodes close the chain's routes: that nobody tells the list is said, and stops nobody.
        assert found.allow_list == (() if profile == "v0.2.3" else None)


def test_whoever_was_excluded_is_left_out(network: MockNetwork) -> None:
    network.chain.exclude(addresses(network)[1], "missed too much")
    found = asked(urls(network)[0])
    assert [each.provider_address for each in found.endpoints] == [addresses(network)[0], addresses(network)[2]]
    assert found.left_out == {addresses(network)[1]: EXCLUDED}


def test_whoever_is_not_allowed_is_left_out(network: MockNetwork) -> None:
    network.chain.allow(addresses(network)[2], STRANGER)
    found = asked(urls(network)[0])
    assert [each.provider_address for each in found.endpoints] == [addresses(network)[2]]
    assert found.left_out == dict.fromkeys(addresses(network)[:2], NOT_ALLOWED)
    assert found.allow_list == tuple(sorted([addresses(network)[2], STRANGER]))


def test_an_empty_list_allows_everyone(network: MockNetwork) -> None:
    network.chain.allow()
    found = asked(urls(network)[0])
    assert (len(found.endpoints), found.allow_list) == (3, ())


def test_nobody_is_allowed(network: MockNetwork) -> None:
    network.chain.allow(STRANGER)
    with pytest.raises(
        NobodyLeftError, match=r"of the 3 participants of epoch \d+ none may be asked \(3: it is not on"
    ):
        asked(urls(network)[0])


def test_all_are_excluded(network: MockNetwork) -> None:
    for address in addresses(network):
        network.chain.exclude(address, "gone")
    with pytest.raises(NobodyLeftError, match="3: it was excluded") as caught:
        asked(*urls(network))
    assert set(caught.value.sources) == set(urls(network))


def test_nobody_takes_part(network: MockNetwork) -> None:
    for address in addresses(network):
        network.chain.leave(address)
    network.chain.next_epoch()
    with pytest.raises(NobodyLeftError, match="has no participants"):
        asked(urls(network)[0])


def test_the_list_of_allowed_ones_comes_from_whoever_tells_it(network: MockNetwork) -> None:
    network.chain.allow(addresses(network)[0])
    network.faults.add("status", code=404, body="empty", route=PARAMS, node=1)
    found = asked(*urls(network))
    assert (found.source, found.allow_list) == (urls(network)[0], (addresses(network)[0],))
    assert asked(urls(network)[0]).allow_list is None


@pytest.mark.parametrize("fault", ["garbage-json", "html-instead-of-json", "cut-body", "reset"])
def test_a_list_that_cannot_be_read_is_none(network: MockNetwork, fault: str) -> None:
    network.chain.allow(STRANGER)
    network.faults.add(fault, route=PARAMS)
    found = asked(urls(network)[0])
    assert (len(found.endpoints), found.allow_list) == (3, None)


def test_entries_that_are_of_no_use(network: MockNetwork) -> None:
    for url in ("", "ftp://node.example", "http://169.254.169.254", "http://127.1:8000", "http://user:pass@a.example"):
        network.chain.join(Participant(f"gonka1{len(url):0>38}", url))
    network.chain.join(Participant("", "http://nobody.example"))
    network.chain.join(Participant(STRANGER, "http://192.168.7.7:8000/v1/", weight=7))
    found = asked(urls(network)[0])
    assert [each.url for each in found.endpoints] == [
        *(node.url for node in network.nodes),
        "http://192.168.7.7:8000/v1",
    ]
    assert found.endpoints[3] == Endpoint("http://192.168.7.7:8000", STRANGER)
    assert len(found.left_out) == 6


def test_a_public_source_names_no_private_nodes(network: MockNetwork) -> None:
    """The nodes at loopback are refused where the user says that only public ones are to be asked."""
    network.chain.join(Participant(STRANGER, "http://203.0.113.9:8000"))
    assert [each.provider_address for each in asked(urls(network)[0], private=False).endpoints] == [STRANGER]
    assert len(asked(urls(network)[0], private=True).endpoints) == 4
    assert len(asked(urls(network)[0]).endpoints) == 4


@pytest.mark.parametrize(
    ("fault", "options", "reason"),
    [
        ("status", {"code": 500, "text": "broken inside"}, "answered 500: broken inside"),
        ("rate-limited", {}, "answered 503"),
        ("redirect", {}, "answered 307"),
        ("blocked", {}, "answered 403: Access Denied"),
        ("reset", {}, "http://127"),
        ("close-before-headers", {}, "http://127"),
        ("garbage-json", {}, "not a JSON object"),
        ("html-instead-of-json", {}, "not a JSON object"),
        ("cut-body", {}, "http://127"),
        ("truncated-gzip", {}, "http://127"),
    ],
)
def test_a_source_of_no_use_is_passed_over(
    network: MockNetwork, fault: str, options: dict[str, Any], reason: str
) -> None:
    network.faults.add(fault, route=CURRENT, node=1, **options)
    found = asked(*urls(network))
    assert found.source == urls(network)[1]
    assert len(found.endpoints) == 3
    with pytest.raises(DiscoveryError, match="no source tells") as caught:
        asked(urls(network)[0])
    assert reason in caught.value.sources[urls(network)[0]]


def test_a_source_that_nobody_serves(network: MockNetwork) -> None:
    assert asked(DEAD, *urls(network)).source == urls(network)[0]
    with pytest.raises(DiscoveryError) as caught:
        asked(DEAD)
    assert list(caught.value.sources) == [DEAD]
    assert not isinstance(caught.value, ProofError | NobodyLeftError)


@pytest.mark.parametrize("fault", ["latency", "stall"])
def test_a_source_that_stalls_leaves_time_for_the_others(network: MockNetwork, fault: str) -> None:
    network.faults.add(fault, route=CURRENT, node=1, seconds=30.0)
    began = time.monotonic()
    found = asked(*urls(network), timeout_s=1.5)
    assert found.source == urls(network)[1]
    assert 0.4 <= time.monotonic() - began < 1.4
    with pytest.raises(DiscoveryError):
        asked(urls(network)[0], timeout_s=0.3)


def test_a_source_that_sends_a_byte_at_a_time(network: MockNetwork) -> None:
    network.faults.add("trickle", route=CURRENT, node=1, seconds=0.05, size=1)
    assert asked(*urls(network), timeout_s=1.5).source == urls(network)[1]


def test_a_chain_that_stalls_does_not_hold_up_the_list(network: MockNetwork) -> None:
    network.chain.allow(addresses(network)[0])
    network.faults.add("latency", route=PARAMS, node=1, seconds=30.0)
    found = asked(*urls(network), timeout_s=2.0)
    assert (found.source, len(found.endpoints)) == (urls(network)[0], 1)


@given(st.integers(1, 7), st.floats(0.1, 100.0), st.lists(st.floats(0.0, 1.0), min_size=7, max_size=7))
def test_nobody_uses_up_the_time_of_the_others(count: int, timeout_s: float, used: list[float]) -> None:
    """Each source takes any part of the time that it is given: the others still have theirs, and the whole is kept."""
    sources = tuple(f"http://{number}.example" for number in range(count))
    clock, asked_of = [5.0], list[str]()
    flow = learn(Network(sources), lambda: clock[0], lambda: NOW, timeout_s)

    def answer_nothing(step: Step) -> Step:
        assert isinstance(step, Send)
        assert step.timeout is not None
        assert step.timeout >= timeout_s / count * 0.999
        asked_of.append(step.request.endpoint.root)
        clock[0] += step.timeout * used[len(asked_of) - 1]
        return flow.throw(TransportTimeout("silent", "wait", sent=True))

    step = next(flow)
    for _ in range(count - 1):
        step = answer_nothing(step)
    with pytest.raises(DiscoveryError):
        answer_nothing(step)
    assert asked_of == list(sources)
    assert clock[0] <= 5.0 + timeout_s * 1.001


def test_an_unknown_name() -> None:
    with pytest.raises(AttributeError, match="teach"):
        _ = gonka_core.discovery.teach


def test_a_huge_answer(network: MockNetwork) -> None:
    with saying(b" " * 200_000) as huge:
        found = asked(huge, urls(network)[0], limits=Limits(response_bytes=100_000))
        assert found.source == urls(network)[0]
        with pytest.raises(DiscoveryError, match="more than 100000 bytes"):
            asked(huge, limits=Limits(response_bytes=100_000))


@pytest.mark.parametrize(
    "body", [b"{}", b"null", b'{"active_participants": {"epoch_id": 7, "participants": 1}}', b"[" * 999]
)
def test_an_answer_that_is_something_else(body: bytes) -> None:
    with saying(body) as source, pytest.raises(DiscoveryError) as caught:
        asked(source)
    assert caught.value.sources[source]


def test_the_first_source_that_tells_is_enough(network: MockNetwork) -> None:
    with Recorder([[http("500 No")]]) as second:
        asked(urls(network)[0], second.url.removesuffix("/v1"))
        assert second.received == []
        asked(DEAD, second.url.removesuffix("/v1"), urls(network)[0])
        assert [each.line for each in second.received] == [f"GET {CURRENT} HTTP/1.1"]
        (request,) = second.received
        assert not request.values("authorization")
        assert not request.values("x-requester-address")


def test_every_source_has_its_reason(network: MockNetwork) -> None:
    with (
        saying(json.dumps({"error": "go away"}).encode(), "429 Too Many Requests") as busy,
        saying(b"x") as silly,
        pytest.raises(DiscoveryError) as caught,
    ):
        asked(DEAD, busy, silly)
    told = caught.value.sources
    assert list(told) == [DEAD, busy, silly]
    assert "answered 429: go away" in told[busy]
    assert "not a JSON object" in told[silly]
    assert all(source in str(caught.value) for source in told)
    assert caught.value.retryable


def test_the_error_is_of_the_gravest_kind(network: MockNetwork) -> None:
    """So that nobody takes "not proven" or "nobody may be asked" for a network that is out of reach."""
    network.chain.allow(STRANGER)
    with pytest.raises(NobodyLeftError):
        asked(DEAD, urls(network)[0])
    network.faults.add("forged-proof", node=2)
    with pytest.raises(ProofError) as caught:
        asked(DEAD, *urls(network)[:2], verify="consistent")
    assert list(caught.value.sources) == [DEAD, *urls(network)[:2]]


def test_the_epoch_changes(network: MockNetwork) -> None:
    before = asked(urls(network)[0])
    network.chain.next_epoch()
    assert asked(urls(network)[0]).epoch == before.epoch + 1


@pytest.mark.anyio
async def test_awaited(network: MockNetwork) -> None:
    carrier = resolve.async_transport("auto", TransportOptions())
    try:
        flow = learn(Network(urls(network)), time.monotonic, lambda: NOW)
        found = await run_flow_async(flow, carrier)
        network.faults.add("latency", route=CURRENT, seconds=30.0)
        with pytest.raises(DiscoveryError):
            await run_flow_async(learn(Network(urls(network)), time.monotonic, lambda: NOW, 0.5), carrier)
    finally:
        await carrier.aclose()
    network.faults.clear()
    assert found.endpoints == asked(urls(network)[1]).endpoints


def test_what_is_wrongly_given() -> None:
    with pytest.raises(MissingSettingError):
        asked()
    with pytest.raises(ConfigurationError, match="no level of proof 'noen'"):
        asked(DEAD, verify="noen")
