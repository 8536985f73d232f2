"""The key is in no repr, error, log, header or traceback, and is not what the SDK takes for its own key."""

from __future__ import annotations

import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Any, Final

import openai
import pytest

from gonka_core import GonkaError, MissingSettingError
from gonka_core.integrations.openai import (
    AsyncGonkaOpenAI,
    GonkaOpenAI,
    async_http_client,
    gonka_http_client,
    http_client,
)
from gonka_mock_node import MockNetwork
from tests.ecosystem.openai.asking import both, chat, made, refused

MARK: Final = "1b" * 31
WAYS: Final[dict[str, Callable[..., Any]]] = {
    "GonkaOpenAI": lambda key, **more: GonkaOpenAI(gonka_private_key=key(), **more),
    "AsyncGonkaOpenAI": lambda key, **more: AsyncGonkaOpenAI(gonka_private_key=key(), **more),
    "http_client": lambda key, **more: http_client(private_key=key(), **more),
    "async_http_client": lambda key, **more: async_http_client(private_key=key(), **more),
    "gonka_http_client": lambda key, **more: gonka_http_client(key()),
    "api_key": lambda key, **more: GonkaOpenAI(gonka_private_key="not a key", api_key=key(), **more),
}


def with_frames(error: BaseException) -> str:
    """The traceback as a reporter shows it that shows the values of variables."""
    return "".join(traceback.TracebackException.from_exception(error, capture_locals=True).format())


@pytest.mark.parametrize("way", WAYS)
def test_a_flawed_key_is_in_no_frame(way: str) -> None:
    with pytest.raises(GonkaError) as caught:
        WAYS[way](lambda: "0x" + MARK + "zz", endpoints="http://127.0.0.1:9;gonka1x")
    assert MARK not in with_frames(caught.value)


@pytest.mark.parametrize("way", WAYS)
def test_a_sound_key_is_in_no_frame_when_something_else_is_wrong(way: str) -> None:
    with pytest.raises(GonkaError) as caught:
        WAYS[way](lambda: "0x" + MARK + "22", endpoints="http://127.0.0.1:9;gonka1x")
    assert MARK not in with_frames(caught.value)


def test_a_key_of_another_kind_is_refused_without_quoting_it() -> None:
    with pytest.raises(GonkaError, match="is a int") as caught:
        WAYS["GonkaOpenAI"](lambda: 10**60 // 9)
    shown = with_frames(caught.value)
    assert shown.count("1111") == 0
    assert "gonka_private_key" in shown


def test_without_a_key_the_message_says_where_to_put_one(endpoints: list[str]) -> None:
    with pytest.raises(MissingSettingError, match="GONKA_PRIVATE_KEY"):
        GonkaOpenAI(endpoints=endpoints)
    with pytest.raises(MissingSettingError, match="GONKA_PRIVATE_KEY"):
        GonkaOpenAI(endpoints=endpoints, gonka_private_key="")
    with pytest.raises(MissingSettingError, match="64 hex digits"):
        gonka_http_client("")


@both
@pytest.mark.parametrize("fault", [None, "internal-error", "reset-after", "capacity"])
def test_logs_at_debug_hold_no_key(
    mode: str,
    settings: dict[str, Any],
    network: MockNetwork,
    fault: str | None,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENAI_LOG", "debug")
    caplog.set_level(logging.DEBUG)
    for name in ("openai", "httpx", "httpx2", "httpcore", "httpcore2", "gonka_core", "asyncio"):
        caplog.set_level(logging.DEBUG, name)
    if fault is None:
        chat(mode, settings)
    else:
        network.faults.add(fault)
        error = refused(mode, settings)
        assert settings["gonka_private_key"][2:] not in with_frames(error.__cause__ or error)
    assert "openai" in {record.name.partition(".")[0] for record in caplog.records}, "the SDK does log"
    assert settings["gonka_private_key"][2:] not in caplog.text
    bare = str(int(settings["gonka_private_key"], 16))
    assert bare not in caplog.text


def test_a_client_shows_nothing(settings: dict[str, Any]) -> None:
    with made(settings) as client:
        digits = settings["gonka_private_key"][2:]
        shown = [repr(client), str(vars(client)), repr(client.gonka_client), repr(vars(client._client))]
        assert not any(digits in text for text in shown)
        assert client.api_key == client.with_options(api_key="sk-other").api_key == "not-used"
        assert not hasattr(client, "private_key")


def test_an_api_key_that_is_given_is_not_kept(settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-the-environment")
    for given in ("mock-api-key", settings["gonka_private_key"], None, lambda: "sk-called"):
        with made({**settings, "api_key": given}) as client:
            assert client.api_key == "not-used"
            assert "sk-" not in str(vars(client))


def test_pickle_is_refused_as_by_the_sdk(settings: dict[str, Any]) -> None:
    with openai.OpenAI(api_key="x") as theirs, pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(theirs)
    with made(settings) as client, pytest.raises((TypeError, AttributeError, pickle.PicklingError)):
        pickle.dumps(client)
