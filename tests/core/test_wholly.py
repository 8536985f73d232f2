"""Events handed on whole, however the stream is cut."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gonka_core.wholly import WholeEvents

ENDS = (b"\n\n", b"\r\n\r\n", b"\r\r", b"\n\r\n")


@given(st.lists(st.sampled_from([b"a", b"data: {}", b"\n", b"\r", b"\r\n", b"\n\n", b"\r\n\r\n"])), st.data())
def test_whole_events_are_the_stream_cut_elsewhere(parts: list[bytes], data: st.DataObject) -> None:
    stream = b"".join(parts)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    events = WholeEvents()
    handed = [events.feed(stream[start:end]) for start, end in zip([0, *cuts], [*cuts, len(stream)], strict=True)]
    assert b"".join(handed) + events.rest() == stream
    assert all(not piece or piece.endswith(ENDS) for piece in handed)
    assert not any(end in events.rest() for end in ENDS)


def test_nothing_is_copied_where_pieces_are_events() -> None:
    piece = b"data: {}\n\n"
    assert WholeEvents().feed(piece) is piece
