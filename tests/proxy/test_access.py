"""Who may use the proxy: keys, host names, origins. And what of the keys is never seen."""

from __future__ import annotations

import copy
import gc
import json
import logging
import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.errors import ConfigurationError, InvalidKeyError
from gonka_core.proxy import Entry, Proxy, ProxyKey, ProxyOptions, in_thread, new_key
from gonka_core.proxy.access import Hosts, given_key
from gonka_mock_node import MockNetwork
from tests.proxy.serving import API_KEY, CHAT, KEY, asked, body, client, proxied, until

VISIBLE = st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=16, max_size=80).filter(
    lambda text: len(text.removeprefix("0x")) != 64
)


@given(VISIBLE, st.text(max_size=80))
def test_a_key_matches_itself_and_nothing_else(text: str, other: str) -> None:
    key = ProxyKey(text)
    assert key.matches(text)
    assert key.matches(other) == (other == text)
    assert not key.matches(text[:-1])
    assert not key.matches(text + "x")


@pytest.mark.parametrize(
    "text", ["", "short", "with white space in it", "ünïcödé-ünïcödé-ünïcödé", "ab" * 32, "0x" + "ab" * 32, "x" * 5000]
)
def test_what_is_no_key_is_refused_and_not_quoted(network: MockNetwork, text: str) -> None:
    for make in (ProxyKey, lambda text: Proxy(client(network), text), lambda text: next(_thread(network, text))):
        with pytest.raises(InvalidKeyError) as caught:
            make(text)
        assert not text or text not in str(caught.value)
        frames = traceback.TracebackException.from_exception(caught.value, capture_locals=True)
        ours = [frame for frame in frames.stack if "gonka_core" in frame.filename]
        assert ours
        assert not text or not any(text in value for frame in ours for value in (frame.locals or {}).values())


def _thread(network: MockNetwork, text: str):  # type: ignore[no-untyped-def]
    with in_thread(client(network), text) as url:
        yield url


def test_a_key_shows_nothing() -> None:
    key = ProxyKey(API_KEY)
    assert repr(key) == "ProxyKey(hidden)"
    assert API_KEY not in f"{key} {key!r}"
    with pytest.raises(TypeError):
        pickle.dumps(key)
    with pytest.raises(TypeError):
        copy.deepcopy(key)
    kept = [value for slot in ("_ProxyKey__digest",) for value in (getattr(key, slot),)]
    assert not any(API_KEY.encode() in value for value in kept)
    assert not any(isinstance(held, str) and API_KEY in held for held in gc.get_referents(key))


def test_new_keys_are_long_and_differ() -> None:
    keys = {new_key() for _ in range(100)}
    assert len(keys) == 100
    assert all(key.startswith("sk-") and len(key) > 40 for key in keys)
    assert all(ProxyKey(key).matches(key) for key in keys)


def test_where_a_key_may_stand() -> None:
    assert given_key({"Authorization": "bearer  abc "}) == "abc"
    assert given_key({"x-api-key": "abc"}) == "abc"
    assert given_key({"api-key": "abc"}) == "abc"
    assert given_key({"Authorization": "Bearer abc", "api-key": "other"}) == "abc"
    assert given_key({"Authorization": "Basic abc"}) is None
    assert given_key({}) is None


@pytest.mark.asyncio
@pytest.mark.parametrize("header", ["x-api-key", "api-key", "Authorization"])
@pytest.mark.parametrize(
    "wrong", ["", API_KEY[:-1], API_KEY + "x", API_KEY.upper(), "x" * 4000, "\xff\xfe", KEY.reveal().hex()]
)
async def test_only_the_key_opens(network: MockNetwork, header: str, wrong: str) -> None:
    prefix = "Bearer " if header == "Authorization" else ""
    async with proxied(network) as proxy:
        headers = {"Authorization": "", header: prefix + API_KEY}
        assert (await asked(proxy, "GET", "/v1/models", None, **headers)).status == 200
        for method, path, content in (("GET", "/v1/models", None), ("POST", CHAT, body()), ("GET", "/nothing", None)):
            answer = await asked(proxy, method, path, content, **{"Authorization": "", header: prefix + wrong})
            assert (answer.status, answer.error["code"]) == (401, "invalid_api_key")
            assert answer.error["type"] == "authentication_error"
            assert answer.headers["www-authenticate"] == "Bearer"
            assert not wrong or wrong not in answer.body.decode()
    assert not [verdict for verdict in network.journal if verdict.route == CHAT]


@pytest.mark.parametrize(
    ("host", "given", "allowed"),
    [
        ("127.0.0.1", "127.0.0.1:8790", True),
        ("127.0.0.1", "localhost", True),
        ("127.0.0.1", "LOCALHOST.:1", True),
        ("127.0.0.1", "[::1]:8790", True),
        ("::1", "[::1]", True),
        ("127.0.0.2", "127.0.0.2:1", True),
        ("127.0.0.1", "evil.example:8790", False),
        ("127.0.0.1", "127.0.0.1.evil.example", False),
        ("127.0.0.1", "localhost:8790:1", False),
        ("127.0.0.1", "user@localhost", False),
        ("127.0.0.1", "", False),
        ("192.0.2.7", "192.0.2.7:1", True),
        ("192.0.2.7", "localhost", False),
        ("0.0.0.0", "proxy.internal:8790", True),
        ("0.0.0.0", "two words", True),
    ],
)
def test_names_by_which_it_may_be_called(host: str, given: str, allowed: bool) -> None:
    assert Hosts(host).allow([given]) == allowed


