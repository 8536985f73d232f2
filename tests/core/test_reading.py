"""A stream is read to `[DONE]`, or raises."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import Endpoint, NodeError, StreamTruncatedError, UnusableAnswerError
from gonka_core import reading as reading_module
from gonka_core.chunks import Chunk
from gonka_core.errors import LimitExceededError
from gonka_core.limits import Limit, Limits
from gonka_core.reading import EventReader
from gonka_core.types import Request

REQUEST = Request("http://host/v1", {}, b"{}", Endpoint("http://host", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"))
FIRST = b'data: {"choices":[{"delta":{"content":"Pa"}}]}\n\n'
SECOND = b'data: {"choices":[{"delta":{"content":"ris"}}]}\n\n'
USAGE = b'data: {"choices":[],"usage":{"total_tokens":2}}\n\n'
DONE = b"data: [DONE]\n\n"
ERROR = b'data: {"error":{"message":"ran out of memory"}}\n\n'


def reader(**limits: int) -> EventReader:
    return EventReader(REQUEST, 200, Limits(**limits))


def read(pieces: Iterable[bytes], reading: EventReader | None = None) -> list[Chunk]:
    reading = reading or reader()
    return [chunk for piece in pieces for chunk in reading.feed(piece)]


def words(*pieces: bytes) -> list[str]:
    return [chunk.text for chunk in read(pieces)]


class TestDone:
    def test_the_words_until_done(self) -> None:
        reading = reader()
        assert [chunk.text for chunk in reading.feed(FIRST + SECOND + USAGE)] == ["Pa", "ris", ""]
        assert not reading.done
        assert list(reading.feed(DONE)) == []
        assert reading.done
        reading.finish()

    @given(st.lists(st.sampled_from([FIRST, SECOND, USAGE, b": ping\n\n", b"event: x\n"])), st.data())
    def test_where_it_is_cut_makes_no_difference(self, events: list[bytes], data: st.DataObject) -> None:
        stream = b"".join([*events, DONE, FIRST])
        cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=5)))
        pieces = [stream[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
        assert words(*pieces) == words(stream) == [text for event in events for text in words(event)]

    @pytest.mark.parametrize("after", [FIRST, ERROR, b"data: nonsense\n\n", b"x" * 100])
    def test_nothing_after_done_counts(self, after: bytes) -> None:
        reading = reader(sse_line_bytes=60, stream_bytes=120)
        assert list(reading.feed(DONE + after)) == []
        assert list(reading.feed(after)) == []
        reading.finish()

    @pytest.mark.parametrize(
        "done",
        [
            b"data: [DONE]\r\n\r\n",
            b"data:[DONE]\n\n",
            b"data:  [DONE] \n\n",
            b"data: [DONE]\r\r",
            b"data: [DONE]\t\n\n",
            b"event: done\ndata: [DONE]\n\n",
        ],
    )
    def test_done_as_servers_write_it(self, done: bytes) -> None:
        reading = reader()
        read([FIRST, done], reading)
        assert reading.done

    @pytest.mark.parametrize("done", [b"data: [DONE]", b"data: [DONE]\n", b"data: [DONE]\r\n"])
    def test_done_counts_where_the_connection_ends_before_its_blank_line(self, done: bytes) -> None:
        reading = reader()
        read([FIRST, done], reading)
        reading.finish()
        assert reading.done

    def test_the_words_of_an_answer_are_not_done(self) -> None:
        said = json.dumps({"choices": [{"delta": {"content": "data: [DONE]\n\n"}}]}).encode()
        reading = reader()
        assert [chunk.text for chunk in reading.feed(b"data: " + said + b"\n\n")] == ["data: [DONE]\n\n"]
        assert not reading.done

    def test_blank_events_are_no_chunks(self) -> None:
        assert words(b"data:\n\n" + b"data: \n\n" + FIRST + b"event: ping\n\n") == ["Pa"]


class TestTruncated:
    def test_an_end_without_done_carries_what_arrived(self) -> None:
        reading = reader()
        read([FIRST, b"data: {"], reading)
        with pytest.raises(StreamTruncatedError, match=r"without \[DONE\] after 1 chunk;") as caught:
            reading.finish()
        assert caught.value.received == tuple(read([FIRST]))
        assert (caught.value.endpoint, caught.value.status) == (REQUEST.endpoint, 200)
        assert "billed" in caught.value.next_step

    @pytest.mark.parametrize("stream", [b"", b"<html>", b"\n\n", b'{"choices":[]}', b"data: [DON", b"data: [DON\n"])
    def test_nothing_at_all_is_truncated_too(self, stream: bytes) -> None:
        reading = reader()
        assert read([stream], reading) == []
        with pytest.raises(StreamTruncatedError, match="after 0 chunks") as caught:
            reading.finish()
        assert caught.value.received == ()

    def test_an_event_whose_blank_line_is_missing_did_not_arrive(self) -> None:
        reading = reader()
        assert read([FIRST, SECOND.removesuffix(b"\n")], reading) == read([FIRST])
        with pytest.raises(StreamTruncatedError, match="after 1 chunk;"):
            reading.finish()

    def test_whoever_lost_the_connection_can_have_the_error(self) -> None:
        reading = reader()
        read([FIRST, SECOND], reading)
        assert [chunk.text for chunk in reading.truncated().received] == ["Pa", "ris"]

    @pytest.mark.parametrize("room", range(0, 3 * len(FIRST), 20))
    def test_the_first_chunks_are_kept_without_gaps_and_no_more_than_the_room(
        self, monkeypatch: pytest.MonkeyPatch, room: int
    ) -> None:
        monkeypatch.setattr(reading_module, "KEPT", room)
        reading, small = reader(), b'data: {"a":1}\n\n'
        chunks = read([FIRST, SECOND, small], reading)
        received = reading.truncated().received
        assert received == tuple(chunks[: len(received)])
        sizes = [len(event) - len(b"data: \n\n") for event in (FIRST, SECOND, small)]
        assert len(received) == max(n for n in range(4) if sum(sizes[:n]) <= room)
        assert "after 3 chunks" in str(reading.truncated())
        assert ("are kept" in str(reading.truncated())) is (len(received) < 3)


class TestErrors:
    @pytest.mark.parametrize("before", [b"", FIRST])
    def test_an_error_event_raises_with_its_own_text(self, before: bytes) -> None:
        """Also as the first event of a stream with status 200 (`protocol.md` §11.4)."""
        reading = reader()
        with pytest.raises(NodeError, match="ran out of memory") as caught:
            read([before + ERROR + DONE], reading)
        assert caught.value.node_text == "ran out of memory"
        assert caught.value.status == 200
        assert not reading.done

    @pytest.mark.parametrize(
        "event",
        [
            b'data: {"error":"ran out of memory"}\n\n',
            b'data: {"choices":[],"error":{"message":"ran out of memory"}}\n\n',
            b'data: {"object":"error","message":"ran out of memory","code":500}\n\n',
            b'event: error\ndata: {"message":"ran out of memory"}\n\n',
            b"event: error\ndata: ran out of memory\n\n",
        ],
    )
    def test_errors_as_servers_write_them(self, event: bytes) -> None:
        with pytest.raises(NodeError, match="ran out of memory"):
            read([event])

    @pytest.mark.parametrize("error", [b"null", b"{}", b'""', b"false"])
    def test_an_error_that_says_nothing_is_none(self, error: bytes) -> None:
        assert words(FIRST.replace(b'{"choices"', b'{"error":%b,"choices"' % error)) == ["Pa"]

    def test_an_error_counts_where_the_connection_ends_before_its_blank_line(self) -> None:
        reading = reader()
        read([ERROR.rstrip()], reading)
        with pytest.raises(NodeError, match="ran out of memory"):
            reading.finish()

    @pytest.mark.parametrize(
        "data", [b"nonsense", b"[]", b"7", b'{"a":', b'{"a":NaN}', b"\xff", b"DONE", b"{}\ndata: {}"]
    )
    def test_an_event_that_is_no_object_raises(self, data: bytes) -> None:
        with pytest.raises(UnusableAnswerError, match="not a JSON object") as caught:
            read([b"data: " + data + b"\n\n"])
        assert (caught.value.endpoint, caught.value.status) == (REQUEST.endpoint, 200)

    def test_what_is_quoted_is_short_and_of_one_line(self) -> None:
        with pytest.raises(UnusableAnswerError) as caught:
            read([b"data: a\x1b[31m\0b\ndata: c" + b"x" * 10_000 + b"\n\n"])
        assert "a [31m b cx" in caught.value.problem
        assert caught.value.problem.isprintable()
        assert len(caught.value.problem) < 450


class TestLimits:
    @pytest.mark.parametrize(
        ("limit", "allowed", "piece"),
        [
            ("sse_line_bytes", 40, b"x" * 41),
            ("event_bytes", 40, b"data: x\n" * 41),
            ("stream_bytes", 40, b"\n" * 41),
            ("json_depth", 2, FIRST),
        ],
    )
    def test_what_is_over_a_limit_raises_by_its_name(self, limit: Limit, allowed: int, piece: bytes) -> None:
        with pytest.raises(LimitExceededError) as caught:
            read([piece], reader(**{limit: allowed}))
        assert (caught.value.limit, caught.value.allowed) == (limit, allowed)
        assert (caught.value.endpoint, caught.value.status) == (REQUEST.endpoint, 200)
        assert caught.value.__suppress_context__

    def test_what_just_fits_is_read(self) -> None:
        data = len(FIRST) - len(b"data: \n\n")
        fits = {"sse_line_bytes": len(FIRST) - 2, "event_bytes": data, "stream_bytes": len(FIRST), "json_depth": 4}
        assert [chunk.text for chunk in read([FIRST], reader(**fits))] == ["Pa"]
        for limit in fits:
            with pytest.raises(LimitExceededError, match=limit):
                read([FIRST], reader(**(fits | {limit: fits[limit] - 1})))

    def test_a_stream_is_counted_over_all_its_pieces(self) -> None:
        reading = reader(stream_bytes=40)
        deque(reading.feed(b"\n" * 40))
        with pytest.raises(LimitExceededError, match="stream_bytes"):
            deque(reading.feed(b"\n"))

    def test_a_limit_that_the_end_goes_over_has_its_name_too(self) -> None:
        reading = reader(json_depth=2)
        read([FIRST.rstrip()], reading)
        with pytest.raises(LimitExceededError, match="json_depth"):
            reading.finish()
