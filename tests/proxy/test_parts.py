"""The small parts, for every input: lines of the log, threads."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime

import httpx
import pytest

from gonka_core.errors import ConfigurationError
from gonka_core.events import CallFinished
from gonka_core.proxy import Entry, ProxyOptions, in_thread, watch
from gonka_core.proxy.lines import Log, json_line, line
from gonka_mock_node import MockNetwork
from tests.proxy.serving import API_KEY, body, client

AT = datetime(2026, 12, 1, 2, 3, 4, 567_890, UTC)


FULL = Entry(
    method="POST",
    path="/v1/chat/completions",
    status=200,
    seconds=0.0123456,
    first_s=0.01,
    model="test",
    stream=True,
    endpoint="http://node/v1",
    attempts=2,
    prompt_tokens=3,
    completion_tokens=4,
)


def test_a_line_for_people() -> None:
    assert line(FULL, AT) == (
        "2026-12-01T02:03:04.567+00:00 POST /v1/chat/completions 200 test http://node/v1 12.3 ms 3+4 tokens"
    )
    assert line(Entry("GET", "/x", 404, error="not_found"), AT).endswith("GET /x 404 - - 0.0 ms -+- tokens not_found")


def test_a_line_for_programs() -> None:
    told = json.loads(json_line(FULL, AT))
    assert told["event"] == "request"
    assert (told["at"], told["ms"], told["first_ms"]) == ("2026-12-01T02:03:04.567+00:00", 12.346, 10.0)
    assert (told["model"], told["endpoint"], told["attempts"], told["stream"]) == ("test", "http://node/v1", 2, True)
    assert json.loads(json_line(Entry("GET", "/"), AT))["first_ms"] is None


def test_each_entry_is_one_line() -> None:
    to = io.StringIO()
    for as_json in (False, True):
        Log(as_json=as_json, clock=lambda: AT, to=to)(FULL)
    assert to.getvalue().count("\n") == 2


def test_watching_outside_of_a_request_does_nothing() -> None:
    watch(CallFinished("id", 1, 0.1, 200, None, "http://node/v1"))


def test_a_program_without_a_loop_has_it_in_a_thread(network: MockNetwork) -> None:
    with in_thread(client(network), API_KEY) as url:
        answer = httpx.post(f"{url}/chat/completions", content=body(), headers={"api-key": API_KEY})
        assert answer.json()["choices"][0]["message"]["content"] == "You said: a b c d"
    with pytest.raises(httpx.ConnectError):
        httpx.get(url)


def test_a_thread_that_cannot_listen_says_why_and_ends(network: MockNetwork) -> None:
    with in_thread(client(network), API_KEY) as url:
        taken = ProxyOptions(port=int(url.rsplit(":", 1)[1].removesuffix("/v1")))
        with pytest.raises(ConfigurationError, match="choose another port"), in_thread(client(network), API_KEY, taken):
            raise AssertionError("two cannot listen at one port")
