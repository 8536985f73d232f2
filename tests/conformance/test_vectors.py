"""The known answers are all read, and their payloads are rebuilt to the stated bytes."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest

from gonka_conformance import vectors
from gonka_conformance.payloads import rebuild
from gonka_conformance.vectors import files


def described(payload: bytes, **description: Any) -> dict[str, Any]:
    return {**description, "length": len(payload), "sha256": hashlib.sha256(payload).hexdigest()}


@pytest.mark.parametrize(
    ("payload", "description"),
    [
        ("Привет 🌍".encode(), {"encoding": "utf8", "value": "Привет 🌍"}),
        (b"\x00\xff", {"encoding": "base64", "value": "AP8="}),
        (b"abab", {"encoding": "repeat", "unit_hex": "6162", "count": 2}),
        (
            (hashlib.sha256(b"s\0\0\0\0").digest() + hashlib.sha256(b"s\0\0\0\x01").digest())[:40],
            {"encoding": "sha256-ctr", "seed": "s"},
        ),
        (
            b"<aaa>",
            {
                "encoding": "wrap",
                "prefix": "<",
                "suffix": ">",
                "inner": {"encoding": "repeat", "unit_hex": "61", "count": 3},
            },
        ),
    ],
)
def test_every_encoding_is_rebuilt(payload: bytes, description: dict[str, Any]) -> None:
    assert rebuild(described(payload, **description)) == payload


def test_a_payload_that_is_not_the_stated_one_is_refused() -> None:
    right = described(b"abc", encoding="utf8", value="abc")
    with pytest.raises(ValueError, match="3 bytes where 4"):
        rebuild({**right, "length": 4})
    with pytest.raises(ValueError, match="SHA-256"):
        rebuild({**right, "value": "abd"})
    with pytest.raises(ValueError, match="unknown payload encoding 'rot13'; there are: utf8"):
        rebuild({**right, "encoding": "rot13"})


def test_every_file_is_read_whole() -> None:
    counts = [
        len(read())
        for read in (
            vectors.addresses,
            vectors.bech32,
            vectors.key_formats,
            vectors.signatures,
            vectors.timestamps,
            vectors.verifications,
        )
    ]
    assert counts == [14, 29, 10, 63, 25, 328]


def test_every_file_of_the_kit_is_read_whole() -> None:
    read = {
        "message": len(vectors.messages()),
        "headers": len(vectors.headers()) + len(vectors.bearer_headers()),
        "sse": len(vectors.streams()),
        "errors": len(vectors.errors()),
        "endpoints": len(vectors.urls()) + len(vectors.environments()) + len(vectors.participants()),
        "ics23": len(vectors.proofs()),
    }
    assert tuple(read) == vectors.OWN_NAMES
    assert read == {name: files.document(name)["count"] for name in vectors.OWN_NAMES}


def test_a_file_of_another_generation_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "SCHEMA", "gonka-interop-vectors/2")
    with pytest.raises(ValueError, match="this kit reads 'gonka-interop-vectors/2'"):
        vectors.bech32.__wrapped__()
    monkeypatch.setattr(files, "FORMAT", "gonka-conformance-vectors/2")
    with pytest.raises(ValueError, match="this kit reads 'gonka-conformance-vectors/2'"):
        vectors.messages.__wrapped__()


@pytest.mark.parametrize("name", ["bech32", "sse"])
def test_a_file_with_a_vector_less_is_refused(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    found = files.document(name)
    shorter = json.dumps({**found, "vectors": found["vectors"][1:]}).encode()
    monkeypatch.setattr(files, "content", lambda _: shorter)
    with pytest.raises(ValueError, match=f"holds {found['count'] - 1} vectors where {found['count']} are stated"):
        files.vectors_of(name)


def test_parts_of_a_signature_vector_belong_together() -> None:
    for vector in vectors.signatures():
        assert base64.b64decode(vector.signature) == vector.r + vector.s, vector.id


def test_no_record_shows_a_key() -> None:
    of_addresses = [(vector.private_key, repr(vector)) for vector in vectors.addresses()]
    of_signatures = [(vector.private_key, repr(vector)) for vector in vectors.signatures()]
    of_headers = [(vector.private_key, repr(vector)) for vector in vectors.headers()]
    for secret, shown in (*of_addresses, *of_signatures, *of_headers):
        assert secret.hex() not in shown
        assert repr(secret) not in shown
    for text in vectors.key_formats():
        assert text.private_key not in repr(text)
    for vector in vectors.bearer_headers():
        assert vector.api_key not in repr(vector)
    for environment in vectors.environments():
        assert "sk-" not in repr(environment)


def test_the_fingerprint_is_of_the_files() -> None:
    assert len(vectors.fingerprint()) == 64
    assert vectors.fingerprint.__wrapped__() == vectors.fingerprint()
