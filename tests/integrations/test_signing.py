"""What plain HTTP clients sign with: which URL is an endpoint's, and what is refused before anything happens."""

from __future__ import annotations

import pickle
import traceback
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import (
    ConfigurationError,
    Endpoint,
    InvalidEndpointError,
    InvalidKeyError,
    MissingSettingError,
    PrivateKey,
    sign_request,
)
from gonka_core.answers import Answer
from gonka_core.errors import PayloadError
from gonka_core.integrations.httpx_auth import GonkaAuth
from gonka_core.integrations.signing import Signing, following
from gonka_core.resolve import signer

KEY: Final = PrivateKey((92).to_bytes(32, "big"))
ADDRESSES: Final = (
    "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le",
    "gonka1dkl4mah5erqggvhqkpc8j3qs5tyuetgdy552cp",
)
REFUSED: Final = b'{"error":"Unable to validate request against PubKey:invalid signature"}'
BODY: Final = b'{"messages":[]}'


def signing(*places: str) -> Signing:
    return Signing([f"{url};{address}" for url, address in zip(places, ADDRESSES, strict=False)], private_key=KEY)


@pytest.mark.parametrize(
    ("url", "theirs"),
    [
        ("https://node.example/v1/chat/completions", True),
        ("https://NODE.example:443/v1/chat/completions", True),
        ("https://node.example/v1/chat/completions?stream=1", True),
        ("https://node.example/v1", True),
        ("https://node.example/v1x/chat/completions", False),
        ("https://node.example/v2/chat/completions", False),
        ("http://node.example/v1/chat/completions", False),
        ("https://node.example:8443/v1/chat/completions", False),
        ("https://node.example.evil.example/v1/chat/completions", False),
        ("https://node.example@evil.example/v1/chat/completions", False),
        ("https://user@node.example/v1/chat/completions", False),
        ("https://node.example:x/v1/chat/completions", False),
        ("ftp://node.example/v1/chat/completions", False),
        ("/v1/chat/completions", False),
        ("", False),
    ],
)
def test_which_url_is_an_endpoints(url: str, theirs: bool) -> None:
    flow = signing("https://node.example/v1").attempts("POST", url, BODY)
    if theirs:
        assert "X-Timestamp" in next(flow)
        return
    with pytest.raises(InvalidEndpointError, match="add it to the endpoints"):
        next(flow)


@given(url=st.text())
def test_no_url_breaks_it(url: str) -> None:
    with pytest.raises(InvalidEndpointError):
        next(signing("https://node.example/v1").attempts("POST", url, BODY))


def test_each_endpoint_gets_a_signature_for_itself() -> None:
    both = signing("http://a.example/v1", "http://b.example/gateway/v1")
    first = next(both.attempts("POST", "http://a.example/v1/chat/completions", BODY))
    second = next(both.attempts("POST", "http://b.example/gateway/v1/chat/completions", BODY))
    assert first["Authorization"] != second["Authorization"]
    assert [endpoint.url for endpoint in both.endpoints] == ["http://a.example/v1", "http://b.example/gateway/v1"]


def test_the_scheme_that_was_accepted_is_the_next_ones() -> None:
    one = signing("http://a.example/v1")
    url = "http://a.example/v1/chat/completions"
    flow = one.attempts("POST", url, BODY)
    first = next(flow)
    second = following(flow, Answer(401, {}, REFUSED))
    assert second is not None
    assert second["X-Timestamp"] > first["X-Timestamp"]
    assert following(flow, Answer(200, {}, None)) is None
    again = next(one.attempts("POST", url, BODY))
    stamp = int(again["X-Timestamp"])
    expected = sign_request(BODY, one.endpoints[0], signer("auto", lambda: KEY), scheme="hash", timestamp_ns=stamp)
    assert again == expected.headers


def test_a_401_about_something_else_is_the_last_answer() -> None:
    flow = signing("http://a.example/v1").attempts("POST", "http://a.example/v1/chat/completions", BODY)
    next(flow)
    told = b'{"error":"Unable to validate request against TransferSignature:invalid signature"}'
    assert following(flow, Answer(401, {}, told)) is None


def test_a_key_as_text_is_refused_and_held_by_no_frame() -> None:
    with pytest.raises(InvalidKeyError, match="not a PrivateKey") as caught:
        GonkaAuth(f"http://a.example/v1;{ADDRESSES[0]}", private_key="ab" * 32)  # type: ignore[arg-type]
    held = [repr(frame.f_locals) for frame, _ in traceback.walk_tb(caught.value.__traceback__)]
    assert len(held) == 2
    assert not [shown for shown in held if "ab" * 32 in shown]


def test_it_shows_no_key_and_is_not_pickled() -> None:
    one = signing("http://a.example/v1")
    assert repr(one) == "Signing(endpoints=[http://a.example/v1])"
    with pytest.raises(TypeError, match="not pickled"):
        pickle.dumps(one)


def test_settings_come_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(MissingSettingError):
        Signing()
    monkeypatch.setenv("GONKA_ENDPOINTS", f"http://a.example/v1;{ADDRESSES[0]}")
    with pytest.raises(MissingSettingError, match="GONKA_PRIVATE_KEY"):
        Signing()
    monkeypatch.setenv("GONKA_PRIVATE_KEY", "11" * 32)
    assert Signing().address is not None


def test_a_network_is_not_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GONKA_SOURCE_URL", "http://a.example")
    monkeypatch.setenv("GONKA_PRIVATE_KEY", "11" * 32)
    with pytest.raises(ConfigurationError, match=r"gonka_core\.Client"):
        Signing()


def test_a_wrong_scheme_is_refused_when_it_is_made() -> None:
    with pytest.raises(ConfigurationError, match="'raw' or 'hash'"):
        Signing(f"http://a.example/v1;{ADDRESSES[0]}", private_key=KEY, scheme="sha")  # type: ignore[arg-type]


def test_only_posts_are_signed() -> None:
    one = signing("http://a.example/v1")
    assert next(one.attempts("GET", "http://a.example/v1/models", b"")) == {}
    with pytest.raises(PayloadError):
        next(one.attempts("POST", "http://a.example/v1/chat/completions", b""))


def test_a_broker_is_matched_by_its_url_as_well() -> None:
    broker = Signing(Endpoint.broker("https://broker.example/v1", "sk-x"))
    assert next(broker.attempts("POST", "https://broker.example/v1/chat/completions", BODY))["Authorization"] == (
        "Bearer sk-x"
    )
    with pytest.raises(InvalidEndpointError) as caught:
        next(broker.attempts("POST", "https://other.example/v1/chat/completions", BODY))
    assert "sk-x" not in str(caught.value)
