"""From a payload to a `SignedRequest`."""

from __future__ import annotations

import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gonka_conformance import vectors
from gonka_conformance.vectors import SignVector
from gonka_core import (
    AddressMismatchError,
    ConfigurationError,
    Endpoint,
    PayloadError,
    PrivateKey,
    SigningError,
    sign_request,
)
from gonka_core.keys import ORDER
from gonka_core.request import encode, reading, sign, wire_form
from gonka_core.resolve import signer

PROVIDER = "gonka1y2a9p56kv044327uycmqdexl7zs82fs5ryv5le"
ENDPOINT = Endpoint("http://host:8000", PROVIDER)
SIGNER = signer("auto", lambda: PrivateKey((1).to_bytes(32, "big")))
HELLO = {"model": "test", "messages": [{"role": "user", "content": "hello"}]}

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


class TestEncoding:
    def test_compact_utf8_in_the_order_given(self) -> None:
        assert encode({"b": "Привет 🌍", "a": [1, 2.5, None, True]}) == (
            '{"b":"Привет 🌍","a":[1,2.5,null,true]}'.encode()
        )

    @given(st.binary())
    def test_bytes_are_untouched(self, body: bytes) -> None:
        assert encode(body) == encode(body, stream=True) == encode(body, stream=False) == body

    @given(st.dictionaries(st.text(), JSON, max_size=5))
    def test_a_mapping_reads_back(self, payload: dict[str, Any]) -> None:
        try:
            json.dumps(payload, ensure_ascii=False).encode()
        except UnicodeEncodeError:
            with pytest.raises(PayloadError, match="surrogate"):
                encode(payload)
            return
        assert json.loads(encode(payload)) == payload

    @pytest.mark.parametrize(
        "payload",
        [
            {"temperature": float("nan")},
            {"temperature": float("inf")},
            {"content": {1, 2}},
            {"content": b"bytes"},
            {"content": object()},
            {1: "one"},
            {"messages": [{None: "x"}]},
            {"content": "\ud800"},
        ],
        ids=["nan", "infinity", "set", "bytes", "object", "int key", "None key", "half a surrogate pair"],
    )
    def test_what_json_cannot_say_is_refused(self, payload: dict[Any, Any]) -> None:
        with pytest.raises(PayloadError) as caught:
            encode(payload)
        assert caught.value.next_step

    @pytest.mark.parametrize("payload", ["{}", None, 1, [("a", 1)], bytearray(b"{}")], ids=repr)
    def test_only_mappings_and_bytes(self, payload: Any) -> None:
        with pytest.raises(PayloadError, match="mapping or bytes"):
            encode(payload)

    def test_cycles_and_depth_are_refused(self) -> None:
        cycle: dict[str, Any] = {}
        cycle["self"] = cycle
        deep: Any = "x"
        for _ in range(100_000):
            deep = [deep]
        for payload in (cycle, {"deep": deep}):
            with pytest.raises(PayloadError):
                encode(payload)

    def test_a_stream_is_asked_for_where_nothing_is_said(self) -> None:
        assert json.loads(encode({"model": "m"}, stream=True)) == {"model": "m", "stream": True}
        assert json.loads(encode({"model": "m", "stream": None}, stream=True)) == {"model": "m", "stream": True}
        assert json.loads(encode({"model": "m"}, stream=False)) == {"model": "m"}

    @pytest.mark.parametrize("stream", [True, False])
    def test_asking_for_the_other_kind_is_refused(self, stream: bool) -> None:
        with pytest.raises(PayloadError, match="chat" if stream else "stream"):
            encode({"stream": not stream}, stream=stream)

    def test_the_mapping_given_is_not_changed(self) -> None:
        payload = {"model": "m"}
        encode(payload, stream=True)
        assert payload == {"model": "m"}


