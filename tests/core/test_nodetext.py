"""Whatever a stranger answers becomes one line that can stand in a log, and a wait within bounds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import Endpoint, ModelNotFoundError, NodeError, RateLimitedError
from gonka_core.answers import Answer
from gonka_core.nodetext import fields, quoted, retry_after_s, words
from gonka_core.refusals import refusal
from gonka_core.types import Request

REQUEST = Request("http://host", {}, b"{}", Endpoint("http://host", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"))


def refused(status: int, body: bytes | str, **headers: str) -> NodeError:
    told = body if isinstance(body, bytes) else json.dumps({"error": body}).encode()
    return refusal(REQUEST, Answer(status, {name.replace("_", "-"): value for name, value in headers.items()}, told))


class TestShapes:
    WRITTEN: Final[dict[str, Callable[[str], str]]] = {
        "node": lambda text: json.dumps({"error": text}) + "\n",
        "gateway": lambda text: json.dumps({"error": {"message": text}}) + "\n",
        "OpenAI": lambda text: json.dumps({"error": {"message": text, "type": "x", "param": None, "code": "y"}}),
        "message": lambda text: json.dumps({"message": text}),
        "detail": lambda text: json.dumps({"detail": text}),
        "plain": lambda text: text + "\n",
        "BOM": lambda text: "\ufeff" + json.dumps({"error": text}),
    }

    @pytest.mark.parametrize("shape", WRITTEN)
    def test_a_text_is_found_in_whatever_shape(self, shape: str) -> None:
        error = refused(404, self.WRITTEN[shape]("model not found").encode())
        assert (type(error), error.node_text) == (ModelNotFoundError, "model not found")

    @pytest.mark.parametrize(
        ("body", "text"),
        [
            (b'{"error":{"type":"NotFoundError"}}', "NotFoundError"),
            (b'{"error":{"code":7}}', '{"error":{"code":7}}'),
            (b'{"error":7}', '{"error":7}'),
            (b'{"error":null,"message":"x"}', "x"),
            (b"<html>\r\n<h1>503</h1>\n</html>", "<html> <h1>503</h1> </html>"),
            (b"", "(empty)"),
            (b" \n", "(empty)"),
            (b"\xff\xfe", "\ufffd\ufffd"),
            (b"[" * 100_000, "[" * 299 + "…"),
            (b'{"error":"' + b"x" * 300 + b'"}', "x" * 300),
            (b'{"error":"' + b"x" * 301 + b'"}', "x" * 299 + "…"),
            (b'{"error":"a\\nb\\u0000\\u001b[31mc\\u202ed\\ud800e"}', "a b [31mc d e"),
        ],
    )
    def test_any_body_has_a_text_fit_for_one_line(self, body: bytes, text: str) -> None:
        assert refused(599, body).node_text == text

    @given(st.binary() | st.text().map(lambda text: json.dumps({"error": text}).encode()), st.integers(200, 999))
    def test_whatever_is_answered_there_is_one_error_in_one_printable_line(self, body: bytes, status: int) -> None:
        error = refused(status, body)
        assert str(error).isprintable()
        assert 0 < len(error.node_text) <= 300
        assert error.status == status

    @given(st.text(), st.sampled_from([200, 400, 401, 403, 404, 410, 429, 500, 503]))
    def test_a_strangers_braces_fill_nothing(self, text: str, status: int) -> None:
        assert refused(status, f"{{address}}{{0}}{text}").next_step == refused(status, "new").next_step

    def test_a_body_of_any_size_is_read_to_a_bound(self) -> None:
        assert len(refused(500, b'{"error":"' + b"y" * 4_000_000 + b'"}').node_text) == 300

    def test_an_answer_without_a_body_is_judged_by_its_status(self) -> None:
        assert type(refusal(REQUEST, Answer(429, {}, None))) is RateLimitedError


class TestRetryAfter:
    NOW: Final = 1_766_422_712.0  # Mon, 22 Dec 2025 16:58:32 GMT

    @pytest.mark.parametrize(
        ("value", "seconds"),
        [
            ("", None),
            ("0", 0),
            (" 7 ", 7),
            ("86401", 86_400),
            ("9" * 5000, 86_400),
            ("-1", None),
            ("1.5", None),
            ("1e3", None),
            ("nan", None),
            ("inf", None),
            ("²", None),
            ("soon", None),
            ("Mon, 22 Dec 2025 16:58:42 GMT", 10),
            ("Mon, 22 Dec 2025 16:58:42", 10),
            ("Mon, 22 Dec 2025 17:58:42 +0100", 10),
            ("Mon, 22 Dec 2025 16:00:00 GMT", 0),
            ("Wed, 22 Dec 2055 16:58:42 GMT", 86_400),
            ("Mon, 99 Dec 2025 16:58:42 GMT", None),
        ],
    )
    def test_seconds_or_a_date_within_bounds(self, value: str, seconds: float | None) -> None:
        error = refusal(REQUEST, Answer(503, {"retry-after": value}, b""), now_s=self.NOW)
        assert error.retry_after_s == seconds

    @given(st.text(), st.floats(0, 1e11))
    def test_no_value_breaks_it(self, value: str, now: float) -> None:
        seconds = refusal(REQUEST, Answer(503, {"retry-after": value}, b""), now_s=now).retry_after_s
        assert seconds is None or 0 <= seconds <= 86_400

    def test_a_date_without_a_zone_is_in_utc_wherever_the_machine_stands(self, monkeypatch: pytest.MonkeyPatch) -> None:
        with monkeypatch.context() as patched:
            patched.setenv("TZ", "Asia/Tokyo")
            time.tzset()
            assert retry_after_s("Mon, 22 Dec 2025 16:58:42", self.NOW) == 10
        time.tzset()

    def test_without_a_clock_a_date_is_measured_from_the_present(self) -> None:
        assert refused(429, "x", retry_after="Mon, 01 Jan 1990 00:00:00 GMT").retry_after_s == 0
        assert refused(429, "x", retry_after="Fri, 01 Jan 2500 00:00:00 GMT").retry_after_s == 86_400


class TestWords:
    @given(st.text())
    def test_a_quote_of_a_quote_is_the_quote(self, text: str) -> None:
        assert quoted(quoted(text)) == quoted(text)

    def test_both_fields_of_a_node_are_said(self) -> None:
        assert words(b'{"error":"deprecated","message":"use devshard"}') == "deprecated: use devshard"

    @pytest.mark.parametrize("body", [b"[]", b"", b'{"a":' * 70 + b"1" + b"}" * 70, b'{"a":"' + b"x" * 2**20 + b'"}'])
    def test_what_is_no_object_or_too_much_has_no_fields(self, body: bytes) -> None:
        assert fields(body) == {}
