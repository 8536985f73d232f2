"""`headers.json`: from key and request to the headers as they are sent (`protocol.md` §1.1, §1.5, §11.3)."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any, Final, TypeAlias

from gonka_conformance.vectors import Scheme

from . import agreement
from .message_vectors import SCHEMES, fields
from .outline import Flag, Vector, VectorFile, text_and_hex
from .published import ADDRESS_OF, B1, B2, B3, B4, B5, B6, K1, K2, PROVIDER, PROVIDERS, TIMESTAMP_NS
from .schema import ADDRESS, BOOL, DECIMAL, HEX, HEX32, HEX33, HEX64, SCHEME, SIGNATURE, TEXT, WORDS, either, record

FLAGS: Final = {
    "published": Flag("The signature is printed in protocol.md §12.2.", "Any step that is wrong, from the start."),
    "unicode": Flag("The body has characters beyond ASCII, or escapes.", "Encoding the body twice on its way."),
    "empty-body": Flag("No bytes at all.", "A request without a body that goes out unsigned."),
    "short-r": Flag("r begins with a zero byte.", "r written without padding: 63 bytes in one of 256 requests."),
    "short-s": Flag("s begins with a zero byte.", "s written without padding: 63 bytes in one of 128 requests."),
    "low-s": Flag(
        "ECDSA yields s above n/2, and n - s is sent.", "A library that leaves s as it is: every second request fails."
    ),
    "edge-key": Flag("A key at the edge of the group.", "Keys parsed as signed numbers, or without leading zeros."),
    "no-timestamp-padding": Flag(
        "A short timestamp is sent as it is.", "`X-Timestamp` in another spelling than the one that was signed."
    ),
    "bearer": Flag(
        "A broker: an API key, two headers and no signature.", "Signing for a broker, or sending it the `X-` headers."
    ),
}
API_KEY: Final = "sk-published-and-worthless"

_EDGE_KEYS: Final = {
    "2": ((2).to_bytes(32, "big"), "gonka1q6hag67dl53wl99vzg42z8eyzfz2xlkvqkpz3w"),
    "2^255": ((2**255).to_bytes(32, "big"), "gonka1230wy5455jdlrdc5q8c5se4pwpjuhga4h3a8xn"),
    "n-1": (
        bytes.fromhex("fffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140"),
        "gonka14h0ycu78h88wzldxc7e79vhw5xsde0n85evmum",
    ),
    "with a zero byte in front": (
        bytes.fromhex("00b85baff2db3740bbf24e7ff91a97fe1e9a82687063392eada6ec582503db62"),
        "gonka17qgndq7rz5qxsp30986j98j0ufwmujqxxnhguh",
    ),
}
"""Keys of `address.json`, where six implementations agree on their addresses."""
_ADDRESSES: Final = {**ADDRESS_OF, **dict(_EDGE_KEYS.values())}

_Case: TypeAlias = tuple[str, tuple[str, ...], bytes, Scheme, bytes, int, str]
_CASES: Final[tuple[_Case, ...]] = (
    ("K1, B1, raw", ("published",), K1, "raw", B1, TIMESTAMP_NS, PROVIDER),
    ("K1, B1, hash", ("published",), K1, "hash", B1, TIMESTAMP_NS, PROVIDER),
    ("K1, B2, raw", ("published",), K1, "raw", B2, TIMESTAMP_NS, PROVIDER),
    ("K1, B2, hash", ("published",), K1, "hash", B2, TIMESTAMP_NS, PROVIDER),
    ("K2, B1, raw", ("published",), K2, "raw", B1, TIMESTAMP_NS, PROVIDER),
    ("K2, B1, hash", ("published",), K2, "hash", B1, TIMESTAMP_NS, PROVIDER),
    ("K2, B2, raw", ("published",), K2, "raw", B2, TIMESTAMP_NS, PROVIDER),
    ("K2, B2, hash", ("published",), K2, "hash", B2, TIMESTAMP_NS, PROVIDER),
    ("K1, B3, hash", ("published", "unicode"), K1, "hash", B3, TIMESTAMP_NS, PROVIDER),
    ("K1, B4, hash", ("published",), K1, "hash", B4, TIMESTAMP_NS, PROVIDER),
    ("K1, B5, hash", ("published", "empty-body"), K1, "hash", B5, TIMESTAMP_NS, PROVIDER),
    ("K1, B6, hash", ("published", "unicode"), K1, "hash", B6, TIMESTAMP_NS, PROVIDER),
    ("s begins with a zero byte", ("published",), K1, "hash", B2, TIMESTAMP_NS + 139, PROVIDER),
    ("r begins with a zero byte", ("published",), K1, "hash", B2, TIMESTAMP_NS + 405, PROVIDER),
    ("raw with Unicode", ("unicode",), K2, "raw", B3, TIMESTAMP_NS, PROVIDERS[1]),
    ("raw without a body", ("empty-body",), K2, "raw", B5, TIMESTAMP_NS, PROVIDERS[2]),
    ("timestamp 1", ("no-timestamp-padding",), K2, "hash", B2, 1, PROVIDERS[3]),
    *(
        (f"key {name}, {scheme}", ("edge-key",), key, scheme, B2, TIMESTAMP_NS, PROVIDERS[1])
        for name, (key, _) in _EDGE_KEYS.items()
        for scheme in SCHEMES
    ),
)

_SIGNED: Final = record(
    {
        "type": {"const": "signed"},
        "private_key_hex": HEX32,
        "scheme": SCHEME,
        "body_hex": HEX,
        "timestamp_ns": DECIMAL,
        "provider_address": ADDRESS,
        "public_key_hex": HEX33,
        "requester_address": ADDRESS,
        "body_sha256": HEX32,
        "message_hex": HEX,
        "digest": HEX32,
        "low_s_normalised": BOOL,
        "r_hex": HEX32,
        "s_hex": HEX32,
        "signature_hex": HEX64,
        "headers": record(
            {
                "Content-Type": {"const": "application/json"},
                "Authorization": SIGNATURE,
                "X-Requester-Address": ADDRESS,
                "X-Timestamp": DECIMAL,
            }
        ),
    },
    {"body_utf8": TEXT, "message_utf8": TEXT},
)
_BEARER: Final = record(
    {
        "type": {"const": "bearer"},
        "api_key": WORDS,
        "body_hex": HEX,
        "headers": record({"Content-Type": {"const": "application/json"}, "Authorization": WORDS}),
    },
    {"body_utf8": TEXT},
)


def _signed(key: bytes, scheme: Scheme, body: bytes, timestamp_ns: int, provider: str) -> dict[str, Any]:
    values = fields(scheme, body, timestamp_ns, provider)
    digest = bytes.fromhex(values["digest"])
    signature = agreement.signature(key, digest)
    return {
        "type": "signed",
        "private_key_hex": key.hex(),
        "public_key_hex": agreement.public_key(key).hex(),
        "requester_address": _ADDRESSES[key],
        **values,
        "low_s_normalised": agreement.was_high(key, digest),
        "r_hex": signature[:32].hex(),
        "s_hex": signature[32:].hex(),
        "signature_hex": signature.hex(),
        "headers": {
            "Content-Type": "application/json",
            "Authorization": base64.b64encode(signature).decode("ascii"),
            "X-Requester-Address": _ADDRESSES[key],
            "X-Timestamp": values["timestamp_ns"],
        },
    }


def _flags(given: tuple[str, ...], values: dict[str, Any]) -> tuple[str, ...]:
    """Those of the case, and those that the signature earns."""
    earned = {
        "low-s": values["low_s_normalised"],
        "short-r": values["r_hex"].startswith("00"),
        "short-s": values["s_hex"].startswith("00"),
    }
    return (*given, *(flag for flag, holds in earned.items() if holds))


def _vectors() -> Iterator[Vector]:
    for comment, flags, key, scheme, body, timestamp_ns, provider in _CASES:
        values = _signed(key, scheme, body, timestamp_ns, provider)
        yield Vector(comment, _flags(flags, values), values)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {API_KEY}"}
    yield Vector(
        "a request to a broker",
        ("bearer",),
        {"type": "bearer", "api_key": API_KEY, **text_and_hex("body", B2), "headers": headers},
    )


def file() -> VectorFile:
    """The whole file."""
    return VectorFile(
        "headers",
        "the headers of a request, with everything on the way to them",
        FLAGS,
        tuple(_vectors()),
        tuple(agreement.SIGNERS),
        either(_SIGNED, _BEARER),
    )
