"""Brokers: endpoints with an API key, from arguments and from the environment."""

from __future__ import annotations

import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import Endpoint, InvalidEndpointError, InvalidKeyError, MissingSettingError, settings
from gonka_core.keys import ApiKey
from gonka_core.request import bearer_body

NODE = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
SECRET = "sk-very-secret"


def test_an_endpoint_with_a_key_is_not_signed_for() -> None:
    broker = Endpoint.broker("https://broker.example", SECRET)
    assert (broker.url, broker.signed, broker.provider_address) == ("https://broker.example/v1", False, "")
    assert Endpoint("https://node.example", NODE).signed
    request = bearer_body(b"{}", broker)
    assert dict(request.headers) == {"Content-Type": "application/json", "Authorization": f"Bearer {SECRET}"}
    assert request.url == "https://broker.example/v1/chat/completions"


def test_key_and_address_exclude_each_other_and_one_is_needed() -> None:
    with pytest.raises(InvalidEndpointError, match="API key and a provider address"):
        Endpoint("https://x", NODE, api_key=ApiKey(SECRET))
    with pytest.raises(InvalidEndpointError, match="no provider address"):
        Endpoint("https://x")


def test_a_weight_below_zero() -> None:
    with pytest.raises(InvalidEndpointError, match="below zero"):
        Endpoint("https://x", NODE, weight=-1)


def test_endpoints_are_equal_by_url_address_and_key() -> None:
    assert Endpoint("https://x", NODE, weight=3) == Endpoint("https://x/v1", NODE)
    assert Endpoint.broker("https://x", "a") == Endpoint.broker("https://x", "a")
    assert Endpoint.broker("https://x", "a") != Endpoint.broker("https://x", "b")
    assert len({Endpoint.broker("https://x", "a"), Endpoint.broker("https://x", "a")}) == 1


def test_a_key_shows_nowhere() -> None:
    broker = Endpoint.broker("https://x", SECRET)
    shown = [repr(broker), str(broker), repr(broker.api_key), repr(bearer_body(b"{}", broker)), f"{broker.api_key}"]
    assert not any(SECRET in text for text in shown)
    for thing in (broker, broker.api_key):
        with pytest.raises(TypeError, match="not pickled"):
            pickle.dumps(thing)


@given(
    st.text(max_size=20).filter(
        lambda text: not text.isascii() or any(c.isspace() or not c.isprintable() for c in text) or not text
    )
)
def test_what_no_header_can_hold_is_refused_and_not_quoted(text: str) -> None:
    with pytest.raises(InvalidKeyError) as caught:
        ApiKey(text)
    assert caught.value.__traceback__ is not None
    ours = caught.value.with_traceback(caught.value.__traceback__.tb_next)
    told = "".join(traceback.TracebackException.from_exception(ours, capture_locals=True).format())
    assert len(text) < 6 or text not in told


def test_the_environment_names_a_broker_alone_or_beside_a_node() -> None:
    broker = {"GONKA_BROKER_URL": "https://broker.example/v1", "GONKA_BROKER_API_KEY": SECRET}
    (alone,) = settings.places(None, None, broker)[0]
    assert (alone.url, alone.signed) == ("https://broker.example/v1", False)
    node = {"GONKA_ENDPOINT": "https://node.example", "GONKA_PROVIDER_ADDRESS": NODE}
    assert [endpoint.signed for endpoint in settings.places(None, None, broker | node)[0]] == [True, False]
    several = {"GONKA_ENDPOINTS": f"https://a;{NODE},https://b;{NODE}"}
    assert len(settings.places(None, None, broker | several)[0]) == 3
    assert [endpoint.url for endpoint in settings.places(f"https://mine;{NODE}", None, broker)[0]] == [
        "https://mine/v1"
    ]


def test_a_broker_without_a_key_is_told() -> None:
    with pytest.raises(MissingSettingError, match="GONKA_BROKER_API_KEY"):
        settings.places(None, None, {"GONKA_BROKER_URL": "https://broker.example"})
