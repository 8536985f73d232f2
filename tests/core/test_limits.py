"""What is more than a limit is refused by name; what is not is read."""

from __future__ import annotations

import gzip
import json
import math
import tracemalloc
import zlib
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import ConfigurationError, Endpoint, UnusableAnswerError
from gonka_core.decoding import decoder
from gonka_core.errors import LimitExceededError
from gonka_core.incoming import Incoming
from gonka_core.limits import Limit, Limits, OverLimitError, check_headers, exceeded, parse_object
from gonka_core.request import reading

ENDPOINT = Endpoint("http://host", "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le")
SMALL = Limits(response_bytes=10, decompressed_bytes=10, header_bytes=40, json_depth=3)


class TestLimits:
    @pytest.mark.parametrize("name", Limits.__dataclass_fields__)
    def test_a_limit_below_one_is_refused_by_name(self, name: str) -> None:
        assert getattr(Limits(**{name: 1}), name) == 1
        for allowed in (0, -1):
            with pytest.raises(ConfigurationError, match=name):
                Limits(**{name: allowed})

    @pytest.mark.parametrize("name", Limits.__dataclass_fields__)
    def test_the_error_of_each_limit_names_it_and_how_to_raise_it(self, name: Limit) -> None:
        error = exceeded(OverLimitError(name, 7), ENDPOINT, 200)
        assert isinstance(error, UnusableAnswerError)
        assert (error.limit, error.allowed, error.endpoint, error.status) == (name, 7, ENDPOINT, 200)
        assert "more than 7" in error.problem
        assert f"Limits({name}=" in error.next_step

    def test_a_line_of_a_node_fits(self) -> None:
        """A node's own lines have up to 1 MiB (`protocol.md` §5.3)."""
        assert Limits().sse_line_bytes >= 1024 * 1024 <= Limits().event_bytes


