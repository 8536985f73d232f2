"""What only one of the plain HTTP clients does: retries, prepared requests, compression, bodies that are no bytes."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any

import aiohttp
import httpx
import httpx2
import pytest
import requests
from requests.adapters import HTTPAdapter
from urllib3 import Retry
from urllib3.util import connection

from gonka_conformance.transports.script import always, http, in_turn
from gonka_conformance.transports.server import Loopback
from gonka_core import (
    ConfigurationError,
    GonkaError,
    PayloadError,
)
from gonka_core.integrations import aiohttp_middleware, httpx_auth, requests_auth
from gonka_mock_node import MockNetwork
from tests.integrations.senders import (
    AUTHS,
    BODY,
    CHAT,
    KEY,
    PROVIDER,
    SENDERS,
    SIGNED,
    chat_url,
    place,
)

each = pytest.mark.parametrize("name", list(SENDERS))


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_a_request_that_is_sent_twice_is_signed_twice(library: Any, network: MockNetwork) -> None:
    auth = AUTHS[library.__name__](place(network), private_key=KEY, scheme="hash")
    with library.Client(auth=auth) as client:
        request = client.build_request("POST", chat_url(network), json=CHAT)
        assert [client.send(request).status_code for _ in range(3)] == [200, 200, 200]
    assert len({seen.authorization for seen in network.journal}) == 3


@pytest.mark.parametrize("library", [httpx, httpx2])
def test_a_streamed_answer_is_not_read_ahead(library: Any, network: MockNetwork) -> None:
    auth = AUTHS[library.__name__](place(network), private_key=KEY)
    with (
        library.Client(auth=auth) as client,
        client.stream("POST", chat_url(network), json={**CHAT, "stream": True}) as answer,
    ):
        assert answer.status_code == 200
        assert not answer.is_stream_consumed
        assert list(answer.iter_lines())[-2:] == ["data: [DONE]", ""]


@each
def test_public_routes_are_read_without_a_signature(name: str, stranger: Loopback) -> None:
    places = f"{stranger.url};{PROVIDER}"
    url = f"{stranger.url}/models"
    if name == "requests":
        requests.get(url, auth=requests_auth.GonkaAuth(places, private_key=KEY), timeout=10)
    elif name == "aiohttp":
        asyncio.run(_get(url, aiohttp_middleware.GonkaMiddleware(places, private_key=KEY)))
    else:
        library: Any = httpx if name.startswith("httpx-") or name == "httpx" else httpx2
        library.get(url, auth=AUTHS[library.__name__](places, private_key=KEY))
    sent = {key.lower() for key, _ in stranger.received[0].headers}
    assert not sent & set(SIGNED)


async def _get(url: str, signing: aiohttp_middleware.GonkaMiddleware) -> None:
    async with aiohttp.ClientSession(middlewares=[signing]) as session, session.get(url) as answer:
        await answer.read()


def test_requests_cannot_send_what_it_prepared_twice(network: MockNetwork) -> None:
    auth = requests_auth.GonkaAuth(place(network), private_key=KEY, scheme="hash")
    with requests.Session() as session:
        prepared = session.prepare_request(requests.Request("POST", chat_url(network), json=CHAT, auth=auth))
        assert session.send(prepared).status_code == 200
        with pytest.raises(ConfigurationError, match="second time"):
            session.send(prepared)
    network.assert_accepted(1)


def test_an_adapter_that_retries_repeats_no_signature() -> None:
    with Loopback(in_turn((http(503, b""),), (http(200, b"{}"),))) as server, requests.Session() as session:
        retry = Retry(3, status_forcelist=[503], allowed_methods=None, backoff_factor=0)
        session.mount("http://", HTTPAdapter(max_retries=retry))
        auth = requests_auth.GonkaAuth(f"{server.url};{PROVIDER}", private_key=KEY)
        with pytest.raises(GonkaError, match="second time"):
            session.post(f"{server.url}/chat/completions", json=CHAT, auth=auth, timeout=10)
    assert sum(line.wire.count(b"POST ") for line in server.connections) == 1


def test_an_adapter_may_connect_again_while_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    refused = iter([True, True, False])
    connect = connection.create_connection

    def connecting(*args: Any, **more: Any) -> socket.socket:
        if next(refused):
            raise ConnectionRefusedError
        return connect(*args, **more)

    with Loopback() as server, requests.Session() as session:
        monkeypatch.setattr(connection, "create_connection", connecting)
        session.mount("http://", HTTPAdapter(max_retries=Retry(3, backoff_factor=0)))
        auth = requests_auth.GonkaAuth(f"{server.url};{PROVIDER}", private_key=KEY)
        assert session.post(f"{server.url}/chat/completions", json=CHAT, auth=auth, timeout=10).content == b"{}"
    assert len(server.connections) == 1


def test_aiohttp_does_not_compress_what_was_signed(network: MockNetwork) -> None:
    async def compressed() -> None:
        signing = aiohttp_middleware.GonkaMiddleware(place(network), private_key=KEY)
        async with aiohttp.ClientSession(middlewares=[signing]) as session:
            await session.post(chat_url(network), data=BODY, compress=True)

    with pytest.raises(PayloadError, match="compress"):
        asyncio.run(compressed())
    assert not len(network.journal)


def test_aiohttp_signs_json_and_text_as_they_go_out(network: MockNetwork) -> None:
    bodies: list[dict[str, Any]] = [{"json": CHAT}, {"data": BODY.decode()}, {"data": bytearray(BODY)}]

    async def sent() -> None:
        signing = aiohttp_middleware.GonkaMiddleware(place(network), private_key=KEY, scheme="hash")
        async with aiohttp.ClientSession(middlewares=[signing]) as session:
            for body in bodies:
                async with session.post(chat_url(network), **body) as answer:
                    assert answer.status == 200

    asyncio.run(sent())
    network.assert_accepted(3)


def test_requests_signs_text_as_it_goes_out(network: MockNetwork) -> None:
    auth = requests_auth.GonkaAuth(place(network), private_key=KEY, scheme="hash")
    text = json.dumps({**CHAT, "messages": [{"role": "user", "content": "Grüße, 世界"}]}, ensure_ascii=False)
    assert requests.post(chat_url(network), data=text, auth=auth, timeout=10).status_code == 200
    network.assert_accepted(1)


def test_an_answer_that_is_late_or_absent_is_left_to_the_library() -> None:
    with Loopback(always()) as server:
        auth = httpx_auth.GonkaAuth(f"{server.url};{PROVIDER}", private_key=KEY)
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{server.url}/chat/completions", json=CHAT, auth=auth, timeout=0.2)
