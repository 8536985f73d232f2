"""How clients are made, copied, closed and shared, and what is refused with a next step."""

from __future__ import annotations

import asyncio
import gc
import importlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import openai
import pytest

from gonka_core import AsyncClient, Client, ConfigurationError, InvalidEndpointError, PrivateKey, errors
from gonka_core import Endpoint as CoreEndpoint
from gonka_core.integrations.openai import (
    BASE_URL,
    AsyncGonkaOpenAI,
    Endpoint,
    GonkaOpenAI,
    async_http_client,
    http_client,
)
from gonka_core.integrations.openai.generation import http
from gonka_mock_node import MockNetwork
from tests.ecosystem.openai.asking import HELLO, ask, both, chat, made, plain, refused
from tests.recorder import Recorder
from tests.recorder import http as answered


def test_the_http_library_is_that_of_the_sdk() -> None:
    generation = int(openai.__version__.partition(".")[0])
    assert http.__name__ == {2: "httpx", 3: "httpx2"}[generation]
    assert isinstance(openai.DefaultHttpxClient(), http.Client)


@both
@pytest.mark.usefixtures("environment")
def test_the_environment_is_enough(mode: str) -> None:
    assert chat(mode, {}).choices


@both
def test_endpoints_of_every_kind(mode: str, settings: dict[str, Any], endpoints: list[str]) -> None:
    (first, address), (second, other) = (place.split(";") for place in endpoints)
    for given in (
        endpoints,
        ",".join(endpoints),
        [Endpoint(url=first, address=address), Endpoint.parse(endpoints[1])],
        [SimpleNamespace(url=first, address=address)],
        Endpoint(first, address),
        SimpleNamespace(url=first.removesuffix("/v1"), address=address),
        [CoreEndpoint(second, other), endpoints[0]],
        (place for place in endpoints),
    ):
        assert chat(mode, {**settings, "endpoints": given}).choices


@pytest.mark.parametrize("given", [[object()], [{"url": "x"}], [Endpoint("http://h", None)], [7]])  # type: ignore[arg-type]
def test_what_is_no_endpoint(settings: dict[str, Any], given: Any) -> None:
    with pytest.raises(InvalidEndpointError, match="give Endpoint"):
        GonkaOpenAI(**{**settings, "endpoints": given})


def test_the_address_is_told_and_has_to_be_that_of_the_key(settings: dict[str, Any]) -> None:
    with made(settings) as client:
        address = client.gonka_address
    assert address is not None
    with made({**settings, "gonka_address": address}) as client:
        assert client.gonka_address == address
    with pytest.raises(errors.AddressMismatchError):
        GonkaOpenAI(**settings, gonka_address="gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")


@both
def test_a_strategy_chooses_among_the_endpoints(mode: str, settings: dict[str, Any], network: MockNetwork) -> None:
    seen: list[list[Endpoint]] = []

    def last(endpoints: list[Endpoint]) -> Endpoint:
        seen.append(endpoints)
        return endpoints[-1]

    chat(mode, {**settings, "endpoint_selection_strategy": last})
    assert {verdict.node for verdict in network.journal} == {network.nodes[1].url}
    assert [endpoint.address for endpoint in seen[0]] == [node.provider_address for node in network.nodes]


@both
def test_a_strategy_that_insists_does_not_stand_in_the_way_of_another_node(
    mode: str, settings: dict[str, Any], network: MockNetwork
) -> None:
    (first, address), _ = (place.split(";") for place in settings["endpoints"])
    network.faults.add("refused", node=1)
    wanted = SimpleNamespace(url=first, address=address)
    assert chat(mode, {**settings, "endpoint_selection_strategy": lambda _: wanted}).choices


@both
def test_nodes_are_found_where_a_source_tells_them(mode: str, private_key: str, network: MockNetwork) -> None:
    source = network.nodes[0].url.removesuffix("/v1")
    assert chat(mode, {"source_url": source, "gonka_private_key": private_key}).choices


def test_endpoints_come_before_a_source(settings: dict[str, Any]) -> None:
    with made({**settings, "source_url": "http://127.0.0.1:9"}) as client:
        assert len(client.gonka_client.endpoints) == 2
        with pytest.raises(errors.MissingSettingError):
            client.gonka_client.discover()


@pytest.mark.parametrize("name", ["base_url", "provider", "workload_identity", "data_residency"])
def test_another_destination_or_credential_is_refused(settings: dict[str, Any], name: str) -> None:
    options: dict[str, Any] = {name: "https://api.openai.com/v1"}
    for kind in (GonkaOpenAI, AsyncGonkaOpenAI):
        with pytest.raises(ConfigurationError, match=f"{name} says where"):
            kind(**settings, **options)


def test_a_copy_has_no_other_destination(settings: dict[str, Any]) -> None:
    with made(settings) as client, pytest.raises(ConfigurationError, match="base_url says where"):
        client.with_options(base_url="https://api.openai.com/v1")


