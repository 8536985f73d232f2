"""Wrong about signatures and the headers around them."""

from __future__ import annotations

from typing import Final

from gonka_mock_node import app, case

from . import signing as s
from .making import sabotaged, wrong_signature

SIGNATURES: Final = (
    wrong_signature("Deaf", "signature", "signature: it answered 401", "takes no signature", s.nothing_verifies),
    wrong_signature(
        "EitherScheme", "signature-scheme", "in the scheme raw", "takes both schemes", s.accepting(s.in_either_scheme)
    ),
    wrong_signature(
        "Stripped",
        "signature-body",
        "a space behind the signed body: it answered 404",
        "verifies the body without spaces around it",
        s.accepting(s.body_without_spaces),
    ),
    wrong_signature(
        "TimestampUnsigned",
        "signature-timestamp",
        "not signed: it answered 404",
        "takes a signature without the timestamp",
        s.accepting(s.without_timestamp),
    ),
    wrong_signature(
        "ProviderUnsigned",
        "signature-provider",
        "for no provider: it answered 404",
        "takes a signature for no provider",
        s.accepting(s.without_provider),
    ),
    wrong_signature("AnyKey", "signature-key", "another key: it answered 404", "any key", s.accepting(s.by_anybody)),
    wrong_signature("AnyS", "signature-low-s", "above n/2: it answered 404", "any s", s.accepting(s.with_any_s)),
    wrong_signature(
        "FillsUp", "signature-length", "63 bytes.*: it answered 404", "fills up short ones", s.accepting(s.filled_up)
    ),
    wrong_signature(
        "CutsOff", "signature-length", "65 bytes.*: it answered 404", "cuts off long ones", s.accepting(s.cut_off)
    ),
    sabotaged(
        "OwnAddressOnly",
        "transfer-address",
        "that the header names: it answered 401",
        "does not know X-Transfer-Address",
        patches=[(app, "_arrived", s.own_address_only)],
    ),
    wrong_signature(
        "UrlSafe", "base64", "URL-safe alphabet: it answered 404", "reads any base64", s.accepting(s.in_lenient_base64)
    ),
    wrong_signature("OneWord", "base64", 'PubKey:invalid signature" where', "one word for everything", s.one_word),
    wrong_signature(
        "CanonicalOnly",
        "base64-spare-bits",
        "spare bits: it answered 401",
        "is strict about spare bits",
        s.canonical_base64_only,
    ),
    sabotaged(
        "PlainDigits",
        "timestamp-text",
        "X-Timestamp: 0.*: it answered 401",
        "refuses leading zeros",
        patches=[(case, "parse_int64", s.plain_digits_only)],
    ),
    sabotaged(
        "PythonDigits",
        "timestamp-text",
        "X-Timestamp: 1_000.*: it answered 401",
        "reads underscores in numbers",
        patches=[(case, "parse_int64", s.as_python_reads)],
    ),
    sabotaged(
        "LastHeader",
        "first-header",
        "another X-Timestamp behind the right one: it answered 401",
        "the last of several headers counts",
        patches=[(app, "_arrived", s.last_header)],
    ),
)
