"""Every error of ours has a status, a type and a code that programs know."""

from __future__ import annotations

import inspect
import json

import pytest

from gonka_core import ConnectError, Endpoint, GonkaError, NodeError, RateLimitedError, StreamFailedError, errors
from gonka_core.integrations.refusing import refusal

PLACE = Endpoint("http://127.0.0.1:9", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")
KINDS = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, GonkaError)]


def made(kind: type[GonkaError]) -> GonkaError:
    error = kind.__new__(kind, "it broke", "mend it")
    error.problem, error.next_step = "it broke", "mend it"
    if isinstance(error, NodeError):
        error.endpoint, error.status, error.node_text = PLACE, 503, "no"
    if hasattr(kind, "sent") or kind.__name__.startswith(("Transport", "Connect")):
        error.sent = True  # type: ignore[attr-defined]
    return error


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_every_error_can_be_told(kind: type[GonkaError]) -> None:
    told = refusal(made(kind))
    assert 400 <= told.status <= 599
    inner = json.loads(told.content())["error"]
    assert inner["message"] == "it broke; mend it"
    assert inner["code"] == inner["code"].lower() != ""
    assert inner["type"].endswith(("_error", "_quota"))
    assert told.headers["x-should-retry"] == "false"


def test_the_status_of_a_node_is_kept_and_how_long_it_wants_to_be_left_alone() -> None:
    error = RateLimitedError("busy", "wait", endpoint=PLACE, status=429, node_text="no")
    error.retry_after_s = 1.5
    told = refusal(error)
    assert (told.status, told.headers["retry-after"]) == (429, "2")
    assert told.body["error"]["type"] == "rate_limit_error"
    assert told.body["error"]["code"] == "rate_limited"
    assert told.body["error"]["gonka"] == {"maybe_billed": False, "attempts": 0}


def test_an_error_behind_a_status_of_success_is_a_bad_gateway() -> None:
    error = StreamFailedError("broke", "ask again", endpoint=PLACE, status=200, node_text="no")
    assert refusal(error).status == 502
    assert refusal(ConnectError("away", "look")).status == 502
    assert refusal(error).event() == b"data: " + refusal(error).content() + b"\n\n"
