"""The models of our plug-in through the Python API of `llm`, sync and async, streaming and not."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any, Final

import keyring
import keyring.backend
import llm
import pytest

from gonka_core import StreamTruncatedError
from gonka_core.errors import CapacityError
from gonka_core.integrations.llm import models
from gonka_mock_node import MockNetwork

pytestmark = pytest.mark.usefixtures("environment", "folder")

MODEL: Final = "gonka/Qwen/QwQ-32B"


def ask(way: str, words: str, **more: Any) -> Any:
    """The response, complete, in one of four ways: `sync` or `async`, `whole` or `stream`."""
    mode, _, kind = way.partition("-")
    more["stream"] = kind == "stream"
    if mode == "sync":
        response = llm.get_model(MODEL).prompt(words, **more)
        response.text()
        return response

    async def awaited() -> Any:
        response = llm.get_async_model(MODEL).prompt(words, **more)
        await response.text()
        return await response.to_sync_response()

    return asyncio.run(awaited())


each = pytest.mark.parametrize("way", ["sync-whole", "sync-stream", "async-whole", "async-stream"])


@each
def test_words_and_usage_are_the_nodes(way: str) -> None:
    response = ask(way, "one two three")
    assert response.text() == "You said: one two three"
    assert (response.input_tokens, response.output_tokens) == (14, 5)
    assert response.response_json == {"model": "Qwen/QwQ-32B", "finish_reason": "stop"}


@each
def test_options_are_fields_of_the_payload(way: str, network: MockNetwork) -> None:
    response = ask(way, "one two three", max_tokens=3, temperature=0.5, seed=7)
    assert response.response_json["finish_reason"] == "length"
    kept = network.journal.kept(network.journal[-1].number)
    assert kept is not None
    sent = json.loads(kept.body)
    assert (sent["max_tokens"], sent["temperature"], sent["seed"]) == (3, 0.5, 7)
    assert "stop" not in sent


@pytest.mark.parametrize("options", [{"seed": 2**31}, {"max_tokens": 0}, {"temperature": -1}])
def test_options_that_no_node_takes_are_refused_before_anything_is_sent(
    options: dict[str, Any], network: MockNetwork
) -> None:
    model = llm.get_model(MODEL)
    network.journal.clear()
    with pytest.raises(ValueError, match=next(iter(options))):
        model.prompt("hello", **options)
    assert not len(network.journal)


@each
def test_tools_are_offered_and_called(way: str) -> None:
    def weather(city: str, days: int) -> str:
        """Of the next days."""
        return f"sun in {city}"

    response = ask(way, "the weather in Paris for 3 days", tools=[llm.Tool.function(weather)])
    (call,) = response.tool_calls()
    assert (call.name, call.arguments) == ("weather", {"city": "days", "days": 3})


@pytest.mark.parametrize("stream", [True, False])
def test_a_chain_tells_what_a_tool_gave_even_nothing(stream: bool, network: MockNetwork) -> None:
    def silence(why: str) -> str:
        return ""

    chain = llm.get_model(MODEL).conversation(tools=[silence]).chain("say nothing", stream=stream)
    assert chain.text() == "The tool said: (nothing)"


@each
def test_a_schema_is_kept_to(way: str) -> None:
    schema = {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer"}}}
    assert json.loads(ask(way, "a dog of 3 years", schema=schema).text()) == {"name": "years", "age": 3}


@each
def test_another_node_answers_where_one_is_away(way: str, network: MockNetwork) -> None:
    llm.get_model(MODEL)
    network.journal.clear()
    network.faults.add("refused", node=1)
    assert [ask(way, "hello").text() for _ in range(4)] == ["You said: hello"] * 4
    assert {seen.provider_address for seen in network.journal} == {network.nodes[1].provider_address}


@each
def test_errors_are_llms_with_ours_as_their_cause(way: str, network: MockNetwork) -> None:
    llm.get_model(MODEL)
    network.faults.add("capacity")
    with pytest.raises(llm.ModelError, match="use another endpoint") as caught:
        ask(way, "hello")
    assert isinstance(caught.value.__cause__, CapacityError)


@pytest.mark.parametrize("way", ["sync-stream", "async-stream"])
def test_a_stream_that_just_stops_raises(way: str, network: MockNetwork) -> None:
    network.faults.add("cut-stream", after=3)
    with pytest.raises(llm.ModelError) as caught:
        ask(way, "one two three")
    assert isinstance(caught.value.__cause__, StreamTruncatedError)


def test_a_system_prompt_is_said_once_in_a_conversation(network: MockNetwork) -> None:
    conversation = llm.get_model(MODEL).conversation()
    for words in ("first", "second", "third"):
        conversation.prompt(words, system="Be brief.").text()
    kept = network.journal.kept(network.journal[-1].number)
    assert kept is not None
    roles = [message["role"] for message in json.loads(kept.body)["messages"]]
    assert roles == ["system", "user", "assistant", "user", "assistant", "user"]


def test_a_model_that_nobody_lists_can_be_set(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(llm.UnknownModelError):
        llm.get_model("gonka/of-mine")
    monkeypatch.setenv("GONKA_MODEL", "of-mine")
    assert llm.get_model("gonka/of-mine").model_id == "gonka/of-mine"


def test_what_the_shelf_holds_is_used_until_it_is_old(folder: Path, network: MockNetwork) -> None:
    assert llm.get_model(MODEL)
    file = folder / "gonka-models.json"
    kept = json.loads(file.read_text())
    file.write_text(json.dumps({**kept, "names": ["of-old"]}))
    assert [model.model_id for model in llm.get_models() if model.model_id.startswith("gonka/")] == ["gonka/of-old"]
    stale: list[dict[str, Any]] = [{"until": 0}, {"places": []}, {"names": 3}, {"until": kept["until"] * 2}]
    for changed in stale:
        file.write_text(json.dumps({**kept, "names": ["of-old"], **changed}))
        assert llm.get_model(MODEL)
    file.write_text("{")
    assert llm.get_model(MODEL)


def test_nodes_that_do_not_tell_are_left_alone_for_a_while(folder: Path, network: MockNetwork) -> None:
    fault = network.faults.add("status", code=502, route="/v1/models")
    for _ in range(3):
        assert not [model for model in llm.get_models() if model.model_id.startswith("gonka/")]
    assert network.faults.strikes(fault.id) == len(network.nodes)


class Remembered(keyring.backend.KeyringBackend):
    """A keyring in memory."""

    priority = 1

    def __init__(self, held: dict[tuple[str, str], str]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._held = held

    def get_password(self, service: str, username: str) -> str | None:
        return self._held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self._held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self._held[service, username]


def test_the_key_may_be_in_the_keyring(monkeypatch: pytest.MonkeyPatch) -> None:
    before = keyring.get_keyring()
    keyring.set_keyring(Remembered({("gonka", "mine"): "77" * 32}))
    try:
        assert models.private_key() is None, "the key of the environment goes first"
        monkeypatch.delenv("GONKA_PRIVATE_KEY")
        assert models.private_key() is None
        monkeypatch.setenv("GONKA_LLM_KEYRING", "mine")
        found = models.private_key()
    finally:
        keyring.set_keyring(before)
    assert found is not None
    assert found.reveal() == bytes.fromhex("77" * 32)
