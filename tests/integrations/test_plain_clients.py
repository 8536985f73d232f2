"""Plain HTTP clients that sign: what a node gets is what was signed, and no signature goes out twice or elsewhere."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gonka_conformance.transports.server import Loopback
from gonka_core import (
    ConfigurationError,
    InvalidEndpointError,
    MovedError,
    PayloadError,
)
from gonka_mock_node import MockNetwork
from tests.integrations.senders import (
    BODY,
    CHAT,
    HASH,
    PROVIDER,
    SENDERS,
    SIGNED,
    Settings,
    chat_url,
    place,
    send,
)

each = pytest.mark.parametrize("name", list(SENDERS))


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=3),
    max_leaves=8,
)
forms = st.sampled_from([{}, {"ensure_ascii": False}, {"indent": 3}, {"separators": (",", ":")}, {"sort_keys": True}])


@each
@settings(max_examples=15)
@given(extra=st.dictionaries(st.text("xyz", min_size=2), values, max_size=3), form=forms)
def test_what_a_node_gets_is_what_was_signed(name: str, nodes: MockNetwork, extra: Any, form: Any) -> None:
    nodes.reset()
    body = json.dumps({**CHAT, **extra}, **form).encode("utf-8")
    assert send(name, nodes, body, HASH).status == 200
    nodes.assert_accepted(1)
    kept = nodes.journal.kept(nodes.journal[0].number)
    assert kept is not None
    assert kept.body == body


@each
def test_the_headers_are_those_of_the_protocol(name: str, stranger: Loopback) -> None:
    SENDERS[name](f"{stranger.url};{PROVIDER}", f"{stranger.url}/chat/completions", BODY, Settings())
    received = stranger.received[0]
    sent = {key.lower(): value for key, value in received.headers}
    assert sent["content-type"] == "application/json"
    assert len(sent["authorization"]) == 88
    assert sent["x-requester-address"].startswith("gonka1")
    assert int(sent["x-timestamp"]) > 10**18
    assert received.body == BODY


@each
def test_the_scheme_is_found_and_remembered(name: str, network: MockNetwork) -> None:
    assert send(name, network).status == 200
    assert [(seen.status, seen.scheme) for seen in network.journal] == [(401, "hash"), (200, "hash")]
    first, second = network.journal
    assert first.authorization != second.authorization
    assert first.timestamp_ns < second.timestamp_ns


@each
def test_a_pinned_scheme_that_is_refused_is_not_replaced(name: str, network: MockNetwork) -> None:
    got = send(name, network, how=Settings(more={"scheme": "raw"}))
    assert got.status == 401
    assert b"invalid signature" in got.body
    assert len(network.journal) == 1


@each
def test_another_401_is_not_about_the_scheme(name: str, network: MockNetwork) -> None:
    network.faults.add("executor-refuses")
    assert send(name, network, how=HASH).status == 401
    network.reset()
    network.faults.add("executor-refuses")
    assert send(name, network).status == 401
    assert len(network.journal) == 2, "raw is refused for its signature; hash by an executor, which may be billed"


@each
def test_nothing_is_sent_to_a_stranger(name: str, network: MockNetwork, stranger: Loopback) -> None:
    with pytest.raises(InvalidEndpointError, match="where no endpoint is") as caught:
        SENDERS[name](place(network), f"{stranger.url}/chat/completions", BODY, Settings())
    assert network.nodes[0].url in caught.value.next_step
    assert not stranger.connections


@each
@pytest.mark.parametrize("code", [302, 307, 308])
def test_a_redirect_carries_neither_signature_nor_prompt(
    name: str, code: int, network: MockNetwork, stranger: Loopback
) -> None:
    network.faults.add("redirect", code=code, location=f"{stranger.url}/chat/completions")
    with pytest.raises(MovedError, match="not followed"):
        send(name, network, how=HASH)
    followed = HASH._replace(follow=True)
    if code == 302 and name.startswith("httpx"):
        assert send(name, network, how=followed).body == b"{}", "of a GET, which has nothing of ours"
    else:
        with pytest.raises((MovedError, ConfigurationError), match="follow"):
            send(name, network, how=followed)
    for line in stranger.connections:
        assert not [header for header in SIGNED if header.encode() in line.wire.lower()]
        assert b"a b c" not in line.wire


@each
def test_a_redirect_to_the_same_node_repeats_no_signature(name: str, network: MockNetwork) -> None:
    network.faults.add("redirect", code=307, location=chat_url(network), times=1)
    with pytest.raises((MovedError, ConfigurationError)):
        send(name, network, how=HASH._replace(follow=True))
    sent = [seen.authorization for seen in network.journal if seen.authorization and len(seen.authorization) == 88]
    assert len(sent) <= 1


@each
def test_a_body_that_streams_is_refused_or_buffered(name: str, network: MockNetwork) -> None:
    with pytest.raises(PayloadError, match="buffer=True"):
        send(name, network, how=Settings(streams=True))
    assert not len(network.journal)
    assert send(name, network, how=Settings(streams=True, more={"buffer": True})).status == 200
    kept = network.journal.kept(network.journal[-1].number)
    assert kept is not None
    assert kept.body == BODY


@each
def test_what_was_buffered_goes_out_with_its_length(name: str, stranger: Loopback) -> None:
    how = Settings(streams=True, more={"buffer": True})
    SENDERS[name](f"{stranger.url};{PROVIDER}", f"{stranger.url}/chat/completions", BODY, how)
    sent = {key.lower(): value for key, value in stranger.received[0].headers}
    assert sent["content-length"] == str(len(BODY))
    assert "transfer-encoding" not in sent
    assert stranger.received[0].body == BODY


@each
def test_a_post_without_a_body_is_refused(name: str, network: MockNetwork) -> None:
    with pytest.raises(PayloadError, match="no body to sign"):
        send(name, network, b"")
    assert not len(network.journal)


@each
def test_a_broker_gets_its_key_and_no_signature(name: str, monkeypatch: pytest.MonkeyPatch, stranger: Loopback) -> None:
    monkeypatch.setenv("GONKA_BROKER_URL", stranger.url)
    monkeypatch.setenv("GONKA_BROKER_API_KEY", "sk-test")
    SENDERS[name](None, f"{stranger.url}/chat/completions", BODY, Settings())  # type: ignore[arg-type]
    sent = {key.lower(): value for key, value in stranger.received[0].headers}
    assert sent["authorization"] == "Bearer sk-test"
    assert "x-requester-address" not in sent
