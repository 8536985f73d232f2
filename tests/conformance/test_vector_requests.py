"""Messages, digests, signatures and headers: the core, the oracle, the node and every signer agree with the files."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from gonka_conformance import oracle, vectors
from gonka_conformance.vectors import BearerVector, HeadersVector, MessageVector
from gonka_core import Endpoint, PrivateKey, canonical, sign_request
from gonka_core.address import address_of
from gonka_core.request import bearer_body, headers
from gonka_core.resolve import signer
from gonka_mock_node.verification import SignatureError, message_digest, require_signature
from vector_tool import agreement, published

MESSAGES = [pytest.param(vector, id=vector.id) for vector in vectors.messages()]
HEADERS = [pytest.param(vector, id=vector.id) for vector in vectors.headers()]
PAGE = (Path(__file__).parents[2] / "docs" / "protocol.md").read_text(encoding="utf-8")


def flipped(data: bytes) -> bytes:
    """The same but for the lowest bit of its middle byte."""
    at = len(data) // 2
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def parts(vector: MessageVector | HeadersVector) -> tuple[Any, bytes, int, str]:
    return vector.scheme, vector.body, vector.timestamp_ns, vector.provider_address


def check_message(vector: MessageVector | HeadersVector) -> None:
    """Three builders of the message, and three of the digest."""
    assert vector.message == canonical.message(*parts(vector)) == oracle.message(*parts(vector))
    digests = {build(*parts(vector)) for build in (canonical.digest, oracle.digest, message_digest)}
    assert digests == {vector.digest}


def check_headers(vector: HeadersVector) -> None:
    """The request as the core makes it, with the key's own address."""
    endpoint = Endpoint("http://host", vector.provider_address)
    key = signer("coincurve", lambda: PrivateKey(vector.private_key))
    made = sign_request(vector.body, endpoint, key, scheme=vector.scheme, timestamp_ns=vector.timestamp_ns)
    assert made.headers == vector.headers
    assert (made.message, made.digest, made.signature) == (vector.message, vector.digest, vector.r + vector.s)
    assert made.signature == vector.signature
    assert key.public_key == vector.public_key
    assert address_of(vector.public_key) == vector.requester_address == made.requester_address


def check_agreement(vector: HeadersVector) -> None:
    """Every implementation by itself, then the two judges."""
    signatures = {name: sign(vector.private_key, vector.digest) for name, sign in agreement.SIGNERS.items()}
    assert signatures == dict.fromkeys(agreement.SIGNERS, vector.signature)
    keys = {name: derive(vector.private_key) for name, derive in agreement.KEYS.items()}
    assert keys == dict.fromkeys(agreement.KEYS, vector.public_key)
    assert vector.low_s_normalised == agreement.was_high(vector.private_key, vector.digest)
    authorization = vector.headers["Authorization"]
    assert oracle.wire_flaw(vector.public_key, vector.digest, authorization) is None
    try:
        require_signature(vector.public_key, vector.digest, authorization)
    except SignatureError as error:
        raise AssertionError(str(error)) from None


def check_bearer(vector: BearerVector) -> None:
    request = bearer_body(vector.body, Endpoint.broker("https://broker", vector.api_key))
    assert request.headers == vector.headers
    assert request.body == vector.body


@pytest.mark.parametrize("vector", MESSAGES)
def test_messages(vector: MessageVector) -> None:
    check_message(vector)


@pytest.mark.parametrize("vector", HEADERS)
def test_headers(vector: HeadersVector) -> None:
    check_message(vector)
    check_headers(vector)


@pytest.mark.parametrize("vector", HEADERS)
def test_implementations_agree(vector: HeadersVector) -> None:
    assert {"python-ecdsa", "coincurve", "cryptography"} < set(agreement.SIGNERS)
    check_agreement(vector)


def test_headers_of_a_broker() -> None:
    (vector,) = vectors.bearer_headers()
    check_bearer(vector)
    for name in vector.headers:
        with pytest.raises(AssertionError):
            check_bearer(replace(vector, headers={**vector.headers, name: "x"}))


@pytest.mark.parametrize("member", ["body", "message", "digest", "provider_address", "timestamp_ns", "scheme"])
@pytest.mark.parametrize("vector", [MESSAGES[0], MESSAGES[-1]])
def test_an_altered_message_is_found(vector: MessageVector, member: str) -> None:
    with pytest.raises(AssertionError):
        check_message(altered(vector, member))


@pytest.mark.parametrize(
    ("member", "check"),
    [
        ("private_key", check_agreement),
        ("private_key", check_headers),
        ("public_key", check_headers),
        ("public_key", check_agreement),
        ("body", check_headers),
        ("timestamp_ns", check_headers),
        ("provider_address", check_headers),
        ("requester_address", check_headers),
        ("message", check_headers),
        ("digest", check_headers),
        ("digest", check_agreement),
        ("low_s_normalised", check_agreement),
        ("r", check_headers),
        ("s", check_headers),
        ("signature", check_headers),
        ("signature", check_agreement),
    ],
)
@pytest.mark.parametrize("vector", [HEADERS[0], HEADERS[-1]])
def test_an_altered_request_is_found(
    vector: HeadersVector, member: str, check: Callable[[HeadersVector], None]
) -> None:
    with pytest.raises(AssertionError):
        check(altered(vector, member))


def altered(vector: Any, member: str) -> Any:
    """The vector with one thing in it that is wrong."""
    value = getattr(vector, member)
    other = {"raw": "hash", "hash": "raw", published.PROVIDER: published.PROVIDERS[1]}
    if isinstance(value, bytes):
        return replace(vector, **{member: flipped(value)})
    if isinstance(value, bool):
        return replace(vector, **{member: not value})
    if isinstance(value, int):
        return replace(vector, **{member: value + 1})
    return replace(vector, **{member: other.get(value, published.PROVIDER)})


@pytest.mark.parametrize("name", ["Authorization", "X-Timestamp", "X-Requester-Address", "Content-Type"])
def test_an_altered_header_is_found(name: str) -> None:
    vector = vectors.headers()[0]
    with pytest.raises(AssertionError):
        check_headers(replace(vector, headers={**vector.headers, name: "x"}))


def test_signatures_are_those_that_the_wire_page_prints() -> None:
    marked = [vector for vector in vectors.headers() if "published" in vector.flags]
    assert len(marked) == 14
    for vector in marked:
        assert base64.b64encode(vector.signature).decode() in PAGE, vector.id


def test_addresses_are_those_of_the_known_answers() -> None:
    known = {vector.private_key: vector.address for vector in vectors.addresses()}
    shared = [vector for vector in vectors.headers() if vector.private_key in known]
    assert len(shared) >= 8
    assert all(vector.requester_address == known[vector.private_key] for vector in shared)


def test_flags_say_what_holds() -> None:
    for vector in vectors.headers():
        assert ("short-r" in vector.flags) == (vector.r[0] == 0)
        assert ("short-s" in vector.flags) == (vector.s[0] == 0)
        assert ("low-s" in vector.flags) == vector.low_s_normalised
        assert headers(vector.signature, vector.requester_address, vector.timestamp_ns) == vector.headers


def test_implementations_that_disagree_write_nothing() -> None:
    with pytest.raises(agreement.DisagreementError, match="'one': '01', 'other': '02'"):
        agreement.agreed({"one": b"\x01", "other": b"\x02"})
    assert agreement.agreed({"one": b"\x01", "other": b"\x01"}) == b"\x01"
