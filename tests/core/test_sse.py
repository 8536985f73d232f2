"""Server-sent events, however they are cut."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import nullcontext

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gonka_core import sse
from gonka_core.limits import Limits, OverLimitError
from gonka_core.sse import Event, EventDecoder

BOM = b"\xef\xbb\xbf"


def decode(*pieces: bytes) -> list[Event]:
    decoder = EventDecoder()
    return [event for piece in pieces for event in decoder.feed(piece)]


def data_of(*pieces: bytes) -> list[bytes]:
    return [event.data for event in decode(*pieces)]


def textbook(stream: bytes) -> list[Event]:
    """§9.2.6 sentence by sentence, over the whole stream at once."""
    events, data, kind, last_id = [], b"", "", ""
    for line in re.split(rb"\r\n|\n|\r", stream.removeprefix(BOM))[:-1]:
        field, _, value = line.partition(b":")
        value = value[1:] if value.startswith(b" ") else value
        if line == b"":
            if data != b"":
                events.append(Event(data[:-1], kind or "message", last_id))
            data, kind = b"", ""
        elif field == b"event":
            kind = value.decode("utf-8", "replace")
        elif field == b"data":
            data += value + b"\n"
        elif field == b"id" and b"\0" not in value:
            last_id = value.decode("utf-8", "replace")
    return events


@pytest.mark.parametrize(
    ("stream", "events"),
    [
        (b"data: one\n\n", [b"one"]),
        (b"data:one\n\n", [b"one"]),
        (b"data:  one\n\n", [b" one"]),
        (b"data: one\r\n\r\n", [b"one"]),
        (b"data: one\r\r", [b"one"]),
        (b"data: one\r\n\ndata: two\n\r\n", [b"one", b"two"]),
        (b"data: one\ndata: two\n\n", [b"one\ntwo"]),
        (b"data\n\n", [b""]),
        (b"data\ndata\n\n", [b"\n"]),
        (b"data:\n\n", [b""]),
        (b": comment\n\ndata: one\n\n", [b"one"]),
        (b"data: one\n: comment\ndata: two\n\n", [b"one\ntwo"]),
        (b"event: x\nid: 7\nretry: 1\ndata: one\n\n", [b"one"]),
        (b"datax: no\n\n", []),
        (b" data: no\n\n", []),
        (b"Data: no\n\n", []),
        (BOM + b"data: one\n\n", [b"one"]),
        (BOM + BOM + b"data: no\n\n", []),
        (b"data: one\n\n" + BOM + b"data: no\n\n", [b"one"]),
        (b"data: unfinished\n", []),
        (b"", []),
        (b"\n\n\n", []),
        (b"data: a: b\n\n", [b"a: b"]),
        ("data: a\u2028b\u0085c\n\n".encode(), ["a\u2028b\u0085c".encode()]),
    ],
)
def test_the_standard(stream: bytes, events: list[bytes]) -> None:
    assert data_of(stream) == events


def test_an_event_has_a_type_for_itself_and_an_id_until_there_is_another() -> None:
    stream = b"event: a\nid: 1\ndata: x\n\ndata: y\n\nevent: lost\n\nid\ndata: z\n\nid: 2\nid: \0\nevent:\ndata: v\n\n"
    assert decode(stream) == [
        Event(b"x", "a", "1"),
        Event(b"y", "message", "1"),
        Event(b"z", "message", ""),
        Event(b"v", "message", "2"),
    ]


def test_no_other_field_and_no_comment_gives_an_event_its_type_or_id() -> None:
    others = b"".join(name + b": 7\n" for name in (b"", b"dat", b"even", b"events", b"i", b"ids", b"retry", b"z"))
    assert decode(others + b"data: x\n\n") == [Event(b"x", "message", "")]


def test_an_id_is_taken_from_an_event_without_data() -> None:
    assert decode(b"id: 7\n\ndata: x\n\n") == [Event(b"x", "message", "7")]


@pytest.mark.parametrize(
    ("value", "retry_ms"),
    [
        (b"250", 250),
        (b"007", 7),
        (b"9" * 18, 10**18 - 1),
        (b"9" * 19, None),
        (b"9" * 5000, None),
        (b"-1", None),
        (b"1.5", None),
        (b"", None),
        (b"\xd9\xa3", None),
    ],
)
def test_retry_is_a_number_of_up_to_18_ascii_digits(value: bytes, retry_ms: int | None) -> None:
    decoder = EventDecoder()
    assert list(decoder.feed(b"retry: " + value + b"\n\n")) == []
    assert decoder.retry_ms == retry_ms


@pytest.mark.parametrize("name", [b"", b"Retry", b"id", b"retr", b"retry ", b"retry-after", b"x"])
def test_a_number_in_another_field_or_a_comment_is_no_retry(name: bytes) -> None:
    decoder = EventDecoder()
    assert list(decoder.feed(name + b": 250\n\n")) == []
    assert decoder.retry_ms is None


LINE_ENDS = st.sampled_from([b"\n", b"\r", b"\r\n"])
LINES = st.one_of(
    st.sampled_from([b"data: x", b"data:", b"data", b": note", b"", b"data: [DONE]", b"id: 7", b"id: \0", b"id"]),
    st.sampled_from(["data: 🌍".encode(), "event: é".encode(), b"event: \xff", BOM, BOM + b"data: y"]),
    st.binary(max_size=6).map(lambda rest: b"data: " + rest),
)


@st.composite
def streams(draw: st.DrawFn) -> bytes:
    lines = draw(st.lists(st.tuples(LINES, LINE_ENDS), max_size=12))
    mark = draw(st.sampled_from([b"", BOM, BOM[:2], BOM[:1]]))
    return mark + b"".join(line + end for line, end in lines) + draw(st.sampled_from([b"", b"data: left"]))


@st.composite
def cut(draw: st.DrawFn, whole: st.SearchStrategy[bytes]) -> list[bytes]:
    stream = draw(whole)
    cuts = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    return [stream[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True)]


@given(cut(streams()))
@example([b"data: x\r", b"", b"\n\r", b"\n"])
@example([b"data: x\r", b"", b"\ndata: y\n\n"])
@example([BOM[:1], b"", BOM[1:], b"data: x\n\n"])
def test_where_it_is_cut_makes_no_difference_to_what_the_textbook_reads(pieces: list[bytes]) -> None:
    stream = b"".join(pieces)
    assert decode(*pieces) == textbook(stream) == decode(*(bytes([byte]) for byte in stream))


@given(st.binary(max_size=60))
def test_any_bytes_are_read_as_the_textbook_reads_them(stream: bytes) -> None:
    assert decode(stream) == textbook(stream)


@given(st.lists(st.binary(max_size=20).filter(lambda data: not set(data) & set(b"\r\n")), max_size=8), LINE_ENDS)
def test_what_is_framed_reads_back(events: list[bytes], end: bytes) -> None:
    assert data_of(b"".join(b"data: " + event + end + end for event in events)) == events


def test_an_event_comes_out_as_soon_as_it_is_complete() -> None:
    decoder = EventDecoder()
    assert [event.data for event in decoder.feed(b"data: one\r\n\r")] == [b"one"]
    assert list(decoder.feed(b"\ndata: two\n")) == []
    assert [event.data for event in decoder.feed(b"\n")] == [b"two"]


def test_no_byte_is_looked_at_twice_for_line_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    """However small the pieces of a long line are, so that its time is in proportion to its length."""
    looked_at = 0

    def counting(piece: bytes) -> list[bytes]:
        nonlocal looked_at
        looked_at += len(piece)
        return re.split(rb"\r\n|\r|\n", piece)

    monkeypatch.setattr(sse, "_lines", counting)
    stream = b"data: " + b"x" * 5000 + b"\n\n"
    assert data_of(*(bytes([byte]) for byte in stream)) == [b"x" * 5000]
    assert looked_at == len(stream)


@pytest.mark.parametrize("left", [b"data: x", b"data: x\n", b"data: x\r", b"data: y\n\ndata: x\n"])
def test_what_the_end_of_the_stream_left_can_be_had(left: bytes) -> None:
    decoder = EventDecoder()
    deque(decoder.feed(left))
    assert decoder.finish() == Event(b"x")
    assert decoder.finish() is None


@pytest.mark.parametrize("stream", [b"", b"data: x\n\n", b": note", b"event: e\n"])
def test_a_stream_that_ended_with_an_event_leaves_none(stream: bytes) -> None:
    decoder = EventDecoder()
    deque(decoder.feed(stream))
    assert decoder.finish() is None


class TestLimits:
    LIMITS = Limits(sse_line_bytes=20, event_bytes=30)

    def limit(self, pieces: Iterable[bytes]) -> tuple[list[bytes], str | None]:
        """What came out, and the limit that ended it."""
        decoder = EventDecoder(self.LIMITS)
        out: list[bytes] = []
        try:
            out += self.each(decoder, pieces)
        except OverLimitError as over:
            return out, over.limit
        return out, None

    @staticmethod
    def each(decoder: EventDecoder, pieces: Iterable[bytes]) -> Iterator[bytes]:
        return (event.data for piece in pieces for event in decoder.feed(piece))

    @pytest.mark.parametrize(
        ("stream", "limit"),
        [
            (b"x" * 20, None),
            (b"x" * 20 + b"\r\n", None),
            (b"x" * 21, "sse_line_bytes"),
            (b":" + b"x" * 20 + b"\n", "sse_line_bytes"),
            (b"data:" + b"x" * 15 + b"\n" + b"data:" + b"x" * 14 + b"\n\n", None),
            (b"data:" + b"x" * 15 + b"\n" + b"data:" + b"x" * 15 + b"\n\n", "event_bytes"),
            (b"data\n" * 31, None),
            (b"data\n" * 32, "event_bytes"),
            (b": ping\n" * 100, None),
            (b"event: e\n" * 100, None),
        ],
    )
    def test_the_last_byte_allowed_and_the_first_that_is_not(self, stream: bytes, limit: str | None) -> None:
        assert self.limit([stream])[1] == limit
        assert self.limit(bytes([byte]) for byte in stream)[1] == limit

    @given(cut(st.lists(st.sampled_from([b"data: 012345", b"\n", b"\r\n", b"x"]), max_size=12).map(b"".join)))
    def test_where_it_is_cut_makes_no_difference_to_what_is_refused(self, pieces: list[bytes]) -> None:
        assert self.limit(pieces) == self.limit([b"".join(pieces)])

    def test_the_pieces_of_a_line_count_together(self) -> None:
        assert self.limit([b"x" * 10, b"x" * 10]) == ([], None)
        assert self.limit([b"x" * 11, b"x" * 11]) == ([], "sse_line_bytes")

    def test_the_lines_of_an_event_count_together_with_the_line_feeds_between_them(self) -> None:
        ten = b"data:" + b"x" * 10 + b"\n"
        assert self.limit([ten + ten + b"data:12345678\n\n"]) == ([b"x" * 10 + b"\n" + b"x" * 10 + b"\n12345678"], None)
        assert self.limit([ten + ten + ten]) == ([], "event_bytes")

    @pytest.mark.parametrize(("size", "out"), [(10, 1), (11, 0)], ids=["the last allowed", "one more"])
    def test_the_one_line_of_an_event_has_no_line_feed_to_count(self, size: int, out: int) -> None:
        decoder = EventDecoder(Limits(event_bytes=10))
        with nullcontext() if out else pytest.raises(OverLimitError, match="event"):
            assert len(list(decoder.feed(b"data:" + b"x" * size + b"\n\n"))) == out

    def test_many_events_are_no_long_event(self) -> None:
        decoder = EventDecoder(self.LIMITS)
        assert sum(len(list(decoder.feed(b"data: 0123456789\n\n"))) for _ in range(100)) == 100
        assert len(list(decoder.feed(b"data: 0123456789\n\n" * 100))) == 100

    def test_what_is_refused_says_which_limit(self) -> None:
        with pytest.raises(OverLimitError, match="a line of more than 20 bytes"):
            deque(EventDecoder(self.LIMITS).feed(b"x" * 21))


def test_an_event_does_not_change_and_has_no_dict_of_its_own() -> None:
    """A stream has thousands of them."""
    event = Event(b"x")
    with pytest.raises(AttributeError):
        event.data = b"y"  # type: ignore[misc]
    assert not hasattr(event, "__dict__")


def test_a_repr_shows_no_words() -> None:
    assert "secret" not in repr(Event(b"secret", "message", "secret"))
