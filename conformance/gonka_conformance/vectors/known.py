"""Known answers about keys, addresses, signatures and time, as frozen records."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import Literal, TypeAlias

from gonka_conformance.payloads import rebuild

from .files import vectors_of

Scheme: TypeAlias = Literal["raw", "hash"]
Verdict: TypeAlias = Literal["accept", "reject"]
Freshness: TypeAlias = Literal["ok", "too_old", "in_future"]


@dataclass(frozen=True, slots=True)
class AddressVector:
    """A key (32 bytes), its compressed public key (33 bytes) and its account address."""

    id: str
    private_key: bytes = field(repr=False)
    public_key: bytes
    address: str


@dataclass(frozen=True, slots=True)
class Bech32Vector:
    """A text and whether it is an account address."""

    id: str
    address: str
    expected: Verdict


@dataclass(frozen=True, slots=True)
class KeyFormatVector:
    """A text that somebody might give as a private key; `address` is its account where it is one."""

    id: str
    private_key: str = field(repr=False)
    expected: Verdict
    address: str | None


@dataclass(frozen=True, slots=True)
class SignVector:
    """A request and its deterministic signature, with the values on the way.

    `digest` is SHA-256 of the message, `r` and `s` are 32 bytes big-endian each, `signature` their base64.
    """

    id: str
    category: str
    scheme: Scheme
    private_key: bytes = field(repr=False)
    public_key: bytes
    requester_address: str
    payload: bytes = field(repr=False)
    timestamp_ns: int
    provider_address: str
    digest: bytes
    r: bytes
    s: bytes
    signature: str


@dataclass(frozen=True, slots=True)
class VerifyVector:
    """A request with a signature: the strict verdict, and what a real node does, which is laxer about base64."""

    id: str
    category: str
    reason: str
    scheme: Scheme
    public_key: bytes
    requester_address: str
    payload: bytes = field(repr=False)
    timestamp_ns: int
    provider_address: str
    signature: str
    expected: Verdict
    node: Verdict


@dataclass(frozen=True, slots=True)
class TimestampVector:
    """A block time and a timestamp, in nanoseconds; the window in seconds, 0 for the node's fallback."""

    id: str
    now_ns: int
    timestamp_ns: int
    expiration_s: int
    advance_s: int
    expected: Freshness
    node: Freshness


@cache
def addresses() -> tuple[AddressVector, ...]:
    """`address.json`."""
    return tuple(
        AddressVector(
            id=item["id"],
            private_key=bytes.fromhex(item["private_key_hex"]),
            public_key=bytes.fromhex(item["public_key_hex"]),
            address=item["address"],
        )
        for item in vectors_of("address")
    )


@cache
def bech32() -> tuple[Bech32Vector, ...]:
    """`bech32.json`."""
    return tuple(Bech32Vector(item["id"], item["address"], item["expected"]) for item in vectors_of("bech32"))


@cache
def key_formats() -> tuple[KeyFormatVector, ...]:
    """`keyformat.json`."""
    return tuple(
        KeyFormatVector(item["id"], item["private_key"], item["expected"], item.get("address"))
        for item in vectors_of("keyformat")
    )


@cache
def signatures() -> tuple[SignVector, ...]:
    """`sign.json`. Raises ValueError where a payload cannot be rebuilt."""
    return tuple(
        SignVector(
            id=item["id"],
            category=item["category"],
            scheme=item["scheme"],
            private_key=bytes.fromhex(item["private_key_hex"]),
            public_key=bytes.fromhex(item["public_key_hex"]),
            requester_address=item["requester_address"],
            payload=rebuild(item["payload"]),
            timestamp_ns=int(item["timestamp_ns"]),
            provider_address=item["provider_address"],
            digest=bytes.fromhex(item["message_sha256"]),
            r=bytes.fromhex(item["r_hex"]),
            s=bytes.fromhex(item["s_hex"]),
            signature=item["signature"],
        )
        for item in vectors_of("sign")
    )


@cache
def verifications() -> tuple[VerifyVector, ...]:
    """`verify.json`. Raises ValueError where a payload cannot be rebuilt."""
    return tuple(
        VerifyVector(
            id=item["id"],
            category=item["category"],
            reason=item["reason"],
            scheme=item["scheme"],
            public_key=bytes.fromhex(item["public_key_hex"]),
            requester_address=item["requester_address"],
            payload=rebuild(item["payload"]),
            timestamp_ns=int(item["timestamp_ns"]),
            provider_address=item["provider_address"],
            signature=item["signature"],
            expected=item["expected"],
            node=item["node"],
        )
        for item in vectors_of("verify")
    )


@cache
def timestamps() -> tuple[TimestampVector, ...]:
    """`timestamp.json`."""
    return tuple(
        TimestampVector(
            id=item["id"],
            now_ns=int(item["now_ns"]),
            timestamp_ns=int(item["timestamp_ns"]),
            expiration_s=item["expiration_s"],
            advance_s=item["advance_s"],
            expected=item["expected"],
            node=item["node"],
        )
        for item in vectors_of("timestamp")
    )
