"""Requests built without the library's client are those that its client would send."""

from __future__ import annotations

from types import ModuleType

import httpx
import httpx2
import pytest

from gonka_core import Endpoint, TransportOptions
from gonka_core.types import Request
from gonka_httpx.building import Building

ENDPOINT = Endpoint("http://node:8000", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")
SIGNED = {"Content-Type": "application/json", "Authorization": "c2ln", "X-Timestamp": "1"}


def request(**more: str) -> Request:
    return Request(ENDPOINT.chat_url, SIGNED | more, b"{}", ENDPOINT)


@pytest.fixture(params=[httpx, httpx2], ids=["httpx", "httpx2"])
def library(request: pytest.FixtureRequest) -> ModuleType:
    return request.param  # type: ignore[no-any-return]


def test_it_is_what_the_client_itself_would_send(library: ModuleType) -> None:
    with library.Client() as client:
        ours = Building(library, client.headers, TransportOptions()).request(request(), None)
        theirs = client.build_request(
            "POST", ENDPOINT.chat_url, headers={"Accept-Encoding": "identity", **SIGNED}, content=b"{}"
        )
    assert sorted(ours.headers.multi_items()) == sorted(theirs.headers.multi_items())
    assert (ours.method, ours.url, ours.read()) == (theirs.method, theirs.url, theirs.read())


def test_a_header_of_the_request_replaces_the_default_in_whatever_case(library: ModuleType) -> None:
    with library.Client() as client:
        built = Building(library, client.headers, TransportOptions()).request(request(**{"User-AGENT": "mine"}), None)
    assert built.headers.get_list("user-agent") == ["mine"]


def test_no_timeout_is_longer_than_what_is_left_of_the_call(library: ModuleType) -> None:
    with library.Client() as client:
        building = Building(library, client.headers, TransportOptions(1.0, 2.0, None))
    assert building.request(request(), None).extensions["timeout"] == {
        "connect": 1.0,
        "read": 2.0,
        "write": None,
        "pool": None,
    }
    assert set(building.request(request(), 0.5).extensions["timeout"].values()) == {0.5}
