"""What a node makes of a payload before a model sees it, and the prompt hash: `protocol.md` §5.1, §12.3."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_mock_node.go.json_value import chat_fields
from gonka_mock_node.upstream import go_number, prompt_hash, rewritten

KNOWN = (
    b'{"model":"Qwen/Qwen2.5-7B-Instruct","temperature":0.8,"messages":[{"role":"system","content":"Regardless of the '
    b'language of the question, answer in english"},{"role":"user","content":"When did Hawaii become a state"}]}'
)
MODE = "processed_logprobs"


def made(**payload: Any) -> dict[str, Any]:
    return rewritten(chat_fields(json.dumps(payload).encode()).data, 7, MODE)


def test_the_published_prompt_hash() -> None:
    data = chat_fields(KNOWN).data
    assert prompt_hash(data, 0, MODE) == "8956540596acd0ff60a29ed0d510e70e81934a7fe6dbf833b1e90767971af3f7"
    assert prompt_hash(data, 1, MODE) != prompt_hash(data, 0, MODE)
    assert prompt_hash(data, 0, "raw_logprobs") != prompt_hash(data, 0, MODE)


def test_the_hash_does_not_depend_on_the_order_of_keys() -> None:
    again = json.dumps(dict(reversed(json.loads(KNOWN).items()))).encode()
    assert prompt_hash(chat_fields(again).data, 0, MODE) == prompt_hash(chat_fields(KNOWN).data, 0, MODE)


@pytest.mark.parametrize(
    ("given_", "wanted"), [(..., True), (False, True), (True, True), ("yes", "yes"), (None, None)], ids=str
)
def test_logprobs(given_: Any, wanted: Any) -> None:
    payload = {} if given_ is ... else {"logprobs": given_}
    assert made(**payload)["logprobs"] == wanted
    assert made(top_logprobs=20)["top_logprobs"] == 5


@pytest.mark.parametrize(
    ("payload", "limit"),
    [({}, 5000), ({"max_tokens": 9}, "9"), ({"max_completion_tokens": 8}, "8"),
     ({"max_tokens": 9, "max_completion_tokens": 8}, "9")],
)  # fmt: skip
def test_both_limits_become_one(payload: dict[str, int], limit: Any) -> None:
    assert made(**payload)["max_tokens"] == made(**payload)["max_completion_tokens"] == limit


def test_what_is_forced_and_what_is_left() -> None:
    changed = made(skip_special_tokens=True, logprobs_mode="mine", temperature=0.5, user="me")
    assert (changed["skip_special_tokens"], changed["return_token_ids"], changed["logprobs_mode"]) == (
        False,
        True,
        MODE,
    )
    assert (changed["temperature"], changed["user"], changed["seed"]) == ("0.5", "me", 7)
    assert made(seed=3)["seed"] == "3"


@pytest.mark.parametrize("options", [..., None, [], "x", {"include_usage": False}], ids=str)
def test_a_stream_always_ends_in_its_usage(options: Any) -> None:
    payload = {"stream": True} | ({} if options is ... else {"stream_options": options})
    assert made(**payload)["stream_options"] == {"include_usage": True}
    assert made(stream=True, stream_options={"x": 1})["stream_options"] == {"x": "1", "include_usage": True}
    assert "stream_options" not in made(stream=False)


@pytest.mark.parametrize(
    ("number", "text"),
    [(0.0, "0"), (-0.0, "-0"), (1.0, "1"), (0.8, "0.8"), (1e20, "100000000000000000000"), (1e21, "1e+21"),
     (1e-6, "0.000001"), (1e-7, "1e-7"), (0.00001234, "0.00001234"), (1.5e300, "1.5e+300"), (-2.5e-9, "-2.5e-9")],
)  # fmt: skip
def test_numbers_as_go_writes_them(number: float, text: str) -> None:
    assert go_number(number) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_stays_the_number_that_it_was(number: float) -> None:
    assert float(go_number(number)) == number
