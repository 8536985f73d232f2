"""What is done in a quick way says the same as the plain way; and what is put off is done when somebody looks."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gonka_mock_node import MockNode, Said, ToolCall, answers, completions
from gonka_mock_node.answers import echo
from gonka_mock_node.case import COMPLETIONS, Case, parse_int64
from gonka_mock_node.chain.inferences import Inference, Inferences
from gonka_mock_node.completions import Form, stream_reply, whole_reply
from gonka_mock_node.go import base64_text
from gonka_mock_node.go.json_value import GoJsonError, Number, parse
from gonka_mock_node.judgement import Order, Refusal, Rule, run
from gonka_mock_node.once import once
from gonka_mock_node.profiles import PROFILES, Profile
from gonka_mock_node.reply import Reply, go_bytes, go_json
from gonka_mock_node.rules import order_of
from gonka_mock_node.shapes import ShapeError, require_messages
from tests.mock_node.requester import Requester

TEXTS = st.text(st.characters() | st.sampled_from('<>&\u2028\u2029\\"\ud800 \n'), max_size=12)
CALLS = st.lists(st.builds(ToolCall, TEXTS, TEXTS, TEXTS), max_size=2)
SAYINGS = st.builds(Said, st.none() | TEXTS, CALLS, st.none() | TEXTS, tokens=st.none() | st.lists(TEXTS, max_size=3))
FORMS = st.builds(Form, TEXTS, TEXTS, st.integers(0, 99), st.integers(0, 2**40), choices=st.integers(1, 3))
SHAPES = st.tuples(st.booleans(), st.booleans())


def documents(reply: Reply) -> list[bytes]:
    """The JSON texts of an answer, whole or streamed."""
    body = b"".join(step for step in reply.steps if isinstance(step, bytes))
    events = body.removesuffix(b"data: [DONE]\n\n").split(b"\n\n")
    return [event.removeprefix(b"data: ") for event in events if event]


@given(SAYINGS, FORMS, SHAPES, st.sampled_from([whole_reply, stream_reply]))
def test_documents_are_as_gos_encoder_writes_them(
    said: Said, form: Form, shape: tuple[bool, bool], dressed: Callable[..., Reply]
) -> None:
    """Sorted keys, compact, escaped: put together from parts, or encoded at once."""
    dressing = dataclasses.replace(form, text=shape[0], logprobs=shape[1])
    for document in documents(dressed(said, dressing, {})):
        assert document == go_json(json.loads(document), sort_keys=True)


BASE64 = st.lists(st.sampled_from([b"A", b"z", b"0", b"+", b"/", b"=", b"==", b"\n", b"\r", b"-", b" "]), max_size=14)


@given(BASE64.map(b"".join))
def test_base64_at_once_and_quantum_by_quantum(data: bytes) -> None:
    def read() -> bytes | str:
        try:
            return base64_text.decode(data)
        except base64_text.IllegalBase64Error as error:
            return str(error)

    at_once = read()
    with patch.object(base64_text, "_ORDINARY", re.compile(rb"(?!)")):
        assert at_once == read()


def parsed_by_rule(text: str) -> int:
    """Go's ParseInt in the words of its documentation."""
    if not re.fullmatch(r"[+-]?[0-9]+", text, re.ASCII):
        return 0
    sign, digits = (text[0], text[1:]) if text[0] in "+-" else ("", text)
    digits = digits.lstrip("0")
    number = int(sign + (digits or "0")) if len(digits) < 100 else 2**63
    return number if -(2**63) <= number < 2**63 else 0


@given(st.text("+-0189_ \n٣a", max_size=6) | st.integers(-(2**64), 2**64).map(str))
def test_integers_as_go_reads_them(text: str) -> None:
    assert parse_int64(text) == parsed_by_rule(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0" * 5000 + "7", 7),
        ("-" + "0" * 5000 + "7", -7),
        ("1" * 5000, 0),
        ("9223372036854775807", 2**63 - 1),
        ("9223372036854775808", 0),
        ("-9223372036854775808", -(2**63)),
        ("-9223372036854775809", 0),
    ],
)
def test_an_integer_may_be_as_long_as_a_header(text: str, number: int) -> None:
    """Python's own limit is 4,300 digits; a node went down by it."""
    assert parse_int64(text) == number
    with MockNode() as node:
        assert Requester(node.provider_address).ask(node.url, X_Timestamp=text).status in (400, 401)
        assert node.journal[-1].timestamp_ns == number


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
MESSAGES = st.lists(
    st.fixed_dictionaries({"role": st.sampled_from(["user", "system"])}, optional={"content": st.text(max_size=3)})
)


@given(st.fixed_dictionaries({}, optional={"messages": MESSAGES, "prompt": VALUES, "stream": VALUES, "n": VALUES}))
def test_the_echo_of_what_the_rules_read_is_that_of_the_payload(payload: dict[str, Any]) -> None:
    body = json.dumps(payload).encode()
    assert echo(parse(body)) == echo(json.loads(body))
    assert (parse(body).get("stream") is True) == (json.loads(body).get("stream") is True)


@pytest.mark.parametrize("around", [b"", b" ", b"\t\n\r "])
def test_white_space_around_a_value(around: bytes) -> None:
    assert parse(around + b'{"a": "b"}' + around) == {"a": "b"}


