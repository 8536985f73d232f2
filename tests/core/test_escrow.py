"""What a node wants to see on the account, down to the byte (`protocol.md` §3.6)."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import PayloadError
from gonka_core.escrow import DEFAULT_MAX_TOKENS, escrow_of, prompt_bytes
from gonka_mock_node.escrow import escrow, estimate, max_tokens
from gonka_mock_node.go.json_value import chat_fields

TEXT = st.text(st.characters(codec="utf-8"))
PART = st.fixed_dictionaries({"type": st.just("text"), "text": TEXT}) | st.just(
    {"type": "image_url", "image_url": {"url": "data:"}}
)
MESSAGES = st.lists(st.fixed_dictionaries({"role": st.just("user"), "content": TEXT | st.lists(PART)}), min_size=1)


def body(messages: Any, **more: Any) -> bytes:
    return json.dumps({"model": "m", "messages": messages, **more}).encode()


def says(content: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": content}]


@pytest.mark.parametrize(
    ("content", "counted"),
    [
        ("hello", 6),
        ("", 1),
        ("Привет 🌍", 18),
        (None, 1),
        ([{"type": "text", "text": "ab"}, {"type": "image_url", "text": "xyz"}, {"type": "text", "text": "c"}], 4),
        ([{"type": "text"}, "x", 7], 1),
    ],
)
def test_bytes_are_counted_and_one_for_each_message(content: Any, counted: int) -> None:
    assert prompt_bytes({"messages": says(content)}) == counted
    assert escrow_of(body(says(content), max_tokens=10), 3) == (counted + 10) * 3


@given(MESSAGES, st.integers(1, 2**31 - 1), st.integers(0, 10**6))
def test_it_is_the_sum_times_the_price(messages: list[Any], limit: int, price: int) -> None:
    one = escrow_of(body(messages, max_tokens=limit), 1)
    assert escrow_of(body(messages, max_tokens=limit), price) == one * price
    assert one == prompt_bytes({"messages": messages}) + limit


@given(MESSAGES, st.none() | st.integers(0, 2**31 - 1), st.integers(0, 10**6))
def test_a_node_comes_to_the_same(messages: list[Any], limit: int | None, price: int) -> None:
    """The mock node reckons with code of its own."""
    payload = body(messages, max_tokens=limit)
    fields = chat_fields(payload)
    assert escrow_of(payload, price) == escrow(estimate(fields), max_tokens(fields), price)


@given(MESSAGES, MESSAGES)
def test_messages_add_up(first: list[Any], second: list[Any]) -> None:
    together = prompt_bytes({"messages": first + second})
    assert together == prompt_bytes({"messages": first}) + prompt_bytes({"messages": second})


@given(TEXT)
def test_how_a_text_is_cut_or_escaped_makes_no_difference(text: str) -> None:
    parts = [{"type": "text", "text": piece} for piece in text]
    plain = json.dumps({"messages": says(text)}, ensure_ascii=False).encode()
    assert escrow_of(plain, 1) == escrow_of(body(says(parts)), 1) == len(text.encode()) + 1 + DEFAULT_MAX_TOKENS


@pytest.mark.parametrize("more", [{}, {"max_tokens": 0}, {"max_tokens": None}, {"max_completion_tokens": 9}])
def test_without_max_tokens_it_is_five_thousand(more: dict[str, Any]) -> None:
    assert escrow_of(body(says("hello"), **more), 1) == 5006


def test_at_price_zero_an_empty_account_passes() -> None:
    assert escrow_of(body(says("hello")), 0) == 0


@pytest.mark.parametrize("given", [b"", b"[]", b"nonsense", b'{"a":' * 100, b"\xff"])
def test_what_is_no_payload_has_no_price(given: bytes) -> None:
    with pytest.raises(PayloadError, match="give the bytes"):
        escrow_of(given, 1)


@pytest.mark.parametrize("limit", [-1, 1.5, "5", "", True, False, [], 2**31, 10**4000])
def test_no_such_limit(limit: Any) -> None:
    with pytest.raises(PayloadError, match="max_tokens"):
        escrow_of(body([], max_tokens=limit), 1)


def test_a_price_is_not_below_zero() -> None:
    with pytest.raises(PayloadError, match="price"):
        escrow_of(body([]), -1)
