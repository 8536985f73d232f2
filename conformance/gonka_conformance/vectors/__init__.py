"""The vectors of the kit: JSON files for any language, and here as frozen records.

Six files are known answers, on which independent implementations agreed before the kit existed (`known`); the others
are made by the kit's own tool. `docs/vectors.md` says what each file holds. Keys in them are published; a record still
shows none in its `repr`, so that no report quotes one by accident.
"""

from __future__ import annotations

from .answers import (
    Ending,
    ErrorKind,
    ErrorVector,
    StreamedAnswer,
    StreamEvent,
    StreamVector,
    error_kinds,
    errors,
    streams,
)
from .files import CATEGORIES, FORMAT, NAMES, OWN_NAMES, SCHEMA, categories, fingerprint
from .known import (
    AddressVector,
    Bech32Vector,
    Freshness,
    KeyFormatVector,
    Scheme,
    SignVector,
    TimestampVector,
    Verdict,
    VerifyVector,
    addresses,
    bech32,
    key_formats,
    signatures,
    timestamps,
    verifications,
)
from .network import (
    EnvironmentVector,
    ListedEndpoint,
    ParticipantsVector,
    ProofOperation,
    ProofVector,
    UrlVector,
    environments,
    participants,
    proofs,
    urls,
)
from .requests import BearerVector, HeadersVector, MessageVector, bearer_headers, headers, messages

__all__ = [
    "CATEGORIES",
    "FORMAT",
    "NAMES",
    "OWN_NAMES",
    "SCHEMA",
    "AddressVector",
    "BearerVector",
    "Bech32Vector",
    "Ending",
    "EnvironmentVector",
    "ErrorKind",
    "ErrorVector",
    "Freshness",
    "HeadersVector",
    "KeyFormatVector",
    "ListedEndpoint",
    "MessageVector",
    "ParticipantsVector",
    "ProofOperation",
    "ProofVector",
    "Scheme",
    "SignVector",
    "StreamEvent",
    "StreamVector",
    "StreamedAnswer",
    "TimestampVector",
    "UrlVector",
    "Verdict",
    "VerifyVector",
    "addresses",
    "bearer_headers",
    "bech32",
    "categories",
    "environments",
    "error_kinds",
    "errors",
    "fingerprint",
    "headers",
    "key_formats",
    "messages",
    "participants",
    "proofs",
    "signatures",
    "streams",
    "timestamps",
    "urls",
    "verifications",
]
