"""Base64 as Go reads it, with the offsets of its errors."""

from __future__ import annotations

import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_mock_node.go.base64_text import IllegalBase64Error, decode


@given(st.binary(max_size=100))
def test_what_is_encoded_reads_back(data: bytes) -> None:
    assert decode(base64.b64encode(data)) == data


@given(st.binary(max_size=70), st.data())
def test_line_breaks_stand_anywhere(data: bytes, draw: st.DataObject) -> None:
    text = base64.b64encode(data)
    for place in draw.draw(st.lists(st.integers(0, len(text)), max_size=5)):
        text = text[:place] + draw.draw(st.sampled_from([b"\n", b"\r", b"\r\n"])) + text[place:]
    assert decode(text) == data


@given(st.binary(max_size=40).map(base64.b64encode), st.data())
def test_the_first_strange_byte_is_named(text: bytes, draw: st.DataObject) -> None:
    bare = text.rstrip(b"=")
    place = draw.draw(st.integers(0, len(bare)))
    strange = draw.draw(st.sampled_from(b" -_*:\x00\xff"))
    with pytest.raises(IllegalBase64Error) as caught:
        decode(bare[:place] + bytes([strange]) + bare[place:])
    assert caught.value.offset == place


# What Go 1.22's StdEncoding.DecodeString says of each, by its documented algorithm.
@pytest.mark.parametrize(
    ("text", "offset"),
    [
        (b"Bearer sk-123", 6),
        (b"Q", 0),
        (b"QQ", 0),
        (b"QUJ", 0),
        (b"QUJDQ", 4),
        (b"QUJDQQ", 4),
        (b"QQ=", 3),
        (b"QQ=\n", 4),
        (b"QQ=Q", 2),
        (b"QQ=\nQ", 3),
        (b"=", 0),
        (b"Q===", 1),
        (b"QQ===", 4),
        (b"QUI==", 4),
        (b"QQ==QQ==", 4),
        (b"QUJD=", 4),
        (b"QQ==\n\nx", 6),
        (b"AB-_", 2),
    ],
)
def test_offsets(text: bytes, offset: int) -> None:
    with pytest.raises(IllegalBase64Error, match=f"illegal base64 data at input byte {offset}$"):
        decode(text)


@pytest.mark.parametrize(
    ("text", "data"), [(b"QR==", b"A"), (b"QUJ=", b"AB"), (b"QUL=", b"AB"), (b"", b""), (b"\n", b"")]
)
def test_unused_bits_and_empty_text_are_accepted(text: bytes, data: bytes) -> None:
    assert decode(text) == data