@pytest.mark.parametrize(
    ("body", "flaw"),
    [
        (b"\x0b{}", "invalid character '\\v' looking for beginning of value"),
        (b"{}\xc2\xa0", "invalid character 'Â' after top-level value"),
        (b"{} x", "invalid character 'x' after top-level value"),
        (b"{}{}", "invalid character '{' after top-level value"),
        (b" ", "unexpected end of JSON input"),
    ],
)
def test_what_stands_around_a_value_is_named(body: bytes, flaw: str) -> None:
    with pytest.raises(GoJsonError, match=f"^{re.escape(flaw)}$"):
        parse(body)


@dataclasses.dataclass(frozen=True)
class Counted:
    asked: list[str]

    @once
    def length(self) -> int:
        """How many there are."""
        self.asked.append("again")
        if len(self.asked) == 1:
            raise LookupError
        return len(self.asked)


def test_once_is_once_for_each_object_and_an_error_is_not_kept() -> None:
    counted = Counted([])
    with pytest.raises(LookupError):
        _ = counted.length
    assert (counted.length, counted.length, counted.asked) == (2, 2, ["again", "again"])
    assert Counted(["x"]).length == 2
    assert Counted.length.__doc__ == "How many there are."


def test_a_record_is_made_when_it_is_asked_for_and_once() -> None:
    made: list[str] = []

    def make(index: str) -> Callable[[], Inference]:
        def inference() -> Inference:
            made.append(index)
            return Inference(index)

        return inference

    store = Inferences(kept=2)
    for index in "abcabdc":
        store.add_later(index, make(index))
    assert made == []
    assert (len(store), list(store), made) == (2, ["d", "c"], [])
    assert store["d"] is store["d"]
    assert (made, store.get("a")) == (["d"], None)
    store.add_later("e", make("e"))
    store.clear()
    assert (list(store), store.get("e")) == ([], None)


@given(SAYINGS | st.builds(Said, TEXTS) | st.builds(Said, TEXTS, tokens=st.lists(TEXTS, max_size=3)), FORMS, SHAPES)
@example(Said("hello"), Form("", "", 0, 0, choices=2), (False, False))
@example(Said("hello", tokens=["another"]), Form("", "", 0, 0), (False, True))
def test_words_that_are_kept_are_those_put_together_anew(said: Said, form: Form, shape: tuple[bool, bool]) -> None:
    dressing = dataclasses.replace(form, text=shape[0], logprobs=shape[1])
    with patch.object(completions, "REPEATED", -1), patch.object(answers, "REPEATED", -1):
        anew = documents(whole_reply(dataclasses.replace(said), dressing, {}))
    for _ in range(2):
        assert documents(whole_reply(dataclasses.replace(said), dressing, {})) == anew


@given(st.text(st.sampled_from('<>&\u2028\u2029"aé'), max_size=6))
@example("\u2028")
def test_gos_escapes_are_found_wherever_one_is(text: str) -> None:
    escaped = "".join(f"\\u{ord(letter):04x}" if letter in "<>&\u2028\u2029" else letter for letter in text)
    assert go_bytes(text) == escaped.encode()


ROLES = st.sampled_from(
    ["developer", "system", "user", "assistant", "tool", "function", "", "robot", None, Number("1")]
)
CONTENTS = st.none() | st.sampled_from(["", " ", "\u2003", Number("7"), "hello"]) | st.lists(st.just({"type": "text"}))
WRITTEN = st.fixed_dictionaries(
    {}, optional={"role": ROLES, "content": CONTENTS, "name": CONTENTS, "tool_calls": VALUES}
)


@given(st.lists(WRITTEN | VALUES, max_size=3))
@example([{"role": "user", "content": "hello", "tool_calls": []}])
@example([{"role": "user", "content": " "}])
def test_ordinary_messages_have_the_shape_that_the_rules_want(messages: list[Any]) -> None:
    def flaw() -> str | None:
        try:
            require_messages(messages)
        except ShapeError as error:
            return str(error)
        return None

    quickly = flaw()
    with patch("gonka_mock_node.shapes._is_ordinary", lambda message: False):
        assert quickly == flaw()


@pytest.mark.parametrize("route", ["/v1/chat/completions", COMPLETIONS])
@pytest.mark.parametrize("executor", [False, True])
@pytest.mark.parametrize("profile", [profile for profile in PROFILES.values() if profile.kind == "classic"], ids=str)
def test_a_refusal_names_the_rules_before_it(profile: Profile, executor: bool, route: str) -> None:
    """Whichever of the rules refuses; nothing is counted on the way to it."""
    order = order_of(profile.rules, executor, route == COMPLETIONS)
    case: Any = None
    for refusing in range(len(order.rules)):
        asked: list[int] = []

        def rule(number: int, asked: list[int] = asked, refusing: int = refusing) -> Rule:
            def one(case: Case) -> Refusal | None:
                asked.append(number)
                return Refusal("it", 400, "no") if number == refusing else None

            return one

        judged = run(Order(order.names, [rule(number) for number in range(len(order.rules))]), case)
        assert judged.passed == order.names[:refusing]
        assert asked == list(range(refusing + 1))
    assert run(Order(order.names, [lambda case: None] * len(order.names)), case).passed == order.names
