"""With orjson and without: the same bytes out, the same values in, the same refusals."""

from __future__ import annotations

import enum
import json
import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from gonka_core import PayloadError, jsontext
from gonka_core.request import encode

leaves = st.one_of(
    st.none(), st.booleans(), st.integers(), st.integers(-(2**65), 2**65), st.floats(), st.text(), st.characters()
)
keys = st.text(max_size=5)
values = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys, inner, max_size=4), max_leaves=20
)
payloads = st.dictionaries(keys, values, max_size=5)
texts = st.one_of(
    values.map(json.dumps),
    values.map(lambda value: json.dumps(value, ensure_ascii=False, indent=1)),
    st.text(alphabet='0123456789.eE+-[]{}",: \\\\ud8dcNaInfity\ufeff\u2028', max_size=40),
    st.text(),
).map(lambda text: text.encode("utf-8", "surrogatepass"))


class Level(enum.StrEnum):
    HIGH = "high"


@contextmanager
def without_orjson() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(jsontext, "_orjson", lambda: None)
        yield


def outcome(work: Callable[[], Any], *refusals: type[Exception]) -> Any:
    """The result, floats by their text so that NaN is equal to itself; or the class of the refusal."""
    try:
        return repr(work())
    except refusals as error:
        return type(error)


def test_orjson_is_what_is_tested_here() -> None:
    assert jsontext._orjson() is orjson


@given(payloads)
@example({"a": 1e-05, "b": 1e16, "c": -0.0, "d": 5e-324})
@example({"a": 2**64 - 1, "b": -(2**63), "c": 2**64})
@example({"level": Level.HIGH, "deep": [[["\u2028\x7f\x00\x1f\ud7ff"]]]})
def test_the_bytes_are_the_same(payload: dict[str, Any]) -> None:
    fast = outcome(lambda: encode(payload), PayloadError)
    with without_orjson():
        assert fast == outcome(lambda: encode(payload), PayloadError)


@given(texts)
@example(b"18446744073709551616")
@example(b'{"created": -9223372036854775809}')
@example(b'{"a": "1234567890123456789012345"}')
@example(b"1e400")
@example(b'"\\ud800"')
@example("\ufeff{}".encode())
@example(b"NaN")
@example(b'{"a":1,"a":2}')
@example(b'"\xff"')
@example(b"[" * 2000 + b"]" * 2000)
def test_the_values_are_the_same(data: bytes) -> None:
    fast = outcome(lambda: jsontext.loads(data), ValueError, RecursionError)
    with without_orjson():
        slow = outcome(lambda: jsontext.loads(data), ValueError, RecursionError)
    assert _refused(fast) == _refused(slow)


def _refused(found: Any) -> Any:
    """Which kind of ValueError it was is nobody's business."""
    return "refused" if isinstance(found, type) else found


@given(values)
def test_what_was_written_is_read(value: Any) -> None:
    try:
        written = jsontext.dumps(value)
    except (TypeError, ValueError):
        return
    assert repr(jsontext.loads(written)) == repr(value)


@pytest.mark.parametrize("value", [math.nan, 1e-05, 2**64, Level.HIGH, (1,), {"a": {1}}], ids=repr)
def test_what_orjson_writes_otherwise_is_not_given_to_it(value: Any) -> None:
    assert not jsontext.written_alike(value) or isinstance(value, dict)


def test_a_subclass_of_a_payload_s_types_is_written_by_the_standard_library() -> None:
    class Loud(str):
        def __str__(self) -> str:
            return self.upper()

    assert encode({"content": Loud("quiet")}) == b'{"content":"quiet"}'


def test_what_orjson_would_write_and_json_does_not_is_refused() -> None:
    import datetime
    import uuid

    for value in (datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC), uuid.UUID(int=1)):
        with pytest.raises(PayloadError):
            encode({"content": value})
