"""OpenAI's own SDK, which knows a base URL and an API key, through the proxy to nodes that verify signatures."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any, Final

import openai
import pytest

from gonka_core import AsyncClient, PrivateKey, RetryPolicy, TransportOptions
from gonka_core.proxy import ProxyOptions, in_thread
from gonka_mock_node import MockNetwork

API_KEY: Final = "sk-what-the-sdk-sends"
HELLO: Final[Any] = [{"role": "user", "content": "one two three"}]
SAID: Final = "You said: one two three"
CHAT: Final = "/v1/chat/completions"
both = pytest.mark.parametrize("mode", ["sync", "async"])


def upstream(endpoints: list[str], private_key: str, **more: Any) -> AsyncClient:
    policy = RetryPolicy(attempts=3, backoff=0.001)
    given = {"selector": "first", "scheme": "hash", "retry": policy, **more}
    return AsyncClient(endpoints, private_key=PrivateKey.from_hex(private_key), **given)


@pytest.fixture
def url(endpoints: list[str], private_key: str) -> Iterator[str]:
    with in_thread(upstream(endpoints, private_key), API_KEY) as url:
        yield url


class Talk:
    """The SDK, sync or awaited, by one set of calls."""

    def __init__(self, mode: str, url: str, **options: Any) -> None:
        self._mode = mode
        self._options = {"base_url": url, "api_key": API_KEY, **options}

    def _run(self, work: Any) -> Any:
        async def awaited() -> Any:
            async with openai.AsyncOpenAI(**self._options) as client:
                return await work(client)

        return asyncio.run(awaited())

    def chat(self, **more: Any) -> Any:
        given = {"model": "test", "messages": HELLO, **more}
        if self._mode == "async":
            return self._run(lambda client: client.chat.completions.create(**given))
        with openai.OpenAI(**self._options) as client:
            return client.chat.completions.create(**given)

    def stream(self, **more: Any) -> tuple[str, Exception | None]:
        """The words that came, and the error that ended them."""
        given = {"model": "test", "messages": HELLO, "stream": True, **more}
        words: list[str] = []

        def take(chunk: Any) -> None:
            words.extend(choice.delta.content or "" for choice in chunk.choices)

        async def read(client: openai.AsyncOpenAI) -> None:
            stream: Any = await client.chat.completions.create(**given)
            async for chunk in stream:
                take(chunk)

        try:
            if self._mode == "async":
                self._run(read)
            else:
                with openai.OpenAI(**self._options) as client:
                    for chunk in client.chat.completions.create(**given):
                        take(chunk)
        except openai.APIError as error:
            return "".join(words), error
        return "".join(words), None

    def models(self) -> list[str]:
        async def listed(client: openai.AsyncOpenAI) -> list[str]:
            return [model.id async for model in client.models.list()]

        if self._mode == "async":
            return list(self._run(listed))
        with openai.OpenAI(**self._options) as client:
            return [model.id for model in client.models.list()]


def chats(network: MockNetwork) -> int:
    return sum(verdict.route == CHAT for verdict in network.journal)


@both
def test_a_whole_answer(mode: str, url: str, network: MockNetwork) -> None:
    answer = Talk(mode, url).chat()
    assert answer.choices[0].message.content == SAID
    assert answer.usage.total_tokens > 0
    network.assert_accepted(1)


@both
def test_a_streamed_answer(mode: str, url: str, network: MockNetwork) -> None:
    assert Talk(mode, url).stream() == (SAID, None)
    assert Talk(mode, url).stream(stream_options={"include_usage": True}) == (SAID, None)
    network.assert_accepted(2)


@both
def test_models(mode: str, url: str) -> None:
    assert {"test", "Qwen/QwQ-32B"} <= set(Talk(mode, url).models())


def test_one_model_whose_name_has_a_slash(url: str) -> None:
    with openai.OpenAI(base_url=url, api_key=API_KEY) as client:
        assert client.models.retrieve("Qwen/QwQ-32B").id == "Qwen/QwQ-32B"
        with pytest.raises(openai.NotFoundError) as caught:
            client.models.retrieve("nobody/has-it")
    assert caught.value.code == "model_not_found"


@both
def test_a_wrong_key(mode: str, url: str, network: MockNetwork) -> None:
    with pytest.raises(openai.AuthenticationError) as caught:
        Talk(mode, url, api_key="sk-not-the-proxys-key").chat()
    assert caught.value.code == "invalid_api_key"
    assert chats(network) == 0


@both
@pytest.mark.parametrize(
    ("fault", "kind", "code"),
    [
        ("overloaded", openai.RateLimitError, "rate_limited"),
        ("model-vanished", openai.NotFoundError, "model_not_found"),
        ("ml-node-error", openai.BadRequestError, "payload_rejected"),
        ("no-executor", openai.InternalServerError, "no_executor"),
        ("reset-after", openai.InternalServerError, "transport"),
    ],
)
def test_each_refusal_is_the_sdks_own_error(
    mode: str, url: str, network: MockNetwork, fault: str, kind: type[openai.APIStatusError], code: str
) -> None:
    network.faults.add(fault)
    with pytest.raises(kind) as caught:
        Talk(mode, url).chat()
    assert caught.value.code == code
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["message"]


@both
def test_what_the_proxy_refuses_itself(mode: str, url: str, network: MockNetwork) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        Talk(mode, url).chat(model="")
    assert caught.value.param == "model"
    with pytest.raises(openai.NotFoundError), openai.OpenAI(base_url=url, api_key=API_KEY) as client:
        client.embeddings.create(model="test", input="words")
    assert chats(network) == 0


@both
@pytest.mark.parametrize("stream", [False, True])
def test_repeats_are_not_multiplied(mode: str, url: str, network: MockNetwork, stream: bool) -> None:
    """The SDK would ask three times, each of which the proxy would try three times at the nodes."""
    network.faults.add("overloaded")
    talk = Talk(mode, url, max_retries=2)
    with pytest.raises(openai.RateLimitError):
        talk.chat(stream=stream)
    assert chats(network) == 3


@both
def test_what_may_have_been_billed_is_sent_once(mode: str, url: str, network: MockNetwork) -> None:
    network.faults.add("reset-after")
    with pytest.raises(openai.InternalServerError) as caught:
        Talk(mode, url, max_retries=5).chat()
    assert caught.value.body["gonka"]["maybe_billed"] is True  # type: ignore[index]
    assert chats(network) == 1


@both
def test_another_node_answers_where_one_does_not(mode: str, url: str, network: MockNetwork) -> None:
    network.faults.add("overloaded", node=1)
    talk = Talk(mode, url, max_retries=0)
    assert talk.chat().choices[0].message.content == SAID
    network.faults.clear()
    network.faults.add("refused", node=1)
    assert talk.stream() == (SAID, None)


@both
@pytest.mark.parametrize(
    ("fault", "code"), [("error-event", "stream_failed"), ("no-done", "stream_truncated"), ("cut-stream", None)]
)
def test_an_error_in_the_middle_of_a_stream(
    mode: str, url: str, network: MockNetwork, fault: str, code: str | None
) -> None:
    more: dict[str, Any] = {"inside": True} if fault == "cut-stream" else {}
    network.faults.add(fault, **more)
    words, error = Talk(mode, url).stream()
    assert words
    assert SAID.startswith(words)
    assert isinstance(error, openai.APIError)
    assert error.code == (code or "stream_truncated")
    assert chats(network) == 1


@both
def test_an_error_before_the_first_word_has_a_status(mode: str, url: str, network: MockNetwork) -> None:
    network.faults.add("error-event", after=0)
    words, error = Talk(mode, url).stream()
    assert (words, type(error)) == ("", openai.InternalServerError)


@both
def test_the_sdks_patience(mode: str, url: str, network: MockNetwork) -> None:
    network.faults.add("latency", seconds=600.0)
    with pytest.raises(openai.APITimeoutError):
        Talk(mode, url, timeout=0.3, max_retries=0).chat()


@both
def test_the_proxys_patience(mode: str, endpoints: list[str], private_key: str, network: MockNetwork) -> None:
    network.faults.add("latency", seconds=600.0)
    impatient = upstream(endpoints, private_key, options=TransportOptions(first_byte_timeout=0.1))
    with in_thread(impatient, API_KEY) as url, pytest.raises(openai.InternalServerError) as caught:
        Talk(mode, url).chat()
    assert (caught.value.status_code, caught.value.code) == (504, "transport_timeout")
    assert chats(network) <= 1, "it may have been billed, and is not repeated"


def test_a_proxy_that_is_full_is_asked_again(endpoints: list[str], private_key: str, network: MockNetwork) -> None:
    """Nothing was sent: here the SDK's own repeats are right, and it waits as it is told."""
    network.faults.add("stall", seconds=600.0)
    options = ProxyOptions(concurrent=1, grace_s=0)
    with (
        in_thread(upstream(endpoints, private_key), API_KEY, options) as url,
        openai.OpenAI(base_url=url, api_key=API_KEY, max_retries=3) as client,
    ):
        held = client.chat.completions.create(model="test", messages=HELLO, stream=True)
        next(iter(held))
        network.faults.clear()
        with pytest.raises(openai.RateLimitError) as caught:
            client.with_options(max_retries=0).chat.completions.create(model="test", messages=HELLO)
        assert caught.value.code == "too_many_requests"
        assert caught.value.response.headers["x-should-retry"] == "true"
        held.close()
        answer = client.chat.completions.create(model="test", messages=HELLO)
        assert answer.choices[0].message.content == SAID


def test_raw_responses(url: str) -> None:
    with openai.OpenAI(base_url=url, api_key=API_KEY) as client:
        raw = client.chat.completions.with_raw_response.create(model="test", messages=HELLO)
        assert raw.headers["content-type"] == "application/json"
        assert raw.parse().choices[0].message.content == SAID
        with client.chat.completions.with_streaming_response.create(
            model="test", messages=HELLO, stream=True
        ) as streaming:
            lines = list(streaming.iter_lines())
    assert lines[0].startswith("data: {")
    assert [line for line in lines if line][-1] == "data: [DONE]"


def test_many_at_once(url: str, network: MockNetwork) -> None:
    async def ask() -> list[str]:
        async with openai.AsyncOpenAI(base_url=url, api_key=API_KEY, max_retries=0) as client:
            made = [client.chat.completions.create(model="test", messages=HELLO) for _ in range(32)]
            return [answer.choices[0].message.content or "" for answer in await asyncio.gather(*made)]

    assert asyncio.run(ask()) == [SAID] * 32
    network.assert_accepted(32)
