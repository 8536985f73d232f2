"""`categories.json`: what the categories of the known answers have in common, and the bugs that they find.

The known answers are kept as they were given; their vectors carry a category each. This file explains them beside.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gonka_conformance.vectors.files import NAMES, vectors_of

from .outline import GENERATOR, Flag
from .schema import FLAGS as FLAGS_SCHEMA
from .schema import WORDS, Schema, headed, mapping, one_of, record

NAME: Final = "categories"
FORMAT: Final = "gonka-conformance-categories/1"
TITLE: Final = "what the categories of the known answers find"

FLAGS: Final = {
    "ordinary": Flag("An ordinary case.", "Anything that is wrong from the start."),
    "edge-key": Flag("Keys at the edges of the group, or with zero bytes in front.", "Signed numbers, cut-off zeros."),
    "payload-form": Flag("Bodies of every form and length.", "Bodies that are encoded again, trimmed or normalised."),
    "large": Flag("Bodies of a megabyte.", "Buffers of a fixed size; copies of the body."),
    "short-half": Flag("r or s begins with zero bytes.", "Halves that are not padded to 32 bytes."),
    "timestamp-form": Flag("Timestamps in another unit or spelling.", "Signing one text and sending another."),
    "provider-form": Flag("Provider addresses of other kinds.", "An address that is checked or changed on its way."),
    "base64-form": Flag("The header is not standard base64.", "Lenient decoders; `Bearer` in front; hex."),
    "base64-spelling": Flag(
        "Other texts for the same 64 bytes; nodes accept them.",
        "A mock that is stricter than a node, or a client that sends them.",
    ),
    "length": Flag("Another length than 64 bytes.", "Recovery ids, leading zeros, cut-off bytes."),
    "der": Flag("ASN.1 DER instead of r and s.", "A library's default encoding that is sent as it is."),
    "high-s": Flag("s above n/2.", "Signatures that are not normalised: half of them are refused."),
    "low-s-edge": Flag("The largest s that is allowed.", "A comparison that is off by one."),
    "range": Flag("r or s is 0, n or beyond.", "Checks of the range that are left out."),
    "reduced": Flag("r or s plus n: nodes reduce, and accept.", "A mock that is stricter than a node."),
    "unusual-values": Flag("Valid, with very small r or s, or r beyond a reduction.", "Shortcuts in a verifier."),
    "altered": Flag("One bit or one sign differs.", "A verifier that does not verify."),
    "byte-order": Flag("Halves swapped or reversed.", "Little-endian numbers; s before r."),
    "wrong-key": Flag("Signed by another key.", "A key that is not the account's."),
    "other-hash": Flag("Another digest than SHA-256 of the message.", "A signer that hashes by itself, or not at all."),
    "hash-form": Flag("The body's hash in another form.", "Capitals, `0x`, base64, bytes or a second hash."),
    "order": Flag("Parts in another order, or with something between them.", "A message that is built from memory."),
    "address-form": Flag("Another address than the provider's own.", "The requester's address, capitals, none."),
    "body": Flag("Another body than the one that was signed.", "Bodies that are encoded again after signing."),
    "scheme": Flag("Signed in one scheme, verified in the other.", "The wrong scheme for the node's generation."),
    "alphabet": Flag("Characters that bech32 does not have.", "Characters that are skipped or replaced."),
    "case": Flag("Capitals: all of them are allowed, some are not.", "Lowering before looking."),
    "checksum": Flag("A checksum that is wrong, or of bech32m.", "Addresses that are not checked."),
    "prefix": Flag("Another prefix, or none.", "Addresses of operators and of other chains."),
    "blanks": Flag("Blanks around it.", "Trimming what a node does not trim."),
    "account-length": Flag("Accounts of 1 and 32 bytes, and of none.", "A demand for 20 bytes."),
    "padding": Flag("Bits that are left over are not zero.", "A conversion from 5 to 8 bits without its check."),
    "not-bech32": Flag("Hex.", "An account in another spelling."),
    "hex-key": Flag("64 hex digits, with or without `0x`.", "A prefix that is not understood."),
    "key-range": Flag("Keys from 1 to n - 1, and beyond.", "A key of 0 or from n on."),
    "key-length": Flag("62 digits.", "Keys that are padded in silence."),
    "not-hex": Flag("What parsers of numbers take, and other formats.", "`_`, signs and blanks that a parser allows."),
    "window-edge": Flag("At the edge of the window, and a nanosecond beside it.", "Microseconds; < for ≤."),
    "window-far": Flag("Far outside.", "A window that is open to one side."),
    "wrong-unit": Flag("Milliseconds, or a number near 0.", "Another unit than nanoseconds."),
    "wrap": Flag("A difference beyond 64 bits.", "Arithmetic that wraps around."),
}

_OF_SIGN: Final[Mapping[str, str]] = {
    "key": "edge-key",
    "payload": "payload-form",
    "large": "large",
    "short": "short-half",
    "timestamp": "timestamp-form",
    "address": "provider-form",
}
_WORDS: Final[Mapping[str, Mapping[str, str]]] = {
    "address": {"ordinary": "random", "edge-key": "edge"},
    "bech32": {
        "ordinary": "valid",
        "alphabet": "bad-data-char char-b non-ascii nul-inside",
        "case": "mixed-case capital-hrp upper",
        "checksum": "bad-checksum two-swapped bech32m extended truncated",
        "prefix": "other-prefix near-prefix valoper-prefix only-hrp no-separator",
        "blanks": "leading-space trailing-space trailing-newline",
        "account-length": "1-byte 32-byte empty",
        "padding": "pad-nonzero",
        "not-bech32": "hex",
    },
    "keyformat": {
        "hex-key": "hex64 0x-prefix",
        "key-range": "one n-1 all-f",
        "key-length": "hex62",
        "not-hex": "wif-like inner-space minus underscore",
    },
    "timestamp": {
        "ordinary": "equal",
        "window-edge": "past-at-limit past-inside-1ns past-outside-1ns past-outside-1us "
        "future-at-limit future-inside-1ns future-outside-1ns future-outside-1us",
        "window-far": "past-far future-far",
        "wrong-unit": "millis-unit one",
        "wrap": "wrap-edge+1",
    },
    "verify": {
        "ordinary": "control",
        "base64-form": "b64-bearer b64-extrapad b64-inner-space b64-inner-tab b64-leading-space b64-lowercase "
        "b64-nonascii b64-nopad b64-onepad b64-quoted b64-star b64-trailing-garbage b64-trailing-space b64-urlsafe hex",
        "base64-spelling": "b64-inner-newline b64-trailing-bits",
        "length": "length-0 length-32 length-63-head length-63-tail length-65-head length-65-tail "
        "length-65-zero-head length-128",
        "der": "der der-64-bytes der-high-s",
        "high-s": "high-s s-half-plus-1",
        "low-s-edge": "s-half",
        "range": "r-zero s-zero both-zero r-is-n s-is-n s-n-plus-1 r-ff s-ff all-ff one-one",
        "reduced": "r-plus-n s-plus-n",
        "unusual-values": "r-small s-small s-one r-wrapped",
        "altered": "bit-0 bit-7 bit-255 bit-256 bit-300 bit-511 r-negated",
        "byte-order": "little-endian swapped-halves",
        "wrong-key": "wrong-key negated-key",
        "other-hash": "keccak sha512-256 double-sha256 no-final-hash",
        "hash-form": "hash-0x hash-base64 hash-binary hash-twice hash-upper",
        "order": "order-addr-first order-ts-first separator-dot separator-nl",
        "timestamp-form": "timestamp+1 timestamp-1 timestamp-float timestamp-missing timestamp-ms "
        "timestamp-plus-sign timestamp-s timestamp-zero-padded",
        "address-form": "address-missing address-other address-requester address-space address-upper",
        "body": "body-byte body-empty body-newline body-reserialised",
        "scheme": "scheme-mixup",
    },
}
"""The categories of each file by the flag that explains them; those of `sign.json` by what stands before the slash."""


def document() -> dict[str, Any]:
    """The file as JSON values. Raises ValueError for a category without a flag, and for a flag without a category."""
    files = {name: _flags_of(name) for name in NAMES}
    used = {flag for categories in files.values() for flag in categories.values()}
    if used != set(FLAGS):
        raise ValueError(f"{NAME}: flags without explanation or without a category: {sorted(used ^ set(FLAGS))}")
    return {
        "format": FORMAT,
        "file": NAME,
        "title": TITLE,
        "schema": f"{NAME}.schema.json",
        "generator": GENERATOR,
        "flags": {name: {"means": flag.means, "finds": flag.finds} for name, flag in FLAGS.items()},
        "files": files,
    }


def _flags_of(name: str) -> dict[str, str]:
    categories = sorted({vector["category"] for vector in vectors_of(name)})
    if name == "sign":
        return {category: _OF_SIGN[category.partition("/")[0]] for category in categories}
    flags = {category: flag for flag, words in _WORDS[name].items() for category in words.split()}
    if set(flags) != set(categories):
        raise ValueError(f"{NAME}: categories of {name}.json without a flag, or gone: {set(flags) ^ set(categories)}")
    return {category: flags[category] for category in categories}


def schema() -> dict[str, Any]:
    """The schema of the file."""
    each: Schema = mapping(one_of(tuple(FLAGS)))
    members: dict[str, Schema] = {
        "format": {"const": FORMAT},
        "file": {"const": NAME},
        "title": WORDS,
        "schema": {"const": f"{NAME}.schema.json"},
        "generator": {"const": GENERATOR},
        "flags": FLAGS_SCHEMA,
        "files": record(dict.fromkeys(NAMES, each)),
    }
    return headed(NAME, TITLE, record(members))
