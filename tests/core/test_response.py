"""What a node answers, and what becomes of it."""

from __future__ import annotations

import json

import pytest

from gonka_core import Endpoint, NodeError, PrivateKey, StreamTruncatedError, UnusableAnswerError, sign_request
from gonka_core.errors import SignatureRejectedError, TimestampRejectedError
from gonka_core.resolve import signer
from gonka_core.response import Answer, EventReader, completion, is_stream, refusal

REQUEST = sign_request(
    b"{}",
    Endpoint("http://host", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"),
    signer("coincurve", lambda: PrivateKey((1).to_bytes(32, "big"))),
)


def answer(status: int, body: bytes | str) -> Answer:
    return Answer(status, {}, body.encode() if isinstance(body, str) else body)


def told(text: str) -> str:
    return json.dumps({"error": text}) + "\n"


@pytest.mark.parametrize(
    ("status", "text", "kind", "step"),
    [
        (401, "Unable to validate request against PubKey:invalid signature", SignatureRejectedError, "/v1/identity"),
        (
            401,
            "Unable to validate request against PubKey:illegal base64 data at input byte 6",
            SignatureRejectedError,
            "scheme",
        ),
        (400, "signature is too old", TimestampRejectedError, "clock"),
        (400, "signature is in the future", TimestampRejectedError, "clock"),
        (400, "Request timestamp is too old", TimestampRejectedError, "clock"),
        (400, "Request timestamp is in the future", TimestampRejectedError, "clock"),
        (400, "AuthKey has already been used for a transfer request", NodeError, "new timestamp"),
        (402, "Insufficient balance", NodeError, "coins"),
        (403, "Transfer Agent not allowed", NodeError, "another endpoint"),
        (404, "model not found", NodeError, "/v1/models"),
        (500, "rpc error: code = NotFound desc = account has no public key: key not found", NodeError, "publish"),
        (410, "deprecated", NodeError, "broker"),
        (599, "something new", NodeError, "later"),
    ],
)
def test_the_nodes_text_decides(status: int, text: str, kind: type[NodeError], step: str) -> None:
    error = refusal(REQUEST, answer(status, told(text)))
    assert type(error) is kind
    assert (error.status, error.node_text, error.endpoint) == (status, text, REQUEST.endpoint)
    assert step in error.next_step
    assert text in str(error)


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b'{"error":{"message":"too many"}}', "too many"),
        (b"<html>\n<h1>503</h1>\n</html>", "<html> <h1>503</h1> </html>"),
        (b"", "(empty)"),
        (b"\xff\xfe", "\ufffd\ufffd"),
        (b'{"error":7}', '{"error":7}'),
        (b"[" * 100_000, "[" * 300 + "…"),
    ],
)
def test_any_body_has_a_text(body: bytes, text: str) -> None:
    assert refusal(REQUEST, answer(503, body)).node_text == text


def test_a_redirect_is_not_followed_and_says_so() -> None:
    assert "redirect is not followed" in refusal(REQUEST, answer(308, b"")).next_step


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


class TestEventReader:
    FIRST = b'data: {"choices":[{"delta":{"content":"Pa"}}]}\n\n'
    SECOND = b'data: {"choices":[{"delta":{"content":"ris"}}]}\n\n'

    def test_the_words_until_done(self) -> None:
        reader = EventReader(REQUEST, 200)
        chunks = list(reader.feed(self.FIRST + self.SECOND + b'data: {"choices":[],"usage":{}}\n\ndata: [DONE]\n\n'))
        assert [chunk.text for chunk in chunks] == ["Pa", "ris", ""]
        assert reader.done
        reader.finish()

    def test_nothing_after_done_counts(self) -> None:
        reader = EventReader(REQUEST, 200)
        assert list(reader.feed(b"data: [DONE]\n\n" + self.FIRST)) == []
        assert list(reader.feed(self.FIRST)) == []

    def test_an_end_without_done_carries_what_arrived(self) -> None:
        reader = EventReader(REQUEST, 200)
        list(reader.feed(self.FIRST + b"data: {"))
        with pytest.raises(StreamTruncatedError, match=r"without \[DONE\] after 1 chunk") as caught:
            reader.finish()
        assert [chunk.text for chunk in caught.value.received] == ["Pa"]

    def test_an_error_event_raises_with_the_nodes_text(self) -> None:
        reader = EventReader(REQUEST, 200)
        with pytest.raises(NodeError, match="ran out of memory"):
            list(reader.feed(b'data: {"error":{"message":"ran out of memory"}}\n\n'))

    @pytest.mark.parametrize("data", [b"nonsense", b"[]", b"7", b'{"a":'])
    def test_an_event_that_is_no_object_raises(self, data: bytes) -> None:
        with pytest.raises(UnusableAnswerError, match="not a JSON object"):
            list(EventReader(REQUEST, 200).feed(b"data: " + data + b"\n\n"))
