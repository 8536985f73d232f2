"""`message.json`: from body, time and provider to the digest, in both schemes (`protocol.md` §1.2, §1.3)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final, TypeAlias

from gonka_conformance import oracle
from gonka_conformance.vectors import Scheme
from gonka_mock_node.verification import message_digest

from .agreement import agreed
from .outline import Flag, Vector, VectorFile, text_and_hex
from .published import B1, B2, B3, B4, B5, B6, PROVIDER, PROVIDERS, TIMESTAMP_NS
from .schema import DECIMAL, HEX, HEX32, SCHEME, TEXT, record

SCHEMES: Final[tuple[Scheme, ...]] = ("raw", "hash")
FLAGS: Final = {
    "plain": Flag("An ordinary request.", "Parts in another order, or something put between them."),
    "body-hash": Flag(
        "Scheme `hash`: 64 lower-case hex digits of SHA-256 stand for the body, and the whole is hashed again.",
        "The body signed as it is, capital digits, the 32 bytes instead of their digits, one hash instead of two.",
    ),
    "timestamp-omitted": Flag(
        "A timestamp that is not above zero adds nothing.", "`0`, `-1` or an empty string's `null` in the message."
    ),
    "timestamp-edge": Flag(
        "A timestamp that a double or 32 bits cannot hold, or a short one.",
        "Rounding to a multiple of 256 ns, exponents (`1.7e+18`), padding to 19 digits.",
    ),
    "empty-body": Flag("No bytes at all.", "`null`, `{}` or nothing hashed where the hash of no bytes belongs."),
    "empty-address": Flag("No provider address; adds nothing.", "`None` or `undefined` in the message."),
    "other-address": Flag("Another provider, all else alike.", "The address left out, or one that is built in."),
    "utf8": Flag("Characters beyond ASCII.", "Escaping, normalising or re-encoding what is signed."),
    "not-text": Flag("Bytes that are no UTF-8.", "A body that goes through a string on its way to the hash."),
    "line-ends": Flag("Line ends and blanks at the edges.", "Trimming, or translated line ends."),
    "json-spelling": Flag(
        "The same object in another spelling.", "Signing a body that is encoded again rather than the bytes sent."
    ),
    "ambiguous-join": Flag(
        "A body that ends in digits, or looks like a hash.", "A join that guesses where one part ends."
    ),
    "large": Flag("10 KB.", "Buffers of a fixed size, and hashes that are fed in pieces and lose one."),
}

_BIG: Final = b'{"model":"test","messages":[{"role":"user","content":"' + b"gonka " * 1_697 + b'"}]}'
_GZIP: Final = bytes.fromhex(
    "1f8b0800000000000203ab56cacd4f49cd51b2522a492d2e51d251ca4d2d2e4e4c4f2d56b28aae"
    "562acacf49054a9516a71601a592f3f34a52f34a800219a93939f94ab5b1b5004c6dc3b43f000000"
)
"""B2 as gzip, made once: other releases of zlib compress to other bytes."""
_Case: TypeAlias = tuple[str, str, bytes, int, str]
_CASES: Final[tuple[_Case, ...]] = (
    ("chat request", "plain", B1, TIMESTAMP_NS, PROVIDER),
    ("short chat request", "plain", B2, TIMESTAMP_NS, PROVIDER),
    ("completion request", "plain", B4, TIMESTAMP_NS, PROVIDER),
    ("Cyrillic and an emoji in UTF-8", "utf8", B3, TIMESTAMP_NS, PROVIDER),
    ("the same, escaped and with spaces", "json-spelling", B6, TIMESTAMP_NS, PROVIDER),
    ("no body", "empty-body", B5, TIMESTAMP_NS, PROVIDER),
    ("timestamp 0", "timestamp-omitted", B2, 0, PROVIDER),
    ("timestamp -1", "timestamp-omitted", B2, -1, PROVIDER),
    ("timestamp 1", "timestamp-edge", B2, 1, PROVIDER),
    ("a timestamp that no double holds", "timestamp-edge", B2, 1_766_422_712_123_456_789, PROVIDER),
    ("the largest timestamp", "timestamp-edge", B2, 2**63 - 1, PROVIDER),
    ("no provider", "empty-address", B2, TIMESTAMP_NS, ""),
    ("another provider", "other-address", B2, TIMESTAMP_NS, PROVIDERS[1]),
    ("line feed behind the object", "line-ends", B2 + b"\n", TIMESTAMP_NS, PROVIDER),
    ("CRLF and blanks around the object", "line-ends", b" \r\n" + B2 + b"\r\n ", TIMESTAMP_NS, PROVIDER),
    ("byte order mark", "utf8", b"\xef\xbb\xbf" + B2, TIMESTAMP_NS, PROVIDER),
    ("composed and decomposed letters", "utf8", '{"a":"é","b":"e\u0301"}'.encode(), TIMESTAMP_NS, PROVIDER),
    ("line and paragraph separators", "utf8", '{"a":"\u2028\u2029\u0085"}'.encode(), TIMESTAMP_NS, PROVIDER),
    ("bytes that are no text", "not-text", bytes(range(256)), TIMESTAMP_NS, PROVIDER),
    ("a body compressed by the client", "not-text", _GZIP, TIMESTAMP_NS, PROVIDER),
    ("a zero byte", "not-text", b"\x00", TIMESTAMP_NS, PROVIDER),
    ("one digit", "ambiguous-join", b"7", TIMESTAMP_NS, PROVIDER),
    ("digits in front of a short timestamp", "ambiguous-join", b"17664227120000000", 12, PROVIDER),
    ("in scheme raw the message of the one before", "ambiguous-join", b"176642271200000001", 2, PROVIDER),
    ("a body that is a hash in hex", "ambiguous-join", hashlib.sha256(B2).hexdigest().encode(), TIMESTAMP_NS, PROVIDER),
    ("10 KB", "large", _BIG, TIMESTAMP_NS, PROVIDER),
)

_SCHEMA: Final = record(
    {
        "scheme": SCHEME,
        "body_hex": HEX,
        "timestamp_ns": DECIMAL,
        "provider_address": TEXT,
        "body_sha256": HEX32,
        "message_hex": HEX,
        "digest": HEX32,
    },
    {"body_utf8": TEXT, "message_utf8": TEXT},
)


def message(scheme: Scheme, body: bytes, timestamp_ns: int, provider_address: str) -> bytes:
    """The signed bytes, from the text of §1.2 and §1.3."""
    head = {"raw": body, "hash": hashlib.sha256(body).hexdigest().encode("ascii")}[scheme]
    return head + (b"%d" % timestamp_ns if timestamp_ns > 0 else b"") + provider_address.encode("ascii")


DIGESTS: Final[Mapping[str, Callable[[Scheme, bytes, int, str], bytes]]] = {
    "vector_tool": lambda *parts: hashlib.sha256(message(*parts)).digest(),
    "gonka_conformance.oracle": oracle.digest,
    "gonka_mock_node": message_digest,
}
"""Who has to agree on a digest: each builds the message with code of its own."""


def _vectors() -> Iterator[Vector]:
    for scheme in SCHEMES:
        for comment, flag, body, timestamp_ns, provider_address in _CASES:
            flags = (flag, "body-hash") if scheme == "hash" else (flag,)
            yield Vector(f"{scheme}: {comment}", flags, fields(scheme, body, timestamp_ns, provider_address))


def fields(scheme: Scheme, body: bytes, timestamp_ns: int, provider_address: str) -> dict[str, str]:
    """The parts of a message and everything up to the digest."""
    signed = message(scheme, body, timestamp_ns, provider_address)
    digest = agreed({name: make(scheme, body, timestamp_ns, provider_address) for name, make in DIGESTS.items()})
    return {
        "scheme": scheme,
        **text_and_hex("body", body),
        "timestamp_ns": str(timestamp_ns),
        "provider_address": provider_address,
        "body_sha256": hashlib.sha256(body).hexdigest(),
        **text_and_hex("message", signed),
        "digest": digest.hex(),
    }


def file() -> VectorFile:
    """The whole file."""
    return VectorFile(
        "message",
        "the bytes that are signed, and their digest",
        FLAGS,
        tuple(_vectors()),
        tuple(DIGESTS),
        _SCHEMA,
    )
