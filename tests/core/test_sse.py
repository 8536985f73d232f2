"""Server-sent events, however they are cut."""

from __future__ import annotations

from collections import deque

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core.sse import Decoder, EventTooLongError


def decode(*pieces: bytes) -> list[bytes]:
    decoder = Decoder()
    return [data for piece in pieces for data in decoder.feed(piece)]


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
        (b": comment\n\ndata: one\n\n", [b"one"]),
        (b"event: x\nid: 7\nretry: 1\ndata: one\n\n", [b"one"]),
        (b"datax: no\n\n", []),
        (b"\xef\xbb\xbfdata: one\n\n", [b"one"]),
        (b"data: one\n\n\xef\xbb\xbfdata: no\n\n", [b"one"]),
        (b"data: unfinished\n", []),
        (b"", []),
        (b"\n\n\n", []),
        (b"data: a: b\n\n", [b"a: b"]),
    ],
)
def test_the_standard(stream: bytes, events: list[bytes]) -> None:
    assert decode(stream) == events


LINE_ENDS = st.sampled_from([b"\n", b"\r", b"\r\n"])
LINES = st.sampled_from([b"data: x", b"data:", b"data: \xf0\x9f\x8c\x8d", b": note", b"event: e", b"", b"data: [DONE]"])


@given(st.booleans(), st.lists(st.tuples(LINES, LINE_ENDS), max_size=12), st.data())
def test_where_it_is_cut_makes_no_difference(mark: bool, lines: list[tuple[bytes, bytes]], data: st.DataObject) -> None:
    stream = (b"\xef\xbb\xbf" if mark else b"") + b"".join(line + end for line, end in lines)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    pieces = [stream[start:stop] for start, stop in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert decode(*pieces) == decode(stream) == decode(*(bytes([byte]) for byte in stream))


@given(st.lists(st.binary(max_size=20).filter(lambda data: not set(data) & set(b"\r\n")), max_size=8), LINE_ENDS)
def test_what_is_framed_reads_back(events: list[bytes], end: bytes) -> None:
    assert decode(b"".join(b"data: " + event + end + end for event in events)) == events


def test_an_event_comes_out_as_soon_as_it_is_complete() -> None:
    decoder = Decoder()
    assert list(decoder.feed(b"data: one\r\n\r")) == [b"one"]
    assert list(decoder.feed(b"\ndata: two\n")) == []
    assert list(decoder.feed(b"\n")) == [b"two"]


@pytest.mark.parametrize("piece", [b"data: " + b"x" * 40, b"data: x\n" * 6, b"x" * 41])
def test_an_event_without_end_is_refused(piece: bytes) -> None:
    decoder = Decoder(longest_event=40)
    with pytest.raises(EventTooLongError, match="40"):
        deque(data for _ in range(3) for data in decoder.feed(piece))


def test_many_events_are_no_long_event() -> None:
    decoder = Decoder(longest_event=40)
    assert sum(len(list(decoder.feed(b"data: 0123456789\n\n"))) for _ in range(100)) == 100
    assert len(list(decoder.feed(b"data: 0123456789\n\n" * 100))) == 100