@both
def test_the_sdks_environment_leads_nowhere_else(
    mode: str, settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("OPENAI_CUSTOM_HEADERS", "X-Other: 1")
    assert chat(mode, settings).choices
    with made(settings) as client:
        assert str(client.base_url) == BASE_URL + "/"


def test_a_name_that_the_sdk_does_not_know_is_its_type_error(settings: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="max_retrys"):
        GonkaOpenAI(**settings, max_retrys=1)


def test_copies_share_the_client_and_change_the_rest(settings: dict[str, Any]) -> None:
    with made({**settings, "default_headers": {"X-A": "1"}}) as client:
        copied = client.copy(max_retries=7, timeout=3.0, default_headers={"X-B": "2"})
        assert type(copied) is GonkaOpenAI
        assert (copied.max_retries, copied.timeout, client.max_retries) == (7, 3.0, 2)
        assert copied.gonka_client is client.gonka_client
        assert copied.default_headers["X-A"] == "1"
        assert copied.chat.completions.create(model="test", messages=HELLO).choices


def test_a_copy_has_no_other_http_client(settings: dict[str, Any]) -> None:
    with made(settings) as client:
        assert client.with_options(http_client=client._client).gonka_client is client.gonka_client
        with http.Client() as other, pytest.raises(ConfigurationError, match="copy shares"):
            client.with_options(http_client=other)


def test_a_client_that_is_given_stays_open(core: dict[str, Any]) -> None:
    with Client(**core) as client:
        with GonkaOpenAI(client=client) as first:
            assert first.gonka_client is client
        assert first.is_closed()
        with GonkaOpenAI(http_client=http_client(client)) as second:
            assert second.chat.completions.create(model="test", messages=HELLO).choices


def test_a_client_that_is_made_is_closed(at_lonely: dict[str, Any], lonely: MockNetwork) -> None:
    with made(at_lonely) as client:
        client.chat.completions.create(model="test", messages=HELLO)
    with pytest.raises((openai.APIConnectionError, RuntimeError)):
        client.chat.completions.create(model="test", messages=HELLO)
    assert lonely.until_idle()


@pytest.mark.parametrize("name", ["gonka_private_key", "gonka_address", "endpoints", "source_url"])
def test_a_client_that_is_given_is_not_changed(core: dict[str, Any], name: str) -> None:
    value: Any = PrivateKey.generate() if name == "gonka_private_key" else "x"
    with Client(**core) as client:
        with pytest.raises(ConfigurationError, match=f"client is .* {name} cannot"):
            GonkaOpenAI(client=client, **{name: value})
        with pytest.raises(ConfigurationError, match=f"http_client is .* {name} cannot"):
            GonkaOpenAI(http_client=http_client(client), **{name: value})
        with pytest.raises(ConfigurationError, match="http_client cannot"):
            GonkaOpenAI(client=client, http_client=http_client(client))
        with pytest.raises(ConfigurationError, match="endpoints cannot"):
            http_client(client, endpoints="x")


@pytest.mark.parametrize("library", ["httpx", "httpx2"])
def test_nodes_are_called_through_a_client_that_is_handed_in(settings: dict[str, Any], library: str) -> None:
    calls: list[str] = []
    module = importlib.import_module(library)
    lent = module.Client(
        headers={"X-Proxy-Pass": "open"}, event_hooks={"request": [lambda request: calls.append(str(request.url))]}
    )
    with made({**settings, "http_client": lent}) as client:
        assert client.chat.completions.create(model="test", messages=HELLO).choices
        list(client.chat.completions.create(model="test", messages=HELLO, stream=True))
    assert calls
    assert all(url.endswith("/chat/completions") for url in calls)
    assert lent.is_closed, "as the SDK does with it"


@pytest.mark.parametrize("library", ["httpx", "httpx2", "DefaultAsyncHttpxClient", "DefaultAioHttpClient"])
def test_and_through_an_async_one(settings: dict[str, Any], library: str) -> None:
    async def awaited() -> bool:
        lent = getattr(openai, library)() if library.startswith("D") else importlib.import_module(library).AsyncClient()
        async with AsyncGonkaOpenAI(**settings, http_client=lent) as client:
            assert (await client.chat.completions.create(model="test", messages=HELLO)).choices
            stream: Any = await client.chat.completions.create(model="test", messages=HELLO, stream=True)
            assert [chunk async for chunk in stream]
        return bool(lent.is_closed)

    assert asyncio.run(awaited())


def test_a_client_that_is_handed_in_follows_no_redirect(settings: dict[str, Any], network: MockNetwork) -> None:
    with Recorder([[answered("200 OK", b"{}")]]) as elsewhere:
        network.faults.add("redirect", location=elsewhere.url + "/chat/completions")
        error = refused("sync", {**settings, "http_client": http.Client(follow_redirects=True)})
    assert isinstance(error.__cause__, errors.MovedError)
    assert not elsewhere.received


@pytest.mark.parametrize("given", [object(), "http://proxy"])
def test_what_is_no_http_client(settings: dict[str, Any], given: Any) -> None:
    with pytest.raises(ConfigurationError, match=r"give an httpx\.Client"):
        GonkaOpenAI(**settings, http_client=given)
    with pytest.raises(ConfigurationError, match=r"give an httpx\.AsyncClient"):
        AsyncGonkaOpenAI(**settings, http_client=given)


def test_sync_and_async_are_not_mixed_up(settings: dict[str, Any]) -> None:
    async def awaited() -> None:
        async with http.AsyncClient() as lent:
            with pytest.raises(ConfigurationError, match=r"give an httpx\.Client"):
                GonkaOpenAI(**settings, http_client=lent)  # type: ignore[arg-type]

    asyncio.run(awaited())
    with http.Client() as lent, pytest.raises(ConfigurationError, match=r"give an httpx\.AsyncClient"):
        AsyncGonkaOpenAI(**settings, http_client=lent)  # type: ignore[arg-type]


@both
def test_a_plain_client_of_the_sdk(mode: str, core: dict[str, Any]) -> None:
    assert plain(mode, core).choices
    assert plain(mode, core, base_url="https://api.openai.com/v1").choices
    assert plain(mode, {**core, "private_key": "0x" + core["private_key"].reveal().hex()}).choices


@pytest.mark.asyncio
async def test_an_http_client_over_a_client_that_is_shared(core: dict[str, Any]) -> None:
    async with AsyncClient(**core) as client:
        for _ in range(2):
            given: Any = {"api_key": "x", "base_url": BASE_URL, "http_client": async_http_client(client)}
            async with openai.AsyncOpenAI(**given) as sdk:
                assert (await sdk.chat.completions.create(model="test", messages=HELLO)).choices


def test_a_client_that_is_forgotten_is_closed_without_a_word(at_lonely: dict[str, Any], lonely: MockNetwork) -> None:
    forgotten = GonkaOpenAI(**at_lonely)
    forgotten.chat.completions.create(model="test", messages=HELLO)
    del forgotten
    gc.collect()
    assert lonely.until_idle()


def test_an_async_client_that_is_forgotten_is_closed_by_its_loop(
    at_lonely: dict[str, Any], lonely: MockNetwork
) -> None:
    async def awaited() -> None:
        forgotten = AsyncGonkaOpenAI(**at_lonely)
        await forgotten.chat.completions.create(model="test", messages=HELLO)
        del forgotten
        gc.collect()
        for _ in range(10):
            await asyncio.sleep(0)

    asyncio.run(awaited())
    gc.collect()
    assert lonely.until_idle()


FORGETFUL = """
import asyncio
from gonka_core.integrations.openai import AsyncGonkaOpenAI
client = AsyncGonkaOpenAI()
async def main():
    answer = await client.chat.completions.create(model="test", messages=[{"role": "user", "content": "hello"}])
    print(answer.choices[0].message.content)
asyncio.run(main())
"""


@pytest.mark.usefixtures("environment")
def test_a_script_that_forgets_to_close_ends_without_a_word() -> None:
    command = [sys.executable, "-c", FORGETFUL]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert (done.stdout, done.stderr) == ("You said: hello\n", "")


def test_one_that_failed_in_the_making_is_forgotten_without_a_word(settings: dict[str, Any]) -> None:
    for kind in (GonkaOpenAI, AsyncGonkaOpenAI):
        with pytest.raises(ConfigurationError):
            kind(**{**settings, "endpoints": "nonsense"})
    gc.collect()


def test_a_fork_has_connections_of_its_own(settings: dict[str, Any]) -> None:
    with made(settings) as client:
        client.chat.completions.create(model="test", messages=HELLO)
        child = os.fork()
        if not child:
            try:
                answer = client.chat.completions.create(model="test", messages=HELLO)
                os._exit(0 if answer.choices else 1)
            finally:
                os._exit(2)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert client.chat.completions.create(model="test", messages=HELLO).choices


def test_threads_share_a_client(settings: dict[str, Any], network: MockNetwork) -> None:
    with made(settings) as client, ThreadPoolExecutor(4) as pool:

        def one(number: int) -> str:
            asked: Any = [{"role": "user", "content": f"number {number}"}]
            return client.chat.completions.create(model="test", messages=asked).choices[0].message.content or ""

        assert list(pool.map(one, range(20))) == [f"You said: number {number}" for number in range(20)]
    assert sum(verdict.accepted for verdict in network.journal) == 20


def test_models_have_the_path_of_the_sdk(core: dict[str, Any]) -> None:
    assert ask("sync", {"core": core}, "models.retrieve", {}, model="test").id == "test"