class TestSigning:
    @pytest.mark.parametrize("vector", vectors.signatures(), ids=lambda vector: vector.id)
    @pytest.mark.parametrize("name", ["ecdsa", "coincurve", "cryptography"])
    def test_sign_vectors(self, name: str, vector: SignVector) -> None:
        holder = signer(name, lambda: PrivateKey(vector.private_key))
        digest, signature = sign(
            vector.payload,
            scheme=vector.scheme,
            timestamp_ns=vector.timestamp_ns,
            provider_address=vector.provider_address,
            signer=holder,
        )
        assert digest == vector.digest
        assert wire_form(signature) == vector.signature
        assert signature == vector.r + vector.s

    def test_the_four_headers(self) -> None:
        request = sign_request(HELLO, ENDPOINT, SIGNER, scheme="hash", timestamp_ns=1766422712000000000)
        assert dict(request.headers) == {
            "Content-Type": "application/json",
            # `protocol.md` §12.2, K1/B2/hash.
            "Authorization": "iHlDcPNlkj+pYlXXq9uSsmx4WX7nzsaVC6sHqe2+/QkLHcU2TNcg6XxH2xAJ3cVLvfk0Ql4lQ7fwwkax9I4yNg==",
            "X-Requester-Address": "gonka1w508d6qejxtdg4y5r3zarvary0c5xw7k2gsyg6",
            "X-Timestamp": "1766422712000000000",
        }
        assert request.digest.hex() == "dfb7e525f41a24601ddef1c4c1620a32a616a0082ea7cd9f7dce2f9d52d34212"
        assert request.url == "http://host:8000/v1/chat/completions"
        assert request.method == "POST"

    def test_intermediate_values_lead_to_the_signature(self) -> None:
        request = sign_request(b"\x00\xff", ENDPOINT, SIGNER, timestamp_ns=7)
        assert request.body == b"\x00\xff"
        assert request.message == b"\x00\xff7" + PROVIDER.encode()
        assert SIGNER.sign_digest(request.digest) == request.signature

    def test_raw_is_the_default_and_the_clock_is_drawn(self) -> None:
        first, second = (sign_request(HELLO, ENDPOINT, SIGNER) for _ in range(2))
        assert first.scheme == "raw"
        assert first.timestamp_ns < second.timestamp_ns

    @pytest.mark.parametrize("timestamp", [0, -1, 2**63])
    def test_a_timestamp_outside_int64_is_refused(self, timestamp: int) -> None:
        with pytest.raises(PayloadError, match="nanoseconds"):
            sign_request(HELLO, ENDPOINT, SIGNER, timestamp_ns=timestamp)

    def test_an_address_of_another_account_is_refused(self) -> None:
        with pytest.raises(AddressMismatchError, match="does not belong"):
            sign_request(HELLO, ENDPOINT, SIGNER, address=PROVIDER)

    def test_an_unknown_scheme_is_refused(self) -> None:
        with pytest.raises(ConfigurationError, match="'raw' or 'hash'"):
            sign_request(HELLO, ENDPOINT, SIGNER, scheme="auto")  # type: ignore[arg-type]

    def test_a_request_is_frozen_and_shows_neither_prompt_nor_signature(self) -> None:
        request = sign_request(HELLO, ENDPOINT, SIGNER)
        with pytest.raises(dataclasses.FrozenInstanceError):
            request.body = b""  # type: ignore[misc]
        assert "hello" not in repr(request)
        assert request.headers["Authorization"] not in repr(request)


class TestBadSigners:
    GOOD = SIGNER.sign_digest(bytes(32))

    @pytest.mark.parametrize(
        "signature",
        [
            b"",
            GOOD[:63],
            GOOD + b"\x00",
            bytearray(GOOD),
            GOOD.hex(),
            None,
            GOOD[:32] + (ORDER - int.from_bytes(GOOD[32:], "big")).to_bytes(32, "big"),
        ],
        ids=["empty", "63 bytes", "65 bytes", "bytearray", "text", "none", "high s"],
    )
    def test_what_is_no_signature_is_never_sent(self, signature: Any) -> None:
        class Bad:
            public_key = SIGNER.public_key

            def sign_digest(self, digest: bytes, /) -> Any:
                return signature

        with pytest.raises(SigningError, match="gonka conformance signer"):
            sign_request(HELLO, ENDPOINT, Bad())

    def test_a_public_key_that_is_none_is_refused(self) -> None:
        class Bad:
            public_key = bytes(65)

            def sign_digest(self, digest: bytes, /) -> bytes:
                return TestBadSigners.GOOD

        with pytest.raises(SigningError, match="no usable public key"):
            sign_request(HELLO, ENDPOINT, Bad())


@pytest.mark.parametrize(
    ("url", "asked"),
    [
        ("https://host:8443/v1", "https://host:8443/chain-rpc/status"),
        ("http://host/gonka", "http://host/gonka/chain-rpc/status"),
    ],
    ids=["root", "path"],
)
def test_a_route_is_read_beside_v1_without_credentials(url: str, asked: str) -> None:
    request = reading(Endpoint(url, PROVIDER), "/chain-rpc/status")
    assert (request.method, request.url, request.body, dict(request.headers)) == ("GET", asked, b"", {})
