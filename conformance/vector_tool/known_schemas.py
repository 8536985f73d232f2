"""Schemas of the known answers, which are kept as they were given."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gonka_conformance.vectors.files import SCHEMA

from .schema import (
    ADDRESS,
    BASE64,
    BOOL,
    COUNT,
    DECIMAL,
    HEX,
    HEX32,
    HEX33,
    SCHEME,
    SIGNATURE,
    TEXT,
    WORDS,
    Schema,
    array,
    either,
    headed,
    mapping,
    one_of,
    record,
)

_VERDICT: Final = one_of(("accept", "reject"))
_FRESHNESS: Final = one_of(("ok", "too_old", "in_future"))
_ANY_ADDRESS: Final[Schema] = {"type": "string", "pattern": "^[a-z]+1[02-9ac-hj-np-z]+$"}
_BYTES: Final[Mapping[str, Mapping[str, Schema]]] = {
    "utf8": {"value": TEXT},
    "base64": {"value": BASE64},
    "repeat": {"unit_hex": HEX, "count": COUNT},
    "sha256-ctr": {"seed": TEXT},
}
_CHECKED: Final[Mapping[str, Schema]] = {"length": COUNT, "sha256": HEX32}
_INNER: Final = record({"encoding": {"const": "repeat"}, **_BYTES["repeat"]})
_PAYLOAD: Final = either(
    *(record({"encoding": {"const": name}, **members, **_CHECKED}) for name, members in _BYTES.items()),
    record({"encoding": {"const": "wrap"}, "prefix": TEXT, "inner": _INNER, "suffix": TEXT, **_CHECKED}),
)
_REQUEST: Final[Mapping[str, Schema]] = {
    "public_key_hex": HEX33,
    "requester_address": ADDRESS,
    "scheme": SCHEME,
    "payload": _PAYLOAD,
    "timestamp_ns": DECIMAL,
    "signature": TEXT,
}
_VECTORS: Final[Mapping[str, tuple[Mapping[str, Schema], Mapping[str, Schema]]]] = {
    "address": (
        {
            "name": WORDS,
            "private_key_hex": HEX32,
            "public_key_hex": HEX33,
            "public_key_b64": BASE64,
            "address": ADDRESS,
        },
        {},
    ),
    "bech32": ({"address": TEXT, "expected": _VERDICT, "note": TEXT, "others": mapping(_VERDICT)}, {}),
    "keyformat": ({"private_key": TEXT, "expected": _VERDICT}, {"address": ADDRESS}),
    "sign": (
        {
            **_REQUEST,
            "provider_address": _ANY_ADDRESS,
            "private_key_hex": HEX32,
            "message_sha256": HEX32,
            "signature": SIGNATURE,
            "r_hex": HEX32,
            "s_hex": HEX32,
            "low_s_normalised": BOOL,
        },
        {"provider_may_be_refused": BOOL},
    ),
    "timestamp": (
        {
            "now_ns": DECIMAL,
            "timestamp_ns": DECIMAL,
            "expiration_s": COUNT,
            "advance_s": COUNT,
            "expected": _FRESHNESS,
            "node": _FRESHNESS,
            "note": TEXT,
        },
        {},
    ),
    "verify": (
        {**_REQUEST, "provider_address": ADDRESS, "reason": WORDS, "expected": _VERDICT, "node": _VERDICT},
        {"divergent": BOOL},
    ),
}
"""Members of a vector, required and optional, beside its id and category."""


def schema(name: str, title: str) -> dict[str, Any]:
    """The schema of one of the known answers."""
    required, optional = _VECTORS[name]
    head: dict[str, Schema] = {"id": {"type": "string", "pattern": f"^{name}-[0-9a-f]{{10}}$"}, "category": WORDS}
    members: dict[str, Schema] = {
        "schema": {"const": SCHEMA},
        "file": {"const": name},
        "title": WORDS,
        "half": WORDS,
        "count": COUNT,
        "agreed_by": array(WORDS),
        "verified_by": array(WORDS),
        "vectors": array(record({**head, **required}, optional)),
    }
    return headed(name, title, record(members))