def test_a_request_has_one_host() -> None:
    assert not Hosts("127.0.0.1").allow(["localhost", "localhost"])
    assert not Hosts("0.0.0.0").allow([])


@pytest.mark.asyncio
async def test_a_page_that_rebinds_a_name_to_loopback_gets_nothing(network: MockNetwork) -> None:
    async with proxied(network) as proxy:
        for path in ("/v1/models", "/health"):
            answer = await asked(proxy, "GET", path, Host="rebound.example")
            assert (answer.status, answer.error["code"]) == (403, "host_not_allowed")


PAGE = "http://localhost:3000"


@pytest.mark.asyncio
@pytest.mark.parametrize("origins", [(), ("https://other.example",), (PAGE,)])
async def test_only_pages_that_were_named_may_read_answers(network: MockNetwork, origins: tuple[str, ...]) -> None:
    named = PAGE in origins
    network.faults.add("many-headers")
    async with proxied(network, origins=origins) as proxy:
        asking = {
            "Origin": PAGE,
            "Access_Control_Request_Method": "POST",
            "Access_Control_Request_Headers": "authorization,x-stainless-lang",
            "Access_Control_Request_Private_Network": "true",
        }
        asked_first = await asked(proxy, "OPTIONS", CHAT, None, Authorization="", **asking)
        assert asked_first.status == (204 if named else 401)
        answers = [
            await asked(proxy, "POST", CHAT, body(), Origin=PAGE),
            await asked(proxy, "POST", CHAT, body(stream=True), Origin=PAGE),
            await asked(proxy, "POST", CHAT, b"{}", Origin=PAGE),
            await asked(proxy, "GET", "/v1/models", Origin=PAGE, Authorization=""),
        ]
    assert [answer.status for answer in answers] == [200, 200, 400, 401]
    for answer in (asked_first, *answers):
        assert answer.headers.get("access-control-allow-origin") == (PAGE if named else None)
        assert "*" not in "".join(value for name, value in answer.headers.items() if name.startswith("access-"))
        assert answer.headers.get("vary") == ("Origin" if origins else None)
    if named:
        assert asked_first.headers["access-control-allow-headers"] == "authorization,x-stainless-lang"
        assert asked_first.headers["access-control-allow-methods"] == "POST"
        assert asked_first.headers["access-control-allow-private-network"] == "true"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"origins": ("*",)}, "every web page"),
        ({"origins": ("https://a.example/path",)}, "not an origin"),
        ({"host": "0.0.0.0"}, "--allow-remote"),
        ({"host": "192.0.2.1"}, "--allow-remote"),
        ({"port": 65536}, "not a port"),
        ({"concurrent": 0}, "concurrent"),
        ({"read_s": 0.0}, "read_s"),
        ({"idle_s": float("inf")}, "idle_s"),
        ({"grace_s": -1}, "grace_s"),
        ({"json_depth": float("nan")}, "json_depth"),
    ],
)
def test_options_that_cannot_be(options: dict[str, object], words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        ProxyOptions(**options)  # type: ignore[arg-type]


@pytest.mark.asyncio
async def test_neither_key_is_seen_in_answers_entries_or_logs(
    network: MockNetwork, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever a program does with its key: as a path, as a model, as a message, in broken requests."""
    secret = KEY.reveal().hex()
    entries: list[Entry] = []
    seen = b""
    with caplog.at_level(logging.DEBUG):
        async with proxied(network, entries.append) as proxy:
            for path in (
                f"/{API_KEY}",
                f"/v1/{API_KEY}/x?key={API_KEY}",
                f"/v1/models?api_key={API_KEY}",
                f"/{secret}",
            ):
                seen += json.dumps((await asked(proxy, "GET", path, Authorization="Bearer wrong")).headers).encode()
                seen += (await asked(proxy, "GET", path, Authorization="Bearer wrong")).body
            seen += (await asked(proxy, "POST", CHAT, body())).body
            seen += (await asked(proxy, "POST", CHAT, body(stream=True))).body
            seen += (await asked(proxy, "GET", "/health")).body
            seen += (await asked(proxy, API_KEY, "/health")).body  # no such method: it is no request
            await asked(proxy, "POST", CHAT, body(model=API_KEY))  # its answer repeats what the program said
            seen += repr(proxy).encode() + repr(vars(proxy)).encode()
            await until(lambda: len(entries) == 12, "every request is told")
    told = seen.decode() + repr(entries) + caplog.text
    assert API_KEY not in told
    assert secret not in told
    assert "(withheld)" in repr(entries)
