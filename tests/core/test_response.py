"""What a node answers, and what becomes of it."""

from __future__ import annotations

import pytest

from gonka_core import (
    Endpoint,
    LimitExceededError,
    PrivateKey,
    StreamFailedError,
    UnusableAnswerError,
    sign_request,
)
from gonka_core.resolve import signer
from gonka_core.response import Answer, completion, is_stream

REQUEST = sign_request(
    b"{}",
    Endpoint("http://host", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"),
    signer("auto", lambda: PrivateKey((1).to_bytes(32, "big"))),
)


def answer(status: int, body: bytes | str) -> Answer:
    return Answer(status, {}, body.encode() if isinstance(body, str) else body)


class TestCompletion:
    def test_the_words(self) -> None:
        body = '{"choices":[{"message":{"content":"Paris.","role":"assistant"}}],"id":"x"}'
        result = completion(REQUEST, answer(200, body))
        assert result.text == "Paris."
        assert result.data["id"] == "x"
        assert result.body == body.encode()
        assert "Paris" not in repr(result)

    @pytest.mark.parametrize(
        "body",
        [
            '{"choices":[]}',
            '{"choices":null}',
            '{"choices":[{"message":{"content":null}}]}',
            '{"choices":[null]}',
            '{"choices":[{"message":{"content":[{"type":"text"}]}}]}',
            "{}",
        ],
    )
    def test_no_words_are_an_empty_text(self, body: str) -> None:
        assert completion(REQUEST, answer(200, body)).text == ""

    @pytest.mark.parametrize("body", ["", "Paris.", "[]", "null", '"x"', "<html>", '{"choices":'])
    def test_what_is_not_an_object_is_an_error(self, body: str) -> None:
        with pytest.raises(UnusableAnswerError, match="not a JSON object") as caught:
            completion(REQUEST, answer(200, body))
        assert caught.value.status == 200

    def test_a_stream_is_named(self) -> None:
        with pytest.raises(UnusableAnswerError, match=r"call stream\(payload\)"):
            completion(REQUEST, Answer(200, {"content-type": "text/event-stream"}, b"data: {}\n\n"))


@pytest.mark.parametrize(
    ("status", "kind", "streams"),
    [
        (200, "text/event-stream", True),
        (200, "Text/Event-Stream; charset=utf-8", True),
        (200, "application/json", False),
        (200, "", False),
        (401, "text/event-stream", False),
    ],
)
def test_the_type_decides_what_is_a_stream(status: int, kind: str, streams: bool) -> None:
    assert is_stream(status, {"content-type": kind}) is streams


def test_an_error_behind_a_status_of_success_is_an_error() -> None:
    with pytest.raises(StreamFailedError, match="host failed"):
        completion(REQUEST, answer(200, '{"error":{"message":"host failed"}}'))


def test_json_that_is_nested_on_purpose_names_the_limit() -> None:
    with pytest.raises(LimitExceededError, match="json_depth") as caught:
        completion(REQUEST, answer(200, '{"a":' + "[" * 100 + "]" * 100 + "}"))
    assert (caught.value.limit, caught.value.maybe_billed) == ("json_depth", True)
