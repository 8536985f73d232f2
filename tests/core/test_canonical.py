"""The signed bytes, against known answers and against their own definition."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_core import canonical
from gonka_core.errors import ConfigurationError

SCHEMES = st.sampled_from(canonical.SCHEMES)
PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"


def test_raw_is_body_timestamp_address() -> None:
    assert canonical.message("raw", b'{"a":1}', 1766422712000000000, PROVIDER) == (
        b'{"a":1}1766422712000000000gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le'
    )


def test_hash_is_the_hex_digest_of_the_body_timestamp_address() -> None:
    body = b'{"model":"test","messages":[{"role":"user","content":"hello"}]}'
    assert canonical.message("hash", body, 1766422712000000000, PROVIDER) == (
        b"78600b38bc92ea314c98ab5eff71f8f004515c66f4211de77ca0f00d565a6b8d"
        b"1766422712000000000gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
    )


def test_the_smallest_timestamp_is_signed() -> None:
    assert canonical.message("raw", b"x", 1, PROVIDER) == b"x1" + PROVIDER.encode()


@pytest.mark.parametrize("timestamp", [0, -1, -(2**63)])
def test_a_timestamp_that_is_not_above_zero_is_left_out(timestamp: int) -> None:
    assert canonical.message("raw", b"x", timestamp, PROVIDER) == b"x" + PROVIDER.encode()


@given(SCHEMES, st.binary(), st.integers(-(2**63), 2**63 - 1), st.text(max_size=60))
def test_the_digest_is_that_of_the_message(
    scheme: canonical.Scheme, body: bytes, timestamp: int, provider: str
) -> None:
    try:
        provider.encode()
    except UnicodeEncodeError:
        return
    message = canonical.message(scheme, body, timestamp, provider)
    assert canonical.digest(scheme, body, timestamp, provider) == hashlib.sha256(message).digest()


@pytest.mark.parametrize("function", [canonical.message, canonical.digest])
def test_another_scheme_is_refused(function: object) -> None:
    with pytest.raises(ConfigurationError, match="'raw' or 'hash'"):
        function("keccak", b"", 1, PROVIDER)  # type: ignore[operator]


@given(
    st.lists(
        st.tuples(st.sampled_from(canonical.SCHEMES), st.integers(-1, 2**63 - 1), st.text(max_size=50)), min_size=1
    ),
    st.binary(max_size=300),
    st.booleans(),
)
def test_a_body_hashed_once_has_the_digests_of_one_hashed_each_time(
    attempts: list[tuple[canonical.Scheme, int, str]], body: bytes, prepared: bool
) -> None:
    hashed = canonical.HashedBody(body)
    if prepared:
        hashed.prepare()
    for scheme, timestamp, provider in attempts:
        wanted = canonical.digest(scheme, body, timestamp, provider)
        assert hashed.digest(scheme, timestamp, provider) == wanted


def test_a_body_is_hashed_once_for_all_attempts(monkeypatch: pytest.MonkeyPatch) -> None:
    body, long = b"x" * 100_000, []
    whole = hashlib.sha256

    def counting(data: bytes) -> Any:
        long.extend([data] if len(data) > 1_000 else [])
        return whole(data)

    monkeypatch.setattr(canonical.hashlib, "sha256", counting)
    hashed = canonical.HashedBody(body)
    for timestamp in range(1, 6):
        for scheme in canonical.SCHEMES:
            hashed.digest(scheme, timestamp, PROVIDER)
    assert long == [body]
