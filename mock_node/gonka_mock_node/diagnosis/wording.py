"""What each mistake is called, and what to say about it: one sentence on what the client did, one on what to change."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

_SHOWN: Final = 120

_SIGNATURE: Final = {
    "authorization-missing": (
        "The request carries no Authorization header.",
        "Send the signature in it: standard base64 of 64 bytes, without any word in front.",
    ),
    "sdk-fallback": (
        "Authorization holds the text that an SDK for TypeScript sends where signing failed; it ends in part of the "
        "private key.",
        "Treat that key as published and replace it, and update the SDK or sign without it.",
    ),
    "bearer": ("'Bearer' stands in front of the signature.", "Send the base64 of the signature alone."),
    "api-key": (
        "Authorization holds something like an API key, and no signature: this node takes signed requests only.",
        "Sign the request with the key of the account, or send API keys to a gateway or broker.",
    ),
    "authorization-prefix": ("A word stands in front of the signature.", "Send the base64 of the signature alone."),
    "python-bytes": (
        "The signature was printed as a Python bytes literal, b'…'.",
        "Call `.decode()` on the result of `base64.b64encode` before it goes into the header.",
    ),
    "quotes": ("The signature stands in quotes.", "Send it without them."),
    "percent-encoded": (
        "The signature is percent-encoded as for a URL.",
        "Put it into the header as it is, with its +, / and =.",
    ),
    "white-space": ("There is white space within the signature.", "Send base64 in one piece, without line breaks."),
    "0x-prefix": ("'0x' stands in front of the signature.", "Send the base64 of the signature alone."),
    "hex": ("The signature is written in hex.", "Encode its 64 bytes in standard base64, 88 characters."),
    "url-safe": (
        "The signature is in the URL-safe alphabet of base64, with - and _.",
        "Use the standard alphabet, with + and /.",
    ),
    "padding": (
        "The base64 of the signature has not the padding that it needs.",
        "Keep the '=' characters at the end: 64 bytes make 88 characters that end in '=='.",
    ),
    "base64-of-hex": (
        "Base64 was made of the hex digits of the signature rather than of its bytes.",
        "Decode the hex first, then encode the 64 bytes in base64.",
    ),
    "base64-twice": ("The signature was encoded in base64 twice.", "Encode its 64 bytes once."),
    "not-base64": (
        "Authorization holds no base64, so that no signature can be read from it.",
        "Send standard base64 of the 64 bytes r and s, 88 characters that end in '=='.",
    ),
    "signature-length": (
        "Authorization decodes to {size} bytes, where a signature has 64 (a hash or a private key has 32).",
        "Send r and s, 32 bytes each, one behind the other; if a private key was sent, replace it.",
    ),
    "signature-zero": (
        "r or s of the signature is zero, as in a placeholder.",
        "Send the signature that the signer returned.",
    ),
    "der": (
        "The signature is encoded in DER.",
        "Take r and s out of the DER and send them as 32 bytes each, big-endian, left-padded with zeros.",
    ),
    "recovery-id": (
        "The signature has 65 bytes: a recovery id stands in front of r and s or behind them (a zero byte in front may "
        "also be the sign of a big integer).",
        "Send r and s alone, as unsigned numbers of exactly 32 bytes each.",
    ),
    "sign-byte": (
        "r or s has 33 bytes, with a zero byte in front, as big integers of some languages are written.",
        "Write r and s as unsigned numbers of exactly 32 bytes each.",
    ),
    "unpadded": (
        "The signature is too short: r or s lost zeros at its beginning. About one signature in 128 looks like this.",
        "Pad r and s on the left with zeros to 32 bytes each.",
    ),
    "high-s": (
        "s is above n/2, which nodes refuse.",
        "Replace s by n - s where it is above n/2; most libraries call this canonical or low-S.",
    ),
    "halves-swapped": ("s stands in front of r.", "Send r first, then s."),
    "little-endian": ("r and s are written little-endian.", "Write both big-endian."),
    "reversed": ("The bytes of the signature are in reverse order.", "Send r, then s, both big-endian."),
}

_MESSAGE: Final = {
    "other-scheme": (
        "The message was built by the rule of the scheme {other_scheme}; this node verifies {scheme}.",
        "Sign {rule}.",
    ),
    "body-reserialised": (
        "The client signed another JSON text of the same value than it sent: {written}.",
        "Serialise the body once, sign those bytes, and send those bytes.",
    ),
    "body-newline": (
        "Body sent and body signed differ in white space at the beginning or the end, such as a line feed.",
        "Sign exactly the bytes that are sent.",
    ),
    "body-encoding": (
        "The body was signed in another character encoding than it was sent in: {written}.",
        "Sign the bytes that are sent, in UTF-8.",
    ),
    "body-changed": (
        "The body was signed before its field {written} was added.",
        "Sign last: after the client library has completed the body.",
    ),
    "body-part": ("Only a part of the body was signed: {written}.", "Sign the whole body, the bytes that are sent."),
    "body-missing": ("The body is not part of the signed message.", "Sign {rule}."),
    "body-hash-bytes": (
        "The hash of the body was signed as 32 raw bytes rather than as text.",
        "Write the hash in lower-case hex, 64 characters.",
    ),
    "body-hash-upper-case": (
        "The hash of the body was signed in upper-case hex.",
        "Write the hash in lower-case hex, 64 characters.",
    ),
    "body-hash-base64": (
        "The hash of the body was signed in base64.",
        "Write the hash in lower-case hex, 64 characters.",
    ),
    "body-hash-prefix": ("The hash of the body was signed with '0x' in front.", "Write the 64 hex digits alone."),
    "body-hash-function": (
        "The body was hashed with another function than SHA-256.",
        "Hash the body with SHA-256 and write it in lower-case hex.",
    ),
    "only-body-signed": (
        "Only the body was signed: timestamp and provider address are missing from the message.",
        "Sign {rule}.",
    ),
    "order": ("The parts of the message were signed in another order.", "Sign {rule}, in this order."),
    "separators": ("The parts of the message were signed with {separator} between them.", "Put nothing between them."),
    "message-newline": (
        "A line feed was signed behind the provider address, as `echo` or a line of a file brings it.",
        "Put nothing behind the provider address.",
    ),
    "provider-missing": (
        "The provider address is missing from the signed message.",
        "End the message in the address of the node that is called, {provider}.",
    ),
    "provider-of-another-node": (
        "The signed message names another node, {other_provider}, than the one that was called.",
        "Sign anew for each node, with its own address; here it is {provider}.",
    ),
    "provider-is-requester": (
        "The signed message ends in the requester's own address.",
        "End it in the address of the node that is called, {provider}.",
    ),
    "provider-upper-case": ("The provider address was signed in capitals.", "Sign it in small letters: {provider}."),
    "provider-decorated": (
        "The provider address was signed in quotes.",
        "Sign the address alone: {provider}.",
    ),
}

_TIME: Final = {
    "timestamp-missing": (
        "The X-Timestamp header is missing, so that the node verified without a timestamp; it refuses even a right "
        "signature then, as too old.",
        "Send the timestamp that is signed, in nanoseconds since 1970.",
    ),
    "timestamp-decimal": ("X-Timestamp is written with a decimal point.", "Send an integer of nanoseconds since 1970."),
    "timestamp-exponent": (
        "X-Timestamp is written with an exponent.",
        "Write all digits of the nanoseconds since 1970.",
    ),
    "timestamp-iso": ("X-Timestamp is a date.", "Send an integer of nanoseconds since 1970."),
    "timestamp-negative": ("X-Timestamp is negative.", "Send the nanoseconds since 1970, an integer above zero."),
    "timestamp-unusable": (
        "X-Timestamp is no integer above zero of 64 bits, so that the node read none.",
        "Send the nanoseconds since 1970 in decimal digits, nothing else.",
    ),
    "timestamp-not-signed": (
        "The timestamp is missing from the signed message.",
        "Put the value of X-Timestamp between body and provider address.",
    ),
    "timestamp-spelling": (
        "The timestamp was signed as it is spelled in the header; the node signs the plain number.",
        "Write it without a sign and without zeros in front, in both places.",
    ),
    "timestamp-decimal-signed": (
        "The timestamp was signed in seconds with a decimal point, and sent in nanoseconds.",
        "Sign the same integer of nanoseconds that is sent.",
    ),
}

_KEY: Final = {
    "another-key": (
        "The signature was made with the key of {signer}, which is not the account in X-Requester-Address.",
        "Send X-Requester-Address: {signer}, or sign with the key of {requester}.",
    ),
}

_DIGEST: Final = {
    "digest-twice": (
        "The digest was hashed once more.",
        "Hash the message once; give a digest to a function that takes digests, or the message to one that hashes.",
    ),
    "digest-hex": ("The hex text of the digest was signed.", "Sign the 32 bytes of the digest."),
    "not-hashed": (
        "The message was not hashed: its first 32 bytes were signed as if they were the digest.",
        "Sign the SHA-256 of the message.",
    ),
    "cosmos-adr-036": (
        "The message was signed inside a Cosmos ADR-036 document, as `signArbitrary` of wallets does it.",
        "Sign the SHA-256 of the message itself, with the key rather than with the wallet's message dialogue.",
    ),
    "ethereum-personal-sign": (
        "The message was signed inside Ethereum's envelope (personal_sign, EIP-191).",
        "Sign the SHA-256 of the message itself, without the envelope and without Keccak.",
    ),
    "bitcoin-signed-message": (
        "The message was signed inside Bitcoin's envelope for messages.",
        "Sign the SHA-256 of the message itself.",
    ),
}

_FUNCTIONS: Final = {
    "keccak-256": "Keccak-256",
    "sha3-256": "SHA3-256",
    "sha-512": "SHA-512, cut to 32 bytes,",
    "sha-512-256": "SHA-512/256",
    "sha-384": "SHA-384, cut to 32 bytes,",
    "sha-1": "SHA-1, the default of some libraries,",
}


def _of_unit(unit: str) -> dict[str, tuple[str, str]]:
    change = "Use one integer of nanoseconds since 1970, 19 digits, in the header and in the message."
    return {
        f"timestamp-{unit}": (f"The timestamp is in {unit}.", change),
        f"timestamp-{unit}-sent": (f"X-Timestamp is in {unit}; what was signed is not.", change),
        f"timestamp-{unit}-signed": (f"The timestamp was signed in {unit}; X-Timestamp is not.", change),
    }


_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    **_SIGNATURE,
    **_MESSAGE,
    **_TIME,
    **_of_unit("seconds"),
    **_of_unit("milliseconds"),
    **_of_unit("microseconds"),
    **_DIGEST,
    **{
        name: (f"The message was hashed with {function} rather than with SHA-256.", "Use SHA-256, once.")
        for name, function in _FUNCTIONS.items()
    },
    **_KEY,
}
MISTAKES: Final = tuple(_WORDS)
"""The ids of what can be found out from a signature and its message."""


def describe(mistakes: Iterable[str], facts: Mapping[str, str]) -> tuple[str, str]:
    """The explanation and the next step for mistakes that came together."""
    words = tuple(_WORDS[mistake] for mistake in mistakes)
    explained = dict.fromkeys(explanation.format_map(facts) for explanation, _ in words)
    steps = dict.fromkeys(step.format_map(facts) for _, step in words)
    return " ".join(explained), " ".join(steps)


def shown(text: str) -> str:
    """A text of somebody else's, fit for a log: printable ASCII, not too long."""
    printable = "".join(letter for letter in text.encode("ascii", "backslashreplace").decode() if letter.isprintable())
    return printable if len(printable) <= _SHOWN else printable[:_SHOWN] + "…"
