"""Endpoints: `/v1` once, http and https only, and always the address of a provider."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import Endpoint
from gonka_core.endpoints import as_endpoints, normalised_url
from gonka_core.errors import InvalidAddressError, InvalidEndpointError

PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"


@pytest.mark.parametrize(
    ("given_url", "url"),
    [
        ("http://host", "http://host/v1"),
        ("http://host/", "http://host/v1"),
        ("http://host:8000/v1", "http://host:8000/v1"),
        ("http://host:8000/v1/", "http://host:8000/v1"),
        ("https://host/api", "https://host/api/v1"),
        ("https://host/api/v1//", "https://host/api/v1"),
        ("http://[::1]:8000", "http://[::1]:8000/v1"),
    ],
)
def test_v1_is_appended_once(given_url: str, url: str) -> None:
    endpoint = Endpoint(given_url, PROVIDER)
    assert endpoint.url == url
    assert endpoint.chat_url == f"{url}/chat/completions"
    assert normalised_url(endpoint.url) == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "host:8000/v1",
        "//host/v1",
        "ftp://host/v1",
        "file:///etc/passwd",
        "http://",
        "http:///v1",
        "http://host/v1?key=1",
        "http://host/v1#part",
        "http://user:secret@host/v1",
        "http://host:port/v1",
        "http://host:99999/v1",
        "http://ho st/v1",
        "http://host\n/v1",
        "http://[::1/v1",
    ],
)
def test_other_urls_are_refused(url: str) -> None:
    with pytest.raises(InvalidEndpointError) as caught:
        Endpoint(url, PROVIDER)
    assert caught.value.next_step
    assert "secret" not in str(caught.value)


def test_a_provider_address_is_needed() -> None:
    with pytest.raises(InvalidEndpointError, match=r"http://host/v1/identity"):
        Endpoint("http://host", "")


@pytest.mark.parametrize("address", ["gonka1", PROVIDER[:-1] + "q", "cosmos1asz59pf9q0u5nxcxwn676wpacr34gzas0xlamz"])
def test_a_provider_address_is_checked(address: str) -> None:
    with pytest.raises(InvalidAddressError, match="provider address"):
        Endpoint("http://host", address)


def test_a_provider_address_in_capitals_is_the_same_address() -> None:
    assert Endpoint("http://host", PROVIDER.upper()) == Endpoint("http://host", PROVIDER)


def test_text_forms() -> None:
    one = Endpoint("http://one", PROVIDER)
    two = Endpoint("http://two", PROVIDER)
    assert as_endpoints(one) == (one,)
    assert as_endpoints(f"http://one;{PROVIDER}") == (one,)
    assert as_endpoints(f" http://one/v1 ; {PROVIDER} , http://two;{PROVIDER},") == (one, two)
    assert as_endpoints([one, f"http://two;{PROVIDER}"]) == (one, two)


@given(st.text(max_size=40))
def test_any_text_is_an_endpoint_or_refused(text: str) -> None:
    try:
        url = normalised_url(text)
    except InvalidEndpointError:
        return
    assert url.endswith("/v1")
    assert normalised_url(url) == url