class TestBodies:
    def incoming(self, limits: Limits = SMALL, **headers: str) -> Incoming:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return Incoming(reading(ENDPOINT, "/v1/status"), 200, named, limits)

    @given(st.lists(st.binary(max_size=4)), st.booleans())
    def test_a_body_within_the_limits_comes_out_as_it_went_in(self, pieces: list[bytes], named: bool) -> None:
        body = b"".join(pieces)[:10]
        incoming = self.incoming(content_encoding="identity") if named else self.incoming()
        for start in range(0, len(body), 3):
            incoming.keep(body[start : start + 3])
        assert incoming.answer().body == body

    @pytest.mark.parametrize("pieces", [[b"x" * 11], [b"x"] * 11, [b"x" * 10, b"x"]])
    @pytest.mark.parametrize("smaller", ["response_bytes", "decompressed_bytes"])
    def test_one_byte_more_is_refused(self, pieces: list[bytes], smaller: str) -> None:
        incoming = self.incoming(replace(Limits(), **{smaller: 10}))
        with pytest.raises(LimitExceededError) as caught:
            deque(map(incoming.keep, pieces))
        assert (caught.value.limit, caught.value.allowed) == (smaller, 10)

    def test_a_compressed_body_is_measured_both_ways(self) -> None:
        limits = Limits(response_bytes=2000, decompressed_bytes=100_000)
        incoming = self.incoming(limits, content_encoding="gzip")
        incoming.keep(gzip.compress(bytes(100_000)))
        assert incoming.answer().body == bytes(100_000)

        incoming = self.incoming(limits, content_encoding="gzip")
        with pytest.raises(LimitExceededError) as caught:
            incoming.keep(gzip.compress(bytes(100_001)))
        assert (caught.value.limit, caught.value.allowed) == ("decompressed_bytes", 100_000)

    def test_no_more_is_undone_than_fits(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A bomb of 10 MB is left packed."""
        undone: list[int] = []

        class Watched:
            def __init__(self, headers: Mapping[str, str]) -> None:
                self._coding = decoder(headers)

            def feed(self, piece: bytes) -> Iterator[bytes]:
                for part in self._coding.feed(piece):
                    undone.append(len(part))
                    yield part

            def finish(self) -> None:
                self._coding.finish()

        monkeypatch.setattr("gonka_core.incoming.decoder", Watched)
        incoming = self.incoming(Limits(decompressed_bytes=100), content_encoding="deflate")
        with pytest.raises(LimitExceededError):
            incoming.keep(zlib.compress(bytes(10_000_000)))
        assert 100 < sum(undone) <= 100_000

    def test_what_goes_over_a_limit_is_let_go(self) -> None:
        incoming = self.incoming()
        incoming.keep(b"x" * 10)
        with pytest.raises(LimitExceededError):
            incoming.keep(b"x")
        assert incoming.answer().body == b""

    def test_pieces_of_one_byte_take_no_more_room_than_their_bytes(self) -> None:
        """A node can send millions of them."""
        incoming = self.incoming(Limits())
        tracemalloc.start()
        for _ in range(20_000):
            incoming.keep(b"x")
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert held < 40_000

    @pytest.mark.parametrize("missing", [3, 12])
    def test_a_body_that_breaks_off_inside_its_coding_is_none(self, missing: int) -> None:
        incoming = self.incoming(Limits(), content_encoding="gzip")
        incoming.keep(gzip.compress(b"hello")[:-missing])
        with pytest.raises(UnusableAnswerError, match="too early"):
            incoming.answer()

    def test_what_is_no_coding_is_told_by_name(self) -> None:
        with pytest.raises(UnusableAnswerError, match="encoded as 'br'"):
            self.incoming(content_encoding="br")
        incoming = self.incoming(Limits(), content_encoding="gzip")
        with pytest.raises(UnusableAnswerError, match="damaged"):
            incoming.keep(b"this is no gzip")


class TestHeaders:
    def test_headers_are_measured_together(self) -> None:
        check_headers({"a": "b" * 15, "c": "d" * 15}, SMALL, ENDPOINT, 200)
        with pytest.raises(LimitExceededError) as caught:
            check_headers({"a": "b" * 15, "c": "d" * 16}, SMALL, ENDPOINT, 200)
        assert (caught.value.limit, caught.value.allowed) == ("header_bytes", 40)

    def test_odd_characters_are_only_counted(self) -> None:
        check_headers({"a": "\ud800\xff"}, SMALL, ENDPOINT, 200)


VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


def depth_of(value: Any) -> int:
    if not isinstance(value, dict | list):
        return 0
    return 1 + max(map(depth_of, value.values() if isinstance(value, dict) else value), default=0)


class TestParseObject:
    @given(st.dictionaries(st.text(), VALUES, max_size=4), st.booleans())
    def test_an_object_reads_as_it_was_written(self, value: dict[str, Any], ascii_only: bool) -> None:
        data = json.dumps(value, ensure_ascii=ascii_only).encode("utf-8", "backslashreplace")
        assert parse_object(data) == json.loads(data)

    @given(st.dictionaries(st.text(alphabet='\\"[]{}a'), VALUES, max_size=4))
    def test_its_nesting_is_counted_exactly(self, value: dict[str, Any]) -> None:
        data, depth = json.dumps(value).encode(), depth_of(value)
        assert parse_object(data, Limits(json_depth=depth)) == value
        if depth > 1:
            with pytest.raises(OverLimitError):
                parse_object(data, Limits(json_depth=depth - 1))

    @pytest.mark.parametrize(
        "data",
        [
            b"",
            b"[]",
            b"null",
            b"7",
            b'"x"',
            b"{",
            b"}",
            b"{}{}",
            b'{"a":}',
            b"{'a':1}",
            b"\xff",
            b'{"a":"\xff"}',
            b"Paris",
        ],
    )
    def test_what_is_no_object_is_none(self, data: bytes) -> None:
        assert parse_object(data) is None

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
    def test_what_python_takes_for_numbers_and_json_does_not_is_refused(self, number: str) -> None:
        assert parse_object(f'{{"a":[{number}]}}'.encode()) is None
        assert parse_object(f'{{"a":["{number}"]}}'.encode()) == {"a": [number]}

    @pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32"])
    def test_other_encodings_of_unicode_are_not_guessed(self, encoding: str) -> None:
        assert parse_object('{"a":1}'.encode(encoding)) is None

    def test_a_byte_order_mark_is_passed_over(self) -> None:
        assert parse_object(b'\xef\xbb\xbf{"a":1}') == {"a": 1}

    def test_the_last_of_two_members_counts(self) -> None:
        assert parse_object(b'{"a":1,"a":2}') == {"a": 2}

    def test_integers_are_exact(self) -> None:
        assert parse_object(b'{"a":%d}' % 10**4000) == {"a": 10**4000}
        assert parse_object(b'{"a":' + b"9" * 100_000 + b"}") is None

    @pytest.mark.parametrize("bracket", [b"[", b'{"a":'])
    @pytest.mark.parametrize("levels", [100, 1_000_000])
    def test_nesting_without_end_is_refused_by_name(self, bracket: bytes, levels: int) -> None:
        with pytest.raises(OverLimitError) as caught:
            parse_object(b'{"a":' + bracket * levels)
        assert (caught.value.limit, caught.value.allowed) == ("json_depth", 64)

    def test_whoever_allows_any_depth_gets_no_traceback(self) -> None:
        assert parse_object(b'{"a":' * 1_000_000, Limits(json_depth=2_000_000)) is None

    def test_brackets_in_strings_are_no_nesting(self) -> None:
        text = '[{"' * 1000 + "\\" * 7
        assert parse_object(json.dumps({"a": text, text: "["}).encode(), Limits(json_depth=1)) is not None

    def test_a_number_too_large_for_a_float_is_a_number_all_the_same(self) -> None:
        value = parse_object(b'{"a":1e999}')
        assert value is not None
        assert math.isinf(value["a"])
